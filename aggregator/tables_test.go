package aggregator

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
)

func TestWordsKeepEachTextOnce(t *testing.T) {
	t.Parallel()
	w := newInterner(&arena{})
	texts := []string{"", "\x00", strings.Repeat("long", arenaChunk)}
	for i := range 5000 {
		texts = append(texts, fmt.Sprintf("text %d", i))
	}
	for range 2 {
		for i, text := range texts {
			if id := w.id(text); id != uint32(i) || w.at(id) != text {
				t.Fatalf("%.20q is number %d, want %d, and is kept as %.20q", text, id, i, w.at(id))
			}
		}
	}
	if id, ok := w.lookup("absent"); ok {
		t.Errorf("a text that was never given has number %d", id)
	}
	if id, ok := w.lookup("text 7"); !ok || w.at(id) != "text 7" {
		t.Errorf("a text that was given is not found")
	}
}

func TestArenaKeepsTextsApart(t *testing.T) {
	t.Parallel()
	var a arena
	var want, got []string
	for i := range 3 * arenaChunk / 100 {
		text := strings.Repeat(string(rune('a'+i%26)), i%200)
		want, got = append(want, text), append(got, a.keep(text))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts (-given +kept):\n%s", diff)
	}
}

// TestClaimsComeBackAsTheyWere unpacks for each join what it reads.
func TestClaimsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	at := func(j verdict.Join, role verdict.Role, file string, line, column int, path string) verdict.Claim {
		return verdict.Claim{Joins: []string{j.Rule.Code}, Role: role, Key: "key", Place: verdict.Place{File: file, Line: line, Column: column, Path: path}}
	}
	claims := []verdict.Claim{
		at(streams, verdict.Unique, "", 0, 0, ""),
		at(streams, verdict.Unique, "a/svc/b/svc/c", 1, 2, "x[0]"),
		at(streams, verdict.Unique, "svc/svc/", math.MaxInt32, math.MinInt32, "\x00"),
		at(known, verdict.Needs, "services/svc/manifest.yml", 127, 128, "y"),
		at(loops, verdict.Needs, "services/svc/manifest.yml", 127, 128, "y"),
		at(loops, verdict.Needs, "services/svc/manifest.yml", 127, 128, "z"),
		at(deployed, verdict.Provides, "services/other/manifest.yml", -1, 1, "y"),
		at(deployed, verdict.Needs, "services/other/manifest.yml", -1, 1, "y"),
		at(known, verdict.Provides, "nobody reads this", 1, 1, ""),
	}
	f := folded(allJoins, verdict.Verdict{Subject: verdict.Subject{Unit: "svc"}, Kind: verdict.OK, Parts: []verdict.Part{{Decision: verdict.Decision{Claims: claims}}}})
	want := map[string]int{}
	for _, c := range claims[:len(claims)-1] {
		want[fmt.Sprint(c.Joins[0], c.Role == verdict.Needs, c.Key, c.Place)]++
	}
	got := map[string]int{}
	for i, j := range allJoins {
		f.each(i, func(unpacked []claim) {
			for _, c := range unpacked {
				got[fmt.Sprint(j.Rule.Code, c.role == needs, f.key(&c), f.place(&c))]++
			}
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-given +unpacked):\n%s", diff)
	}
}
