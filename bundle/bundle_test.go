package bundle_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
)

func file(path, data string) bundle.Entry { return bundle.Entry{Path: path, Data: []byte(data)} }

func build(t testing.TB, entries ...bundle.Entry) bundle.Bundle {
	t.Helper()
	b, err := bundle.New(entries)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// These digests are stored in Redis and in reports: they change only together
// with the magic line of the encoding.
func TestDigestIsAContract(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		entries []bundle.Entry
		want    id.Digest
	}{
		// printf 'muster bundle 1\n' | sha256sum
		{nil, "a983de97f7e06cde264851b45bc1f23cd216a962ebec9ef581aa5e082c58c1f7"},
		// printf 'muster bundle 1\nf\0\0\0\003a/b\0\0\0\002hi' | sha256sum
		{[]bundle.Entry{file("a/b", "hi")}, "d4b6ba934a8a6e58fc5e4348f75c3d01d5491bb20226418d05e1c94f76630ffb"},
	} {
		if got := build(t, tt.entries...).Digest(); got != tt.want {
			t.Errorf("digest of %v = %s, want %s", tt.entries, got, tt.want)
		}
	}
}

func TestDigestTellsBundlesApart(t *testing.T) {
	t.Parallel()
	seen := map[id.Digest]int{}
	for i, entries := range [][]bundle.Entry{
		{},
		{file("a", "")},
		{file("a", "x")},
		{file("b", "x")},
		{file("a", "x"), file("b", "")},
		{file("a", ""), file("b", "x")},
		{file("a/b", "x")},
		{{Path: "a", Type: fs.ModeSymlink}},
		{{Path: "a", Type: fs.ModeNamedPipe}},
	} {
		d := build(t, entries...).Digest()
		if other, ok := seen[d]; ok {
			t.Errorf("bundles %d and %d share the digest %s", other, i, d)
		}
		seen[d] = i
	}
}

func TestDigestIgnoresOrderAndLaterWrites(t *testing.T) {
	t.Parallel()
	entries := []bundle.Entry{file("b", "2"), file("a/c", "1"), file("a-d", "3")}
	first := build(t, entries...)
	slices.Reverse(entries)
	if second := build(t, entries...); second.Digest() != first.Digest() {
		t.Error("the order of the entries changes the digest")
	}
	entries[0].Data[0] = 'X'
	if data, err := fs.ReadFile(first.FS(), "a-d"); err != nil || string(data) != "3" {
		t.Errorf("a-d = %q, %v: the bundle shares its entries' data", data, err)
	}
	if first.Size() <= 3+len("baca-d") || first.Len() != 3 {
		t.Errorf("Size() = %d, Len() = %d", first.Size(), first.Len())
	}
}

func TestNewRefusesPaths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		entries []bundle.Entry
		path    string // that the error names
	}{
		{"empty", []bundle.Entry{file("", "")}, ""},
		{"the folder itself", []bundle.Entry{file(".", "")}, "."},
		{"absolute", []bundle.Entry{file("/etc/passwd", "")}, "/etc/passwd"},
		{"parent", []bundle.Entry{file("../a", "")}, "../a"},
		{"parent inside", []bundle.Entry{file("a/../b", "")}, "a/../b"},
		{"dot inside", []bundle.Entry{file("a/./b", "")}, "a/./b"},
		{"empty element", []bundle.Entry{file("a//b", "")}, "a//b"},
		{"trailing slash", []bundle.Entry{file("a/", "")}, "a/"},
		{"backslash", []bundle.Entry{file(`a\b`, "")}, `a\b`},
		{"NUL", []bundle.Entry{file("a\x00b", "")}, "a\x00b"},
		{"not UTF-8", []bundle.Entry{file("a\xff", "")}, "a\xff"},
		{"65 levels", []bundle.Entry{file(strings.Repeat("d/", 65)+"f", "")}, strings.Repeat("d/", 65) + "f"},
		{"twice", []bundle.Entry{file("a", "1"), file("b", ""), file("a", "2")}, "a"},
		{"file and folder", []bundle.Entry{file("a", ""), file("a-b", ""), file("a/b", "")}, "a"},
		{"file and distant folder", []bundle.Entry{file("a/b", ""), file("a/b/c/d", "")}, "a/b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := bundle.New(tt.entries)
			var bad *bundle.NameError
			if !errors.As(err, &bad) || bad.Path != tt.path {
				t.Errorf("error = %v, want a NameError for %q", err, tt.path)
			}
		})
	}
}

func TestNewRefusesTooManyFiles(t *testing.T) {
	t.Parallel()
	var entries []bundle.Entry
	for i := range 10_000 {
		entries = append(entries, file(fmt.Sprint(i), ""))
	}
	if b, err := bundle.New(entries); err != nil || b.Len() != 10_000 {
		t.Errorf("10,000 files: %d, %v", b.Len(), err)
	}
	if _, err := bundle.New(append(entries, file("one more", ""))); !errors.Is(err, bundle.ErrTooLarge) {
		t.Errorf("10,001 files: error = %v", err)
	}
}

func TestNewRefusesDataWithoutARegularFile(t *testing.T) {
	t.Parallel()
	for _, e := range []bundle.Entry{
		{Path: "link", Type: fs.ModeSymlink, Data: []byte("target")},
		{Path: "folder", Type: fs.ModeDir},
		{Path: "executable", Type: 0o755},
	} {
		if _, err := bundle.New([]bundle.Entry{e}); err == nil || !strings.Contains(err.Error(), e.Path) {
			t.Errorf("%v: error = %v, want one that names the file", e, err)
		}
	}
}

