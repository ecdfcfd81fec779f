package gate

import (
	"slices"
	"testing"
)

func TestNewMarks(t *testing.T) {
	t.Parallel()
	const before = `name: shop
# muster:ignore M101 it was so
replicas: 1
env:
  A: 1 # muster:ignore M304 legacy
  B: 2
other:
  A: 1
`
	for _, tt := range []struct {
		name, now string
		want      []int
	}{
		{"nothing", before, nil},
		{"lines above, and a value under a mark", "x: 1\n\nname: shop\n# muster:ignore M101 it was so\nreplicas: 7\nenv:\n  A: 9 # muster:ignore  M304   legacy\n", nil},
		{"line ends of another system", "# muster:ignore M101 it was so\r\nreplicas: 1\r\n", nil},
		{"a mark more", before + "z: 1 # muster:ignore M1 mine\n", []int{9}},
		{"another rule", "# muster:ignore M102 it was so\nreplicas: 1\n", []int{1}},
		{"another reason", "# muster:ignore M101 it is so\nreplicas: 1\n", []int{1}},
		{"a later day", "# muster:ignore M101 it was so until=2030-01-01\nreplicas: 1\n", []int{1}},
		{"at another key", "# muster:ignore M101 it was so\nname: shop\n", []int{1}},
		{"at the same key of another one", "other:\n  A: 1 # muster:ignore M304 legacy\n", []int{2}},
		{"twice", "# muster:ignore M101 it was so\nreplicas: 1\n# muster:ignore M101 it was so\nreplicas: 1\n", []int{3}},
		{"of the whole file", "# muster:ignore-file M304 legacy\nenv:\n  A: 1\n", []int{1}},
		{"at the end", "a: 1\n# muster:ignore M101 it was so", []int{2}},
		{"two above each other", "# muster:ignore M101 it was so\n# muster:ignore M5 mine\nreplicas: 1\n", []int{2}},
		{"in a comment of another kind", `{"replicas": 1, // muster:ignore M5 mine` + "\n", []int{1}},
	} {
		if got := newOnes(marksIn([]byte(before)), marksIn([]byte(tt.now))); !slices.Equal(got, tt.want) {
			t.Errorf("%s: new in lines %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestItemsOfLists: an item is known by what it says.
func TestItemsOfLists(t *testing.T) {
	t.Parallel()
	const before = "workers:\n- name: a\n  # muster:ignore M1 old\n  replicas: 1\n- name: b\n  replicas: 1\n"
	for _, tt := range []struct {
		name, now string
		want      []int
	}{
		{"an item above", "workers:\n- name: 0\n- name: a\n  # muster:ignore M1 old\n  replicas: 1\n", nil},
		{"in another item", "workers:\n- name: a\n  replicas: 1\n- name: b\n  # muster:ignore M1 old\n  replicas: 1\n", []int{5}},
		{"in the same item of another list", "workers:\n- name: b\nothers:\n- name: a\n  # muster:ignore M1 old\n  replicas: 1\n", []int{5}},
	} {
		if got := newOnes(marksIn([]byte(before)), marksIn([]byte(tt.now))); !slices.Equal(got, tt.want) {
			t.Errorf("%s: new in lines %v, want %v", tt.name, got, tt.want)
		}
	}
}

// FuzzMarks: nothing is new in a text that is the same, and no text is too much.
func FuzzMarks(f *testing.F) {
	f.Add("a: 1 # muster:ignore x y\nb:\n  - c: muster:ignore-file z\n")
	f.Fuzz(func(t *testing.T, text string) {
		marks := marksIn([]byte(text))
		if got := newOnes(marksIn([]byte(text)), slices.Clone(marks)); len(got) > 0 {
			t.Errorf("new in lines %v", got)
		}
		if got := newOnes(nil, marks); len(got) != len(marks) {
			t.Errorf("%d are new of %d", len(got), len(marks))
		}
	})
}
