package bundle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
)

// The canonical encoding is a magic line and then, in the byte order of their
// paths, the files:
//
//	type    1 byte, see typeCodes
//	path    4 bytes of length, big-endian, and that many bytes
//	data    the same; no data unless the type is regular
//
// There is one encoding for a set of files: lengths have a fixed width, order is
// total, and neither modes nor times are part of it. A change of the format
// changes the magic line, and with it every digest.
const magic = "muster bundle 1\n"

const regular = 'f'

var typeCodes = map[byte]fs.FileMode{
	regular: 0,
	'l':     fs.ModeSymlink,
	'p':     fs.ModeNamedPipe,
	's':     fs.ModeSocket,
	'b':     fs.ModeDevice,
	'c':     fs.ModeDevice | fs.ModeCharDevice,
	'x':     fs.ModeIrregular,
}

func codeOf(t fs.FileMode) (byte, bool) {
	if t == 0 {
		return regular, true
	}
	for code, mode := range typeCodes {
		if mode == t {
			return code, true
		}
	}
	return 0, false
}

// encoder appends files to a canonical encoding. They must come sorted by path.
type encoder struct{ raw []byte }

func newEncoder() *encoder { return &encoder{append(make([]byte, 0, 4096), magic...)} }

func (e *encoder) add(entry Entry) {
	e.header(entry.Path, entry.Type)
	e.raw = append(e.raw, entry.Data...)
	e.closeData(len(entry.Data))
}

// header begins a file of a type that codeOf knows. The data must be appended to raw
// next; closeData then writes its length.
func (e *encoder) header(path string, t fs.FileMode) {
	code, _ := codeOf(t)
	e.raw = append(e.raw, code)
	e.raw = binary.BigEndian.AppendUint32(e.raw, uint32(len(path)))
	e.raw = append(e.raw, path...)
	e.raw = append(e.raw, 0, 0, 0, 0)
}

func (e *encoder) closeData(n int) {
	binary.BigEndian.PutUint32(e.raw[len(e.raw)-n-4:], uint32(n))
}

// bundle ends the encoding. It reads back what was written, which finds bad paths and
// cuts the entries out of the one buffer.
func (e *encoder) bundle() (Bundle, error) {
	if int64(len(e.raw)) > math.MaxUint32 {
		return Bundle{}, fmt.Errorf("bundle of %d bytes is larger than the encoding's 4 GiB: leave files out", len(e.raw))
	}
	entries, err := decode(e.raw)
	if err != nil {
		return Bundle{}, err
	}
	return Bundle{raw: e.raw, entries: entries, digest: digestOf(e.raw)}, nil
}

var errTruncated = errors.New("ends inside a file")

// decode cuts raw into entries, whose data shares raw's memory. It accepts
// canonical encodings only.
func decode(raw []byte) ([]Entry, error) {
	in, ok := bytes.CutPrefix(raw, []byte(magic))
	if !ok {
		return nil, fmt.Errorf("does not begin with %q", magic)
	}
	var entries []Entry
	for len(in) > 0 {
		if len(entries) == MaxFiles {
			return nil, &TooLargeError{Unit: "files", Limit: MaxFiles, Size: MaxFiles + 1}
		}
		mode, known := typeCodes[in[0]]
		if !known {
			return nil, fmt.Errorf("unknown file type %q", in[0])
		}
		path, afterPath, ok := cutField(in[1:])
		if !ok {
			return nil, errTruncated
		}
		data, next, ok := cutField(afterPath)
		if !ok {
			return nil, errTruncated
		}
		if mode != 0 && len(data) > 0 {
			return nil, fmt.Errorf("file %s: data in a file that is not regular", quote(path))
		}
		e := Entry{Path: string(path), Type: mode, Data: data}
		if n := len(entries); n > 0 && entries[n-1].Path > e.Path {
			return nil, fmt.Errorf("file %s: out of order", quote(e.Path))
		}
		entries = append(entries, e)
		in = next
	}
	return entries, checkPaths(entries)
}

// cutField splits a length-prefixed field off in.
func cutField(in []byte) (field, rest []byte, ok bool) {
	if len(in) < 4 {
		return nil, nil, false
	}
	n := uint64(binary.BigEndian.Uint32(in))
	if in = in[4:]; uint64(len(in)) < n {
		return nil, nil, false
	}
	return in[:n:n], in[n:], true
}
