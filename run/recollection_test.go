package run

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/seed306eabeb/muster/ledger"
)

func told(service string, body []byte) ledger.Event {
	return ledger.Event{Kind: ledger.VerdictRecorded, Service: service, Body: body}
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
