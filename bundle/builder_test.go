package bundle_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/seed306eabeb/muster/bundle"
)

// TestBuilderMakesTheBundleOfItsFiles, whatever size they were said to have.
func TestBuilderMakesTheBundleOfItsFiles(t *testing.T) {
	t.Parallel()
	want := build(t, file("a", ""), file("b/c", strings.Repeat("x", 3000)), bundle.Entry{Path: "l", Type: fs.ModeSymlink}, bundle.Entry{Path: "x", Type: fs.ModeIrregular})
	for _, size := range []int64{0, 1, 3000, 4000} {
		b := bundle.NewBuilder("dir", 1<<20)
		err := errors.Join(b.File("a", 0, strings.NewReader("")), b.File("b/c", size, iotest.HalfReader(strings.NewReader(strings.Repeat("x", 3000)))),
			b.Irregular("l", fs.ModeSymlink), b.Irregular("x", fs.ModeDir))
		got, built := b.Bundle()
		if err != nil || built != nil || got.Digest() != want.Digest() {
			t.Errorf("said to have %d bytes: %v, %v, digest %s, want %s", size, err, built, got.Digest(), want.Digest())
		}
	}
}

// TestBundlesOutliveTheirBuilders: many of them, made at once, of all sizes, have their bytes for themselves.
func TestBundlesOutliveTheirBuilders(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			made := map[string]bundle.Bundle{}
			for i := range 100 {
				text := strings.Repeat(fmt.Sprintf("%d of %d,", i, g), 1+i*i*i/100)
				b := bundle.NewBuilder("dir", 1<<20)
				err := b.File("a", int64(len(text)), strings.NewReader(text))
				got, built := b.Bundle()
				if again, twice := b.Bundle(); err != nil || built != nil || twice != nil || again.Digest() != got.Digest() {
					t.Errorf("%d bytes: %v, %v, %v", len(text), err, built, twice)
				}
				made[text] = got
			}
			for text, b := range made {
				want, err := bundle.New([]bundle.Entry{{Path: "a", Data: []byte(text)}})
				if err != nil || !bytes.Equal(b.Pack(), want.Pack()) || b.Digest() != want.Digest() {
					t.Errorf("the bundle of %d bytes is another one: %v", len(text), err)
				}
			}
		})
	}
	all.Wait()
}

func TestBuilderKeepsWithinItsLimit(t *testing.T) {
	t.Parallel()
	size := build(t, file("a", "12345")).Size()
	for limit, fits := range map[int]bool{size: true, size - 1: false} {
		err := bundle.NewBuilder("dir", limit).File("a", 0, strings.NewReader("12345"))
		large := (*bundle.TooLargeError)(nil)
		if (err == nil) != fits || !fits && (!errors.As(err, &large) || large.Dir != "dir" || large.Limit != limit || large.Size <= limit) {
			t.Errorf("%d bytes within %d: %v", size, limit, err)
		}
	}
	if err := bundle.NewBuilder("dir", 100).File("a", 1<<40, strings.NewReader("")); !errors.Is(err, bundle.ErrTooLarge) {
		t.Errorf("a file that is said to be huge: %v", err)
	}
}

func TestBuilderRefuses(t *testing.T) {
	t.Parallel()
	bad := (*bundle.NameError)(nil)
	if err := bundle.NewBuilder("dir", 100).Check(`a\b`); !errors.As(err, &bad) || bad.Dir != "dir" || bad.Path != `a\b` {
		t.Errorf("a backslash in a name: %v", err)
	}
	b := bundle.NewBuilder("dir", 100)
	if err := errors.Join(b.File("b", 0, strings.NewReader("")), b.File("a", 0, strings.NewReader(""))); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Bundle(); err == nil || !strings.Contains(err.Error(), "out of order") {
		t.Errorf("files out of order: %v", err)
	}
	broken := errors.New("broken")
	if err := bundle.NewBuilder("dir", 100).File("a", 0, iotest.ErrReader(broken)); !errors.Is(err, broken) || !strings.Contains(err.Error(), "dir") {
		t.Errorf("a file that cannot be read: %v", err)
	}
}
