package blob

import (
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/bundle"
)

// TestOf: the names are those that `git hash-object` gives.
func TestOf(t *testing.T) {
	t.Parallel()
	b, err := bundle.New([]bundle.Entry{{Path: "b", Data: []byte("hello\n")}, {Path: "a"}, {Path: "c", Type: fs.ModeSymlink}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		format Format
		a, b   string
	}{
		{SHA1, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "ce013625030ba8dba906f756967f9e9ca394464a"},
		{SHA256, "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813", "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4"},
	} {
		files, err := Of(b, c.format)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]File{{Path: "a", ID: c.a}, {Path: "b", ID: c.b}, {Path: "c", Type: fs.ModeSymlink}}, files); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.format, diff)
		}
		if f, ok := FormatOf(files[0].ID); !ok || f != c.format {
			t.Errorf("a name of %s is read as one of %q", c.format, f)
		}
	}
	if _, err := Of(b, "md5"); err == nil {
		t.Error("an unknown format is no error")
	}
}

func TestNameOf(t *testing.T) {
	t.Parallel()
	sets := [][]File{
		nil,
		{{Path: "a", ID: "1"}},
		{{Path: "a", ID: "2"}},
		{{Path: "b", ID: "1"}},
		{{Path: "a", Type: fs.ModeSymlink}},
		{{Path: "a", ID: "1"}, {Path: "b", ID: "1"}},
		{{Path: "a1", ID: ""}},
	}
	seen := map[Name]int{}
	for i, files := range sets {
		n := NameOf(files)
		if j, twice := seen[n]; twice {
			t.Errorf("%v and %v have one name", sets[j], files)
		}
		seen[n] = i
	}
	some := Select(sets[5], func(path string) bool { return path == "a" })
	if NameOf(some) != NameOf(sets[1]) || len(sets[5]) != 2 {
		t.Errorf("selected %v of %v", some, sets[5])
	}
	if len(Select(sets[5], nil)) != 2 {
		t.Error("a check that says nothing does not read all")
	}
}
