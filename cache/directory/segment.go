package directory

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/cache"
)

// A segment is a head, its records, an index of them, and a foot. Numbers are big-endian.
//
//	head    16 bytes: magic
//	record  4 bytes of the minute; one of the length of the place, and that; 32 of the key; the value
//	index   for each record 8 bytes of its prefix and 4 of where it begins, in the order of prefixes,
//	        which is that of the records, too
//	foot    4 bytes of where the index begins, 4 of how many records there are, 8 of the index's
//	        checksum, 8 of magic
//
// A value has no checksum here: it has one of its own.
const (
	magic      = "muster cache 1\r\n"
	footMagic  = "\r\nend 1\n"
	footLength = 4 + 4 + 8 + 8
	indexed    = 8 + 4
	extension  = ".segment"
	unfinished = "unfinished-"
	// readAtOnce is how many bytes of a segment are read together, at the most, and gap how many between
	// two records are read in vain rather than by another call.
	readAtOnce = 1 << 20
	gap        = 4 << 10
	// wholeSegment is how many bytes a segment may have that is read as a whole, once it is asked for more than
	// a record for each so many of its bytes, and for more than a few.
	wholeSegment  = 16 << 20
	bytesPerWhole = 32 << 10
	manyRecords   = 128
)

var errOtherFormat = errors.New("the file is no segment of this version")

// segment is an open one.
type segment struct {
	file  *os.File
	name  string
	bytes int64
	// prefixes are those of the records, sorted, and begins where each begins, with the index at the end.
	prefixes []uint64
	begins   []uint32

	mu    sync.Mutex
	asked int    // records, up to now
	text  []byte // all of a small one that is asked for much
}

// size is how many bytes a record takes, with its place in the index.
func (r *record) size() int { return r.length() + indexed }

func (r *record) length() int { return 4 + 1 + len(r.where) + len(r.key) + len(r.value) }

func (r *record) append(to []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, r.minute)
	to = append(to, byte(len(r.where)))
	to = append(to, r.where...)
	to = append(to, r.key[:]...)
	return append(to, r.value...)
}

// parse reads a record. Its value is a part of the text, and its place the usual one if it has that.
func parse(text []byte, usual string) (r record, ok bool) {
	if len(text) < 5 {
		return r, false
	}
	place := 5 + int(text[4])
	if len(text) < place+len(r.key) {
		return r, false
	}
	if r.where = usual; string(text[5:place]) != usual {
		r.where = string(text[5:place])
	}
	r.minute = binary.BigEndian.Uint32(text)
	rest := text[place:]
	copy(r.key[:], rest)
	r.value = rest[len(r.key):len(rest):len(rest)]
	return r, true
}

// write makes a segment of records that were put down by then, and returns its name. Its bytes need not
// reach the disk at once: where they do not, the foot tells.
func write(dir string, then time.Time, records []record) (name string, err error) {
	type placed struct {
		prefix uint64
		*record
	}
	seeds := map[string]uint64{}
	sorted := make([]placed, len(records))
	for i := range records {
		r := &records[i]
		seed, ok := seeds[r.where]
		if !ok {
			seed = seedOf(r.where)
			seeds[r.where] = seed
		}
		sorted[i] = placed{prefixOf(r.at, seed), r}
	}
	slices.SortFunc(sorted, func(a, b placed) int { return cmp.Compare(a.prefix, b.prefix) })
	// Names sort by age; the rest of one keeps two processes apart.
	name = fmt.Sprintf("%016x-%.8s%s", max(then.UnixNano(), 0), strings.ToLower(rand.Text()), extension)
	temporary := filepath.Join(dir, unfinished+name)
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary))
		}
	}()
	w := bufio.NewWriterSize(file, 256<<10)
	_, _ = w.WriteString(magic) // the error of a bufio.Writer stays until Flush
	index, begin, text := make([]byte, 0, indexed*len(sorted)), len(magic), []byte(nil)
	for _, p := range sorted {
		text = p.append(text[:0])
		index = binary.BigEndian.AppendUint64(index, p.prefix)
		index = binary.BigEndian.AppendUint32(index, uint32(begin))
		_, _ = w.Write(text)
		begin += len(text)
	}
	sum := sha256.Sum256(index)
	_, _ = w.Write(index)
	foot := binary.BigEndian.AppendUint32(nil, uint32(begin))
	foot = binary.BigEndian.AppendUint32(foot, uint32(len(sorted)))
	foot = append(append(foot, sum[:8]...), footMagic...)
	_, _ = w.Write(foot)
	if err := errors.Join(w.Flush(), file.Close()); err != nil {
		return "", err
	}
	return name, os.Rename(temporary, filepath.Join(dir, name))
}

