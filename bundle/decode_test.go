package bundle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"

	"github.com/seed306eabeb/muster/id"
)

// Whoever can write to Redis can store an encoding under its own digest: the
// digest alone does not make it one that this package would write.
func TestUnpackAcceptsCanonicalEncodingsOnly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, raw, want string }{
		{"no magic", "", "does not begin"},
		{"another version", "muster bundle 2\n", "does not begin"},
		{"unknown type", magic + "z\x00\x00\x00\x01a\x00\x00\x00\x00", "unknown file type"},
		{"only a type", magic + "f", "ends inside"},
		{"path cut short", magic + "f\x00\x00\x00\x09a", "ends inside"},
		{"no data length", magic + "f\x00\x00\x00\x01a\x00\x00", "ends inside"},
		{"data cut short", magic + "f\x00\x00\x00\x01a\x00\x00\x00\x02x", "ends inside"},
		{"length of 4 GiB", magic + "f\xff\xff\xff\xffa", "ends inside"},
		{"link with data", magic + "l\x00\x00\x00\x01a\x00\x00\x00\x01x", "not regular"},
		{"out of order", magic + "f\x00\x00\x00\x01b\x00\x00\x00\x00f\x00\x00\x00\x01a\x00\x00\x00\x00", "out of order"},
		{"twice", magic + "f\x00\x00\x00\x01a\x00\x00\x00\x00f\x00\x00\x00\x01a\x00\x00\x00\x00", "comes twice"},
		{"leaves the folder", magic + "f\x00\x00\x00\x04../a\x00\x00\x00\x00", "relative path"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			raw := []byte(tt.raw)
			_, err := Unpack(s2.Encode(nil, raw), digestOf(raw), 1<<20)
			if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want ErrMalformed with %q", err, tt.want)
			}
		})
	}
}

func TestUnpackBoundsItsMemory(t *testing.T) {
	const limit = 1 << 20
	honest := s2.Encode(nil, make([]byte, 64<<20))
	size, stated := binary.Uvarint(honest)
	if size != 64<<20 {
		t.Fatalf("a block states %d bytes first: the test needs it to state its size", size)
	}
	lying := append(binary.AppendUvarint(nil, limit/2), honest[stated:]...)
	for _, tt := range []struct {
		name   string
		packed []byte
		want   error
	}{
		{"states its size", honest, ErrTooLarge},
		{"lies about its size", lying, ErrMalformed},
		{"states a size beyond counting", bytes.Repeat([]byte{0xff}, 20), ErrMalformed},
		{"states 4 GiB", binary.AppendUvarint(nil, 1<<32-1), ErrTooLarge},
		{"does not state its size", nil, ErrMalformed},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Unpack(tt.packed, "", limit)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: error = %v, want %v", tt.name, err, tt.want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 8*limit {
			t.Errorf("%s: allocated %d bytes under a limit of %d", tt.name, n, limit)
		}
	}
}

// Bytes within the limit that would be costly to look at: one path of half a
// million folders, and a hundred thousand files.
func TestUnpackBoundsItsWork(t *testing.T) {
	t.Parallel()
	deep := newEncoder()
	deep.add(Entry{Path: strings.Repeat("d/", 1<<19) + "f"})
	many := newEncoder()
	for i := range 100_000 {
		many.add(Entry{Path: fmt.Sprintf("%06d", i)})
	}
	for _, tt := range []struct {
		name string
		raw  []byte
		want string
	}{{"deep", deep.raw, "64 folders deep"}, {"many", many.raw, "at most 10000"}} {
		_, err := Unpack(s2.Encode(nil, tt.raw), digestOf(tt.raw), 4<<20)
		if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), tt.want) {
			t.Fatalf("%s: error = %.200v, want ErrMalformed with %q", tt.name, err, tt.want)
		}
		if n := len(err.Error()); n > 1000 {
			t.Errorf("%s: the error is %d bytes long", tt.name, n)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	for _, entries := range [][]Entry{
		nil,
		{{Path: "manifest.yml", Data: []byte("name: x\n")}, {Path: "t/a.j2"}},
		{{Path: "link", Type: fs.ModeSymlink}},
	} {
		b, err := New(entries)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b.Pack(), false)
		f.Add(b.raw, true)
	}
	f.Add([]byte(magic+"f\x00\x00\x00\x01b\x00\x00\x00\x00f\x00\x00\x00\x01a\x00\x00\x00\x00"), true)
	f.Add([]byte(magic+"f\xff\xff\xff\xff"), true)
	f.Fuzz(func(t *testing.T, data []byte, raw bool) {
		const limit = 1 << 16
		packed, want := data, id.Digest("")
		if raw { // an encoding that is stored under its right digest
			packed, want = s2.Encode(nil, data), digestOf(data)
		}
		b, err := Unpack(packed, want, limit)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrDigest) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("error of no kind: %v", err)
			}
			return
		}
		if b.Size() > limit {
			t.Fatalf("%d bytes under a limit of %d", b.Size(), limit)
		}
		again, err := New(b.entries)
		if err != nil || again.Digest() != want || !bytes.Equal(again.raw, b.raw) {
			t.Fatalf("encoding is not canonical: %q, again %q, %v", b.raw, again.raw, err)
		}
		if err := fs.WalkDir(b.FS(), ".", func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
			t.Fatal(err)
		}
	})
}
