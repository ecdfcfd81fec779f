package bundle

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// What Unpack may find wrong.
var (
	ErrMalformed = errors.New("malformed bundle")
	ErrDigest    = errors.New("bundle does not have the digest it is stored under")
	ErrTooLarge  = errors.New("bundle is too large")
)

// The coders work on whole buffers and may be shared: each call takes one of
// GOMAXPROCS states and gives it back.
var (
	compressor = sync.OnceValue(func() *zstd.Encoder {
		return must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithLowerEncoderMem(true),
			zstd.WithSingleSegment(true))) // which states the size, also a small one
	})
	decompressor = sync.OnceValue(func() *zstd.Decoder {
		return must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)),
			zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true)))
	})
)

// must is for options that are constants.
func must[T any](v T, err error) T {
	if err != nil {
		panic("bundle: " + err.Error())
	}
	return v
}

// Pack is the canonical encoding as one zstd frame. Its bytes may differ between
// versions of this program: only the digest names a bundle.
func (b Bundle) Pack() []byte {
	return compressor().EncodeAll(b.raw, make([]byte, 0, len(b.raw)/2+64))
}

// Unpack is the inverse of Pack, for bytes that nobody vouches for. It trusts
// the bundle only when the digest of what it decompressed is want, and allocates
// for its contents at most limit bytes (see Bundle.Size), however much the frame
// promises or holds. Errors wrap ErrMalformed, ErrDigest or ErrTooLarge.
func Unpack(packed []byte, want Digest, limit int) (Bundle, error) {
	raw, err := decompress(packed, limit)
	if err != nil {
		return Bundle{}, err
	}
	got := digestOf(raw)
	if got != want {
		return Bundle{}, fmt.Errorf("%w: want %s, got %s", ErrDigest, want, got)
	}
	entries, err := decode(raw)
	if err != nil {
		return Bundle{}, fmt.Errorf("%w %s: %w", ErrMalformed, want, err)
	}
	return Bundle{raw: raw, entries: entries, digest: got}, nil
}

func decompress(packed []byte, limit int) ([]byte, error) {
	var h zstd.Header
	if err := h.Decode(packed); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if h.Skippable || !h.HasFCS {
		return nil, fmt.Errorf("%w: the frame does not state its size", ErrMalformed)
	}
	if limit < 0 || h.FrameContentSize > uint64(limit) {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrTooLarge, h.FrameContentSize, limit)
	}
	raw, err := decompressor().DecodeAll(packed, make([]byte, 0, h.FrameContentSize))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return raw, nil
}