// open opens a segment and reads its index.
func open(dir, name string) (*segment, error) {
	path := filepath.Join(dir, name)
	if info, err := os.Lstat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() { // a pipe would be waited for
		return nil, errOtherFormat
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	g := &segment{file: file, name: name}
	if err := g.readIndex(); err != nil {
		file.Close()
		return nil, err
	}
	return g, nil
}

func (g *segment) readIndex() error {
	info, err := g.file.Stat()
	if err != nil {
		return err
	}
	g.bytes = info.Size()
	head, foot := make([]byte, len(magic)), make([]byte, footLength)
	if g.bytes < int64(len(head)+len(foot)) {
		return errOtherFormat
	}
	_, headErr := g.file.ReadAt(head, 0)
	_, footErr := g.file.ReadAt(foot, g.bytes-footLength)
	if err := errors.Join(headErr, footErr); err != nil {
		return err
	}
	begin, n := int64(binary.BigEndian.Uint32(foot)), int64(binary.BigEndian.Uint32(foot[4:]))
	if string(head) != magic || string(foot[16:]) != footMagic || begin < int64(len(magic)) || begin+n*indexed+footLength != g.bytes {
		return errOtherFormat
	}
	index := make([]byte, n*indexed)
	if _, err := g.file.ReadAt(index, begin); err != nil {
		return err
	}
	if sum := sha256.Sum256(index); !bytes.Equal(sum[:8], foot[8:16]) {
		return errOtherFormat
	}
	g.prefixes, g.begins = make([]uint64, n), make([]uint32, n+1)
	for i := range g.prefixes {
		g.prefixes[i] = binary.BigEndian.Uint64(index[i*indexed:])
		g.begins[i] = binary.BigEndian.Uint32(index[i*indexed+8:])
	}
	g.begins[n] = uint32(begin)
	if !slices.IsSorted(g.begins) {
		return errOtherFormat
	}
	return nil
}

// find tells of those of the keys at these indices that the segment has.
func (g *segment) find(where string, keys []cache.Key, indices []int, tell func(i int, r record)) {
	type candidate struct{ record, i int }
	var found []candidate
	seed := seedOf(where)
	for _, i := range indices {
		prefix := prefixOf(at{where, keys[i]}, seed)
		for n := g.first(prefix); n < len(g.prefixes) && g.prefixes[n] == prefix; n++ {
			found = append(found, candidate{n, i})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Compare(a.record, b.record) })
	whole := g.whole(len(found))
	for len(found) > 0 {
		from, to, n := int64(g.begins[found[0].record]), int64(0), 0
		for ; n < len(found); n++ {
			begin, end := int64(g.begins[found[n].record]), int64(g.begins[found[n].record+1])
			if n > 0 && (begin > to+gap || end > from+readAtOnce) {
				break
			}
			to = end
		}
		text, err := []byte(nil), error(nil)
		if whole != nil {
			text = whole[from:to]
		} else {
			text = make([]byte, to-from)
			_, err = g.file.ReadAt(text, from)
		}
		if err == nil {
			for _, c := range found[:n] {
				r, ok := parse(text[int64(g.begins[c.record])-from:int64(g.begins[c.record+1])-from], where)
				if ok && r.where == where && r.key == keys[c.i] {
					tell(c.i, r)
				}
			}
		}
		found = found[n:]
	}
}

// whole is all of a segment that is not large, once so many records of it are asked for that reading them one
// by one costs more; nil before.
func (g *segment) whole(more int) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked += more
	if g.text == nil && g.asked > manyRecords && g.bytes <= min(wholeSegment, int64(g.asked)*bytesPerWhole) {
		text := make([]byte, g.begins[len(g.prefixes)])
		if _, err := g.file.ReadAt(text, 0); err == nil {
			g.text = text
		}
	}
	return g.text
}

// first is the place of the first record whose prefix is not below one. Prefixes are even, so that it is near
// where it would be if they were all as far apart.
func (g *segment) first(prefix uint64) int {
	n := len(g.prefixes)
	guess := int(uint64(n) * (prefix >> 32) >> 32)
	from, to := max(guess-64, 0), min(guess+64, n)
	if from > 0 && g.prefixes[from-1] >= prefix {
		from = 0
	}
	if to < n && g.prefixes[to] < prefix {
		to = n
	}
	return from + sort.Search(to-from, func(i int) bool { return g.prefixes[from+i] >= prefix })
}

// each tells of all records, in batches that are read together, until it returns false.
func (g *segment) each(tell func(r record) bool) {
	for n := 0; n < len(g.prefixes); {
		from, end := g.begins[n], n+1
		for end < len(g.prefixes) && g.begins[end+1]-from <= readAtOnce {
			end++
		}
		text := make([]byte, g.begins[end]-from)
		if _, err := g.file.ReadAt(text, int64(from)); err != nil {
			return
		}
		for ; n < end; n++ {
			if r, ok := parse(text[g.begins[n]-from:g.begins[n+1]-from], ""); ok && !tell(r) {
				return
			}
		}
	}
}
