package history

import (
	"errors"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/test/genhistory"
)

// TestRepositoriesStayWhatTheyAre: a few edits alone leave what units share with mistakes, and the
// next one mends it.
func TestRepositoriesStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			r, err := genhistory.New(genhistory.Options{Dialect: d, Units: inEach, Seed: 9})
			if err != nil {
				t.Fatal(err)
			}
			dir, laid, mistaken := t.TempDir(), genhistory.Tree(nil), 0
			for range 60 {
				e := r.Edit()
				if err := genhistory.Lay(dir, laid, r.Tree()); err != nil {
					t.Fatal(err)
				}
				laid = r.Tree()
				f, err := open(t.Context(), dir, settings{limit: time.Minute})
				switch {
				case errors.Is(err, errNothing):
					if mistaken++; mistaken > 1 {
						t.Fatalf("%v: still %v", e, err)
					}
				case err != nil:
					t.Fatalf("%v: %v", e, err)
				default:
					mistaken = 0
					closed(t, f)
				}
			}
		})
	}
}
