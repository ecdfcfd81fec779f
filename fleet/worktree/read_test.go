package worktree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/seed306eabeb/muster/bundle"
)

// folder makes files below a new root; a value of "->x" makes a symbolic link to
// x, "|" a named pipe.
func folder(t testing.TB, files map[string]string) *os.Root {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := put(p, content); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func put(p, content string) error {
	if target, ok := strings.CutPrefix(content, "->"); ok {
		return os.Symlink(target, p)
	}
	if content == "|" {
		return syscall.Mkfifo(p, 0o644)
	}
	return os.WriteFile(p, []byte(content), 0o644)
}

func all(string) bool { return true }

// contents lists a bundle as "path=data", or "path" and its type.
func contents(t testing.TB, b bundle.Bundle) []string {
	t.Helper()
	var list []string
	err := fs.WalkDir(b.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case d.Type() != 0:
			list = append(list, p+" "+d.Type().String())
			return nil
		}
		data, err := fs.ReadFile(b.FS(), p)
		list = append(list, p+"="+string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestRead(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{
		"services/a/manifest.yml":    "name: a",
		"services/a/empty.yml":       "",
		"services/a/notes.txt":       "not kept",
		"services/a/templates/x.j2":  "{{ x }}",
		"services/a/templates/y.md":  "not kept",
		"services/a/t/deep/er/z.j2":  "z",
		"services/a/out.yml":         "->../b/manifest.yml",
		"services/a/pipe.yml":        "|",
		"services/a/linked":          "->templates",
		"services/a/line\nbreak.yml": "odd",
		"services/b/manifest.yml":    "name: b",
	})
	keep := func(p string) bool { return strings.HasSuffix(p, ".yml") || strings.HasSuffix(p, ".j2") }
	b, err := readFolder(root, "services/a", keep, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"empty.yml=", "line\nbreak.yml=odd", "manifest.yml=name: a", "out.yml L---------", "pipe.yml p---------",
		"t/deep/er/z.j2=z", "templates/x.j2={{ x }}",
	}
	if got := contents(t, b); !slices.Equal(got, want) {
		t.Errorf("bundle holds\n%q, want\n%q", got, want)
	}
}

// TestParentReadsAsRead: a parent reads plain folders in a quicker way, which nothing but
// time shows.
func TestParentReadsAsRead(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{
		"services/plain/manifest.yml": "name: plain", "services/plain/b.j2": strings.Repeat("b", 10_000), "services/plain/README.md": "not kept",
		"services/wide/none.md": "", "services/deep/a.yml": "a", "services/deep/sub/b.yml": "b", "services/empty/keep.md": "",
		"services/link.yml/a.yml": "->../plain/manifest.yml", "services/unread/x.md": "->../../outside", "services/pipe/p.yml": "|",
		"services/linked": "->plain", "services/file": "f", "services/odd/a\\b.yml": "", "services/worse/a\xff.yml": "",
	})
	for i := range 300 {
		put(filepath.Join(root.Name(), fmt.Sprintf("services/wide/%03d.yml", i)), "x")
	}
	keep := func(p string) bool { return !strings.HasSuffix(p, ".md") }
	p := openParent(root, "services")
	defer p.close()
	for _, name := range []string{"plain", "wide", "deep", "empty", "link.yml", "unread", "pipe", "linked", "file", "odd", "worse", "absent", "deep/sub"} {
		for _, limit := range []int{20, 50, 1 << 20} {
			got, gotErr := p.read(name, keep, limit, nil)
			want, wantErr := readFolder(root, "services/"+name, keep, limit)
			if got.Digest() != want.Digest() || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Errorf("%s within %d: %q, %v; want %q, %v", name, limit, got.Digest(), gotErr, want.Digest(), wantErr)
			}
		}
	}
	nobody := openParent(root, "nosuch")
	if _, err := nobody.read("a", keep, 1, nil); !errors.Is(err, fs.ErrNotExist) || nobody.close() != nil {
		t.Errorf("below a folder that is not there: %v", err)
	}
}

func TestReadGivesTheDigestOfItsEntries(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{"a/b/c": "1", "a/b-c": "2", "a/z": strings.Repeat("3", 100_000)})
	b, err := readFolder(root, "a", all, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	want, err := bundle.New([]bundle.Entry{{Path: "b/c", Data: []byte("1")}, {Path: "b-c", Data: []byte("2")}, {Path: "z", Data: []byte(strings.Repeat("3", 100_000))}})
	if err != nil {
		t.Fatal(err)
	}
	if b.Digest() != want.Digest() {
		t.Errorf("digest %s, want %s", b.Digest(), want.Digest())
	}
}

func TestReadOfOtherThings(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{"real/f": "", "link": "->real", "file": "", "pipe": "|"})
	for _, tt := range []struct {
		dir  string
		want error
		says string
	}{
		{"none", fs.ErrNotExist, "none"},
		{"link", syscall.ENOTDIR, "symbolic link"},
		{"file", syscall.ENOTDIR, "a plain file"},
		{"pipe", syscall.ENOTDIR, "a named pipe"},
	} {
		_, err := readFolder(root, tt.dir, all, 1<<20)
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: error = %v, want %v", tt.dir, err, tt.want)
		}
	}
}