func TestFSKeepsTheContractOfFileSystems(t *testing.T) {
	t.Parallel()
	b := build(t, file("manifest.yml", "name: x\n"), file("templates/deep/er.j2", "{{ x }}"),
		file("templates/a.j2", ""), file("templates-old", "z"), file("tab\tand\nline", "1"))
	if err := fstest.TestFS(b.FS(), "manifest.yml", "templates/deep/er.j2", "templates-old", "tab\tand\nline"); err != nil {
		t.Error(err)
	}
	if err := fstest.TestFS(build(t).FS()); err != nil {
		t.Errorf("empty bundle: %v", err)
	}
}

func TestFSShowsIrregularFilesAndDoesNotOpenThem(t *testing.T) {
	t.Parallel()
	for _, kind := range []fs.FileMode{
		fs.ModeSymlink, fs.ModeNamedPipe, fs.ModeSocket, fs.ModeDevice, fs.ModeDevice | fs.ModeCharDevice, fs.ModeIrregular,
	} {
		b := build(t, bundle.Entry{Path: "d/odd", Type: kind}, file("d/plain", ""))
		list, err := fs.ReadDir(b.FS(), "d")
		if err != nil || len(list) != 2 || list[0].Name() != "odd" || list[0].Type() != kind {
			t.Errorf("%v: listed as %v, %v", kind, list, err)
		}
		if info, err := fs.Stat(b.FS(), "d/odd"); err != nil || info.Mode() != kind || info.Size() != 0 {
			t.Errorf("%v: stat = %v, %v", kind, info, err)
		}
		if _, err := b.FS().Open("d/odd"); !errors.Is(err, bundle.ErrIrregular) {
			t.Errorf("%v: open: %v, want ErrIrregular", kind, err)
		}
		if _, err := fs.ReadFile(b.FS(), "d/odd"); !errors.Is(err, bundle.ErrIrregular) {
			t.Errorf("%v: read: %v, want ErrIrregular", kind, err)
		}
	}
}

func TestFSErrors(t *testing.T) {
	t.Parallel()
	fsys := build(t, file("a/b", "x")).FS()
	for _, name := range []string{"none", "a/none", "a/b/c"} {
		if _, err := fs.Stat(fsys, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("stat %s: %v", name, err)
		}
	}
	for _, name := range []string{"../a", "/a", "a/", ""} {
		if _, err := fs.ReadFile(fsys, name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("read %q: %v", name, err)
		}
	}
	if _, err := fs.ReadDir(fsys, "a/b"); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("readdir of a file: %v", err)
	}
	if _, err := fs.ReadFile(fsys, "a"); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("read of a folder: %v", err)
	}
}

func TestUnpackIsTheInverseOfPack(t *testing.T) {
	t.Parallel()
	for _, b := range []bundle.Bundle{
		build(t),
		build(t, file("a", "")),
		build(t, file("manifest.yml", strings.Repeat("env: {}\n", 400)), bundle.Entry{Path: "odd", Type: fs.ModeSymlink}),
		build(t, file("big", strings.Repeat("0123456789abcdef", 1<<18))),
	} {
		got, err := bundle.Unpack(b.Pack(), b.Digest(), b.Size())
		if err != nil {
			t.Fatal(err)
		}
		if got.Digest() != b.Digest() || got.Size() != b.Size() || got.Len() != b.Len() {
			t.Errorf("unpacked %s (%d bytes), want %s (%d bytes)", got.Digest(), got.Size(), b.Digest(), b.Size())
		}
		if !bytes.Equal(got.Pack(), b.Pack()) {
			t.Error("packing again gives other bytes")
		}
	}
}

func TestUnpackErrors(t *testing.T) {
	t.Parallel()
	b := build(t, file("a", strings.Repeat("x", 1000)))
	packed := b.Pack()
	flipped := bytes.Clone(packed)
	flipped[len(flipped)-1] ^= 1
	for _, tt := range []struct {
		name   string
		packed []byte
		digest id.Digest
		limit  int
		want   error
	}{
		{"another bundle", packed, build(t).Digest(), 1 << 20, bundle.ErrDigest},
		{"no digest", packed, "", 1 << 20, bundle.ErrDigest},
		{"a byte too large", packed, b.Digest(), b.Size() - 1, bundle.ErrTooLarge},
		{"negative limit", packed, b.Digest(), -1, bundle.ErrTooLarge},
		{"nothing", nil, b.Digest(), 1 << 20, bundle.ErrMalformed},
		{"no frame", []byte("muster bundle 1\n"), b.Digest(), 1 << 20, bundle.ErrMalformed},
		{"cut short", packed[:len(packed)-3], b.Digest(), 1 << 20, bundle.ErrMalformed},
		{"a bit flipped", flipped, b.Digest(), 1 << 20, bundle.ErrMalformed},
		{"two frames", append(bytes.Clone(packed), packed...), b.Digest(), 1 << 20, bundle.ErrMalformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := bundle.Unpack(tt.packed, tt.digest, tt.limit); !errors.Is(err, tt.want) {
				t.Errorf("error = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			for j := range 50 {
				b := build(t, file("n", fmt.Sprint(i, j)))
				got, err := bundle.Unpack(b.Pack(), b.Digest(), b.Size())
				if err != nil {
					t.Fatal(err)
				}
				if data, err := fs.ReadFile(got.FS(), "n"); err != nil || string(data) != fmt.Sprint(i, j) {
					t.Fatalf("n = %q, %v", data, err)
				}
			}
		})
	}
}
