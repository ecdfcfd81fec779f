package reissue

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
)

// TestAccuse: a word for each attempt, "unit@worker", with "!" if the worker is dead; of a
// suspect the unit's name is in capitals, and "A4" is the fourth attempt at A.
func TestAccuse(t *testing.T) {
	t.Parallel()
	for lost, want := range map[string]string{
		"a@w! b@w!":           "a b",
		"A@w!":                "A",
		"A@w! B@w!":           "A B",
		"b@w! A@w!":           "b",   // b was in the worker itself
		"b@w! A@w! C@v!":      "C b", // v had begun nothing but C
		"b@w A@w":             "",    // overdue; nobody died
		"b@w A@v! c@v! D@u!":  "D c",
		"b@w! c@w! A@w! D@w!": "b c",
		"b@w! A3@w! C4@w!":    "C4 b", // C has gone down with four workers
	} {
		var all []loss
		suspects := map[id.Unit]bool{}
		for word := range strings.FieldsSeq(lost) {
			unit, worker, _ := strings.Cut(word, "@")
			worker, died := strings.CutSuffix(worker, "!")
			suspects[id.Unit(unit)] = unit != strings.ToLower(unit)
			number, _ := strconv.Atoi(strings.TrimLeft(unit, "aAbBcCdD"))
			all = append(all, loss{Attempt: ledger.Attempt{Unit: id.Unit(unit), Number: number, Worker: worker}, died: died})
		}
		var accused []string
		first, rest := part(accuse(all, suspects))
		for _, l := range slices.Concat(first, rest) {
			if l.accuses {
				accused = append(accused, string(l.Unit))
			}
		}
		if len(first) > len(suspects) || slices.ContainsFunc(rest, func(l loss) bool { return l.suspect }) {
			t.Errorf("%s: the suspects are %v, the others %v", lost, first, rest)
		}
		if got := strings.Join(accused, " "); got != want {
			t.Errorf("%s: the deaths speak against %q, want %q", lost, got, want)
		}
	}
}
