package run

import (
	"bytes"
	"log/slog"
	"slices"
	"strconv"
	"testing"

	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

func told(service string, body []byte) ledger.Event {
	return ledger.Event{Kind: ledger.VerdictRecorded, Unit: service, Body: body}
}

func TestARecollectionKeepsTheFirstVerdictOfAService(t *testing.T) {
	t.Parallel()
	var r recollection
	r.keep(told("a", []byte("1")))
	r.keep(told("b", []byte("2")))
	r.keep(told("a", []byte("3")))
	r.drop("b")
	if got := r.verdicts(); len(got) != 1 || string(got["a"]) != "1" {
		t.Errorf("verdicts %q, want the first of a", got)
	}
	r.drop("a")
	r.keep(told("a", []byte("4")))
	if got := r.verdicts(); string(got["a"]) != "4" {
		t.Errorf("verdicts %q, want the one after the drop", got)
	}
}

func TestARecollectionIsBounded(t *testing.T) {
	t.Parallel()
	var r recollection
	const n, size = 100, recallBytes / 10
	for i := range n {
		r.keep(told(strconv.Itoa(i), bytes.Repeat([]byte{'x'}, size)))
	}
	got := r.verdicts()
	if _, newest := got[strconv.Itoa(n-1)]; len(got) != 10 || !newest || r.bytes > recallBytes {
		t.Errorf("%d verdicts of %d bytes, the newest kept: %v; want 10, the newest", len(got), r.bytes, newest)
	}
}

// TestRemindingLetsGoOfWhatIsNotExpectedAnyMore: a folder has changed, and the run
// was resumed with it.
func TestRemindingLetsGoOfWhatIsNotExpectedAnyMore(t *testing.T) {
	t.Parallel()
	l := ledgerOf(dial(t, redistest.Server(t)))
	if _, _, err := l.Open(t.Context(), "r", ledger.Plan{Shared: "s"}); err != nil {
		t.Fatal(err)
	}
	if err := l.AddExpected(t.Context(), "r", []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Expect(t.Context(), "r", "a", "new"); err != nil {
		t.Fatal(err)
	}
	r := reminder{id: "r", ledger: l, told: &recollection{}, log: slog.New(slog.DiscardHandler)}
	for _, service := range []string{"a", "b"} {
		body, err := verdict.Verdict{Unit: service, Digest: "old", Shared: "s", Kind: verdict.OK}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		r.told.keep(told(service, body))
	}
	if err := r.remind(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	undecided, err := l.Undecided(t.Context(), "r", []string{"a", "b"})
	if !slices.Equal(undecided, []string{"a"}) || err != nil {
		t.Errorf("undecided: %q, %v; want a alone", undecided, err)
	}
	if h, err := l.Header(t.Context(), "r"); h.Total != 2 || err != nil {
		t.Errorf("the run is sealed with %d services, %v; want 2", h.Total, err)
	}
}
