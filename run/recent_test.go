package run

import (
	"bytes"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

func told(unit id.Unit, body []byte) ledger.Event {
	return ledger.Event{Kind: ledger.VerdictRecorded, Unit: unit, Body: body}
}

func TestTheFirstVerdictOfAUnitIsKept(t *testing.T) {
	t.Parallel()
	var r recentVerdicts
	r.keep(told("a", []byte("1")))
	r.keep(told("b", []byte("2")))
	r.keep(told("a", []byte("3")))
	if got := r.bodies(); len(got) != 2 || string(got["a"]) != "1" || string(got["b"]) != "2" {
		t.Errorf("verdicts %q, want the first of a and that of b", got)
	}
}

func TestRecentVerdictsAreBounded(t *testing.T) {
	t.Parallel()
	var r recentVerdicts
	const n, size = 100, recentBytes / 10
	for i := range n {
		r.keep(told(id.Unit(strconv.Itoa(i)), bytes.Repeat([]byte{'x'}, size)))
	}
	got := r.bodies()
	if _, newest := got[id.Unit(strconv.Itoa(n-1))]; len(got) != 10 || !newest || r.told.bytes > recentBytes {
		t.Errorf("%d verdicts of %d bytes, the newest kept: %v; want 10, the newest", len(got), r.told.bytes, newest)
	}
}

// expecting is a run that expects some units.
func expecting(t *testing.T, units ...id.Unit) (*ledger.Ledger, *ledger.Owner) {
	t.Helper()
	conn := redistest.Dial(t, redistest.Server(t))
	l := ledger.New(conn.Bulk(), conn.Plain())
	owner, err := l.Open(t.Context(), "r", ledger.Opening{Plan: ledger.Plan{Shared: "s"}})
	if err == nil {
		err = owner.AddExpected(t.Context(), units)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l, owner
}

// TestRestoringLetsGoOfWhatIsNotExpectedAnyMore: Redis expects other bytes of a.
func TestRestoringLetsGoOfWhatIsNotExpectedAnyMore(t *testing.T) {
	t.Parallel()
	l, owner := expecting(t, "a", "b")
	if _, err := owner.Expect(t.Context(), "a", "new", ""); err != nil {
		t.Fatal(err)
	}
	r := restorer{run: owner.Header, ledger: l, recent: &recentVerdicts{}, log: slog.New(slog.DiscardHandler)}
	for _, unit := range []id.Unit{"a", "b"} {
		body, err := verdict.Subject{Unit: unit, Digest: "old", Shared: "s"}.Of(verdict.Part{}).Encode(verdict.Version)
		if err != nil {
			t.Fatal(err)
		}
		r.recent.keep(told(unit, body))
	}
	if err := r.restore(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	undecided, err := l.Undecided(t.Context(), "r", []id.Unit{"a", "b"})
	if !slices.Equal(undecided, []id.Unit{"a"}) || err != nil {
		t.Errorf("undecided: %q, %v; want a alone", undecided, err)
	}
	if h, err := l.Header(t.Context(), "r"); h.Total != 2 || err != nil {
		t.Errorf("the run is sealed with %d units, %v; want 2", h.Total, err)
	}
}

// TestPointersAreForgottenOnceRedisHasSurelyWrittenThem: by the process that is known to have been told of
// them for long, and not by one that has just been told again.
func TestPointersAreForgottenOnceRedisHasSurelyWrittenThem(t *testing.T) {
	t.Parallel()
	l, owner := expecting(t, "old", "new")
	recent := &recentVerdicts{}
	d := newLossDetector(&restorer{run: owner.Header, ledger: l, recent: recent, log: slog.New(slog.DiscardHandler)}, func() {})
	pointTo := func(unit id.Unit) {
		hits := ledger.HitsOf([]ledger.Pointer{{Unit: unit, Digest: "d", Kind: verdict.OK, Parts: []ledger.Kept{{Domain: "main"}}}})
		recent.keep(ledger.Event{Kind: ledger.VerdictsKept, Body: hits.Body()})
	}
	look := func(want ...id.Unit) {
		t.Helper()
		if _, err := d.header(t.Context()); err != nil {
			t.Fatal(err)
		}
		pointers, err := recent.pointers()
		if got := slices.Sorted(maps.Keys(pointers)); !slices.Equal(got, want) || err != nil {
			t.Errorf("remembered are the pointers of %q, %v; want %q", got, err, want)
		}
	}
	age := func() {
		recent.hits.events[0].at = time.Now().Add(-2 * hitsAreSafe)
	}
	pointTo("old")
	pointTo("new")
	age()
	look("new", "old") // it is not known which process was told
	d.redisAway = true
	look("new", "old") // another one may have been, and is told again
	d.redisAway = false
	look("new", "old")
	age()
	look("new")
	if recent.hits.bytes != len(recent.hits.events[0].Body) {
		t.Errorf("%d bytes are counted of %d", recent.hits.bytes, len(recent.hits.events[0].Body))
	}
}
