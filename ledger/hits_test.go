package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// TestHitsAreCounted as what workers decide, by verdict and by kind, and followers get them as one event.
func TestHitsAreCounted(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o, err := b.Open(t.Context(), "r", ledger.Opening{Plan: planOfKinds, Owner: "first"})
		must(t, err)
		must(t, o.AddExpected(t.Context(), []id.Unit{"a", "b", "c"}))
		hits := []ledger.Pointer{
			{Unit: "a", Digest: id.Digest(strings.Repeat("a1", 32)), Of: "port", Kind: verdict.OK, Fingerprint: fingerprint("a"), Parts: []ledger.Kept{{Domain: "main", Key: [32]byte{1}}}},
			{Unit: "c", Digest: "dc", Of: "rule", Kind: verdict.Invalid, Fingerprint: fingerprint("c"),
				Parts: []ledger.Kept{{Domain: "main", Key: [32]byte{2}, Content: id.Digest(strings.Repeat("b2", 32))}, {Domain: "pr", Key: [32]byte{3}}}},
		}
		for range 2 {
			said, err := o.Hit(t.Context(), ledger.HitsOf(hits))
			must(t, err)
			if diff := cmp.Diff([]ledger.Answer{ledger.Recorded, ledger.Recorded}, said); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		}
		h, err := b.Header(t.Context(), "r")
		must(t, err)
		if h.Decided != 2 || h.Kinds[verdict.OK] != 1 || h.Kinds[verdict.Invalid] != 1 || h.DecidedOf["port"] != 1 || h.DecidedOf["rule"] != 1 || h.ExpectedOf["rule"] != 1 {
			t.Errorf("%d decided, %v, of kinds %v of %v", h.Decided, h.Kinds, h.DecidedOf, h.ExpectedOf)
		}
		read, err := b.Read(t.Context(), "r", ledger.Start, -1)
		must(t, err)
		if len(read.Events) != 1 || read.Events[0].Kind != ledger.VerdictsKept {
			t.Fatalf("the events are %v, want one", read.Events)
		}
		got, err := ledger.Pointers(read.Events[0])
		if diff := cmp.Diff(hits, got); diff != "" || err != nil {
			t.Errorf("pointers (-want +got):\n%s%v", diff, err)
		}
		late := entry("a", "ok", "w#1")
		late.Digest, late.Shared, late.Fingerprint = hits[0].Digest, "shared1", hits[0].Fingerprint
		if a := b.record(t, "r", late); a != ledger.Duplicate {
			t.Errorf("a worker that says the same is told %q", a)
		}
		b.keysExpire(t, 1)
	})
}

// TestPointersThatAreCutOff are none.
func TestPointersThatAreCutOff(t *testing.T) {
	t.Parallel()
	b := open(t, redistest.Mini(t))
	o, err := b.Open(t.Context(), "r", ledger.Opening{Plan: plan, Owner: "first"})
	must(t, err)
	must(t, o.AddExpected(t.Context(), []id.Unit{"a"}))
	_, err = o.Hit(t.Context(), ledger.HitsOf([]ledger.Pointer{{Unit: "a", Digest: "da", Kind: verdict.OK, Parts: []ledger.Kept{{Domain: "main"}}}}))
	must(t, err)
	read, err := b.Read(t.Context(), "r", ledger.Start, -1)
	must(t, err)
	whole := read.Events[0]
	for n := range len(whole.Body) - 1 {
		if _, err := ledger.Pointers(ledger.Event{Kind: whole.Kind, Body: whole.Body[:n+1]}); err == nil {
			t.Errorf("the first %d bytes of %d are read", n+1, len(whole.Body))
		}
	}
	huge := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}
	if _, err := ledger.Pointers(ledger.Event{Body: huge}); err == nil {
		t.Error("a name of 2^64 bytes is read")
	}
}

// TestARunWithACacheHasAFormatOfItsOwn: a program that knows no pointers would miss verdicts.
func TestARunWithACacheHasAFormatOfItsOwn(t *testing.T) {
	t.Parallel()
	b := open(t, redistest.Mini(t))
	for run, c := range map[id.Run]struct {
		cache *ledger.CachePlan
		want  string
	}{"none": {nil, "2"}, "kept": {&ledger.CachePlan{Domains: []string{"main"}, Write: true}, "2"}, "read": {&ledger.CachePlan{Domains: []string{"main"}, Read: true}, "5"}} {
		p := plan
		p.Cache = c.cache
		_, err := b.Open(t.Context(), run, ledger.Opening{Plan: p, Owner: "first"})
		must(t, err)
		key := "muster:{" + string(run) + "}:run"
		if got := b.client.HGet(t.Context(), key, "format").Val(); got != c.want {
			t.Errorf("%s: the format is %s, want %s", run, got, c.want)
		}
		must(t, b.client.HSet(t.Context(), key, "format", "6").Err())
		if _, err := b.Header(t.Context(), run); !errors.Is(err, ledger.ErrFormat) {
			t.Errorf("a run of the format after is read: %v", err)
		}
	}
}
