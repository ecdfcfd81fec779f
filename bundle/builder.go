package bundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
)

// Builder makes a bundle of files that are read one by one, in the order of their paths,
// and keeps their bytes nowhere but in the encoding.
type Builder struct {
	dir   string // for messages
	limit int
	out   *encoder
	lent  *[]byte // from spare, nil once it was given back
}

// spare are buffers for encodings that are not complete, as they then get bytes of their own that are no more than
// they need: most are shorter than what is set aside before that is known.
var spare = sync.Pool{New: func() any { return new(make([]byte, 0, 8<<10)) }}

// mostSpare is how long an encoding may be that is copied out of a spare buffer.
const mostSpare = 64 << 10

// NewBuilder makes a builder whose encoding may be up to limit bytes long (see
// Bundle.Size). dir names the folder that is read in what it says.
func NewBuilder(dir string, limit int) *Builder {
	lent := spare.Get().(*[]byte)
	return &Builder{dir: dir, limit: limit, out: &encoder{append((*lent)[:0], magic...)}, lent: lent}
}

// Check returns a *NameError for a path that a bundle cannot hold. Bundle says the same of
// the paths that were added, but does not know the folder.
func (b *Builder) Check(path string) error {
	if reason := badPath(path); reason != "" {
		return &NameError{Dir: b.dir, Path: path, Reason: reason}
	}
	return nil
}

// Irregular adds a file that is not regular, without data. A type that has no place in the
// encoding becomes fs.ModeIrregular.
func (b *Builder) Irregular(path string, t fs.FileMode) error {
	if _, ok := codeOf(t); !ok {
		t = fs.ModeIrregular
	}
	b.out.add(Entry{Path: path, Type: t})
	return b.full()
}

// File adds a regular file. size is only what the file system said: content is read to its
// real end, which must come within the limit. After an error the builder is of no use.
func (b *Builder) File(path string, size int64, content io.Reader) error {
	b.out.header(path, 0)
	if size < 0 || size > int64(b.limit) {
		return b.tooLarge(len(b.out.raw) + int(min(size, int64(b.limit)+1)))
	}
	start := len(b.out.raw)
	for {
		if err := b.full(); err != nil {
			return err
		}
		b.out.raw = slices.Grow(b.out.raw, max(int(size), 0)+512)
		free := b.out.raw[len(b.out.raw):cap(b.out.raw)]
		n, err := content.Read(free[:min(len(free), b.limit-len(b.out.raw)+1)])
		b.out.raw = b.out.raw[:len(b.out.raw)+n]
		size -= int64(n)
		switch {
		case errors.Is(err, io.EOF):
			b.out.closeData(len(b.out.raw) - start)
			return nil
		case err != nil:
			return fmt.Errorf("read folder %q: %w", b.dir, err)
		}
	}
}

// Bundle is what was added. Paths that came out of order, or that cannot be held, are
// errors.
func (b *Builder) Bundle() (Bundle, error) {
	if raw := b.out.raw; b.lent != nil && len(raw) <= mostSpare {
		b.out.raw = slices.Clone(raw)
		*b.lent = raw
		spare.Put(b.lent)
	}
	b.lent = nil
	return b.out.bundle()
}

// full is an error once the encoding is longer than the limit.
func (b *Builder) full() error {
	if len(b.out.raw) > b.limit {
		return b.tooLarge(len(b.out.raw))
	}
	return nil
}

func (b *Builder) tooLarge(size int) error { return &TooLargeError{b.dir, "bytes", b.limit, size} }
