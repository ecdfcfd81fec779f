package directory

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/cache"
)

// TestARecordOfAnyBytes: none of them, wherever it stands in a record, ends more than that record.
func TestARecordOfAnyBytes(t *testing.T) {
	t.Parallel()
	whole := record{at{"verdict/main", cache.Key{1}}, 1, bytes.Repeat([]byte("x"), 400)}
	for i := range 5 {
		for b := range 256 {
			text := whole.append(nil)
			text[i] = byte(b)
			r, ok := parse(text, "")
			if want := i < 4 || b+5+len(whole.key) <= len(text); ok != want || ok && r.length() != len(text) {
				t.Errorf("with %d at %d it is of %d bytes, %t", b, i, r.length(), ok)
			}
		}
	}
}

// FuzzSegment: whatever stands in a segment, looking into it ends, and finds what is its own or nothing. The
// checksum of the index is made right, for it would keep all else from being looked at.
func FuzzSegment(f *testing.F) {
	dir := f.TempDir()
	key := cache.Key{1, 2, 3}
	name, err := write(dir, time.Now(), []record{{at{"verdict/main", key}, 1 << 20, []byte("value")}, {at{"content/pr", cache.Key{9}}, 1 << 24, nil}})
	if err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Fuzz(func(t *testing.T, data []byte) {
		data = bytes.Clone(data)
		if n := len(data) - footLength; n >= 0 {
			if begin := int(binary.BigEndian.Uint32(data[n:])); begin <= n {
				sum := sha256.Sum256(data[begin:n])
				copy(data[n+8:], sum[:8])
			}
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir, Options{ReadOnly: true, Life: 1 << 62})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		values, err := s.Get(t.Context(), cache.Verdicts, "main", []cache.Key{key, {}, {0xff}})
		if err != nil || values[0] != nil && !bytes.Contains(data, values[0]) {
			t.Errorf("Get = %q, %v", values, err)
		}
		if err := s.Each(t.Context(), func(f cache.Found) error {
			if !bytes.Contains(data, f.Value) {
				t.Errorf("there is %q, which nobody has written", f.Value)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
}