func TestReadLimitIsExact(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{"d/a": strings.Repeat("x", 700), "d/b": strings.Repeat("y", 300)})
	whole, err := readFolder(root, "d", all, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := readFolder(root, "d", all, whole.Size()); err != nil || b.Digest() != whole.Digest() {
		t.Errorf("under its own size as limit: %v", err)
	}
	for limit := range whole.Size() {
		_, err := readFolder(root, "d", all, limit)
		var large *bundle.TooLargeError
		if !errors.As(err, &large) || large.Dir != "d" || large.Limit != limit || large.Size <= limit || large.Unit != "bytes" {
			t.Fatalf("limit %d: error = %v", limit, err)
		}
		if !errors.Is(err, bundle.ErrTooLarge) {
			t.Fatalf("%v does not wrap ErrTooLarge", err)
		}
	}
}

func TestReadBoundsLevels(t *testing.T) {
	t.Parallel()
	var large *bundle.TooLargeError
	deep := folder(t, map[string]string{strings.Repeat("d/", 64) + "f": "", strings.Repeat("e/", 63) + "f": ""})
	if _, err := readFolder(deep, ".", all, 1<<20); err != nil {
		t.Errorf("64 levels: error = %v", err)
	}
	deeper := folder(t, map[string]string{strings.Repeat("d/", 65) + "f": ""})
	if _, err := readFolder(deeper, ".", all, 1<<20); !errors.As(err, &large) || large.Unit != "levels" || large.Limit != 64 {
		t.Errorf("65 levels: error = %v", err)
	}
}

// A name that no report can show is not dropped in silence.
func TestReadNamesABadName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a\xff.yml", `a\b.yml`} {
		root := folder(t, map[string]string{"svc/" + name: ""})
		_, err := readFolder(root, "svc", all, 1<<20)
		var bad *bundle.NameError
		if !errors.As(err, &bad) || bad.Dir != "svc" || bad.Path != name {
			t.Errorf("%q: error = %v", name, err)
		}
	}
}

// While a writer appends, replaces and removes, a reader sees an error or a
// bundle within the limit whose digest is that of what it holds.
func TestReadWhileTheFolderChanges(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	root := folder(t, map[string]string{"d/grows": "", "d/swaps": "x"})
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() { disturb(root.Name(), stop) })
	defer writer.Wait()
	defer close(stop)
	p := openParent(root, ".")
	defer p.close()
	for i := range 1000 {
		b, err := p.read("d", all, limit, nil)
		if i%2 == 0 {
			b, err = readFolder(root, "d", all, limit)
		}
		if err != nil {
			continue
		}
		if b.Size() > limit {
			t.Fatalf("%d bytes under a limit of %d", b.Size(), limit)
		}
		if _, err := bundle.Unpack(b.Pack(), b.Digest(), limit); err != nil {
			t.Fatal(err)
		}
	}
}

// disturb changes the files of d until stop is closed; its own errors do not
// matter.
func disturb(dir string, stop <-chan struct{}) {
	grows, swaps := filepath.Join(dir, "d/grows"), filepath.Join(dir, "d/swaps")
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		if f, err := os.OpenFile(grows, os.O_APPEND|os.O_WRONLY, 0); err == nil {
			f.WriteString(strings.Repeat("g", 1000))
			f.Close()
		}
		if i%100 == 0 {
			os.Truncate(grows, 0)
		}
		os.Remove(swaps)
		put(swaps, []string{"x", "|", "->grows", "->../../outside"}[i%4])
	}
}

func TestReadPaths(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{
		"shipcat.conf":        "c",
		"teams.yml":           "t",
		"templates/a.j2":      "a",
		"templates/sub/b.j2":  "b",
		"templates/README.md": "not kept",
		"services/x/a.j2":     "not asked for",
		"linked":              "->templates",
	})
	keep := func(p string) bool { return !strings.HasSuffix(p, ".md") }
	b, err := readPaths(root, []string{"templates", "teams.yml", "absent", "shipcat.conf", "linked", "templates/sub", "teams.yml"}, nil, keep, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"linked L---------", "shipcat.conf=c", "teams.yml=t", "templates/a.j2=a", "templates/sub/b.j2=b"}
	if got := contents(t, b); !slices.Equal(got, want) {
		t.Errorf("bundle holds\n%q, want\n%q", got, want)
	}
	if _, err := readPaths(root, []string{"../x"}, nil, keep, 1<<20); err == nil {
		t.Error("a path outside the root was read")
	}
	var large *bundle.TooLargeError
	if _, err := readPaths(root, []string{"templates"}, nil, keep, 20); !errors.As(err, &large) {
		t.Errorf("over the limit: %v", err)
	}
}

// BenchmarkFolder is what an enqueuer does for one small unit.
func BenchmarkFolder(b *testing.B) {
	root := folder(b, map[string]string{
		"services/pay/manifest.yml":   strings.Repeat("name: pay\nregions: [dev-uk, prod-uk]\nenv:\n  LOG_LEVEL: info\n", 20),
		"services/pay/dev-uk.yml":     strings.Repeat("  KEY_OF_DEV: value of dev\n", 20),
		"services/pay/config.ini.j2":  strings.Repeat("key = {{ env.KEY }}\n", 30),
		"services/pay/notes/read.txt": "not kept",
	})
	keep := func(p string) bool { return strings.HasSuffix(p, ".yml") || strings.HasSuffix(p, ".j2") }
	read, err := readFolder(root, "services/pay", keep, 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d bytes, packed %d", read.Size(), len(read.Pack()))
	packed := read.Pack()
	b.Run("Read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := readFolder(root, "services/pay", keep, 1<<20); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Pack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read.Pack()
		}
	})
	b.Run("Unpack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := bundle.Unpack(packed, read.Digest(), 1<<20); err != nil {
				b.Fatal(err)
			}
		}
	})
}
