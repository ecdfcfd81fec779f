package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
)

// planOfKinds has two kinds of units, with shared files of their own.
var planOfKinds = ledger.Plan{Queue: "muster-ci", Whole: true, Units: ".", Kinds: []ledger.KindPlan{
	{Kind: "port", Checks: []string{"declared"}, Shared: "shared1"}, {Kind: "rule", Checks: []string{"declared"}, Shared: "shared2"},
}}

// ofKinds is a run with the ports a and b and the rule c.
func (b books) ofKinds(t *testing.T, run id.Run, limit time.Duration) *ledger.Owner {
	t.Helper()
	o, err := b.Open(t.Context(), run, ledger.Opening{Plan: planOfKinds, Owner: "first", Limit: limit})
	must(t, err)
	must(t, o.AddExpected(t.Context(), []id.Unit{"a", "b", "c", "d"}))
	for u, kind := range map[id.Unit]string{"a": "port", "b": "port", "c": "rule"} {
		_, err := o.Expect(t.Context(), u, digestOf(u), kind)
		must(t, err)
	}
	return o
}

// TestAVerdictIsAboutTheSharedFilesOfItsKind: about those of another kind it is stale, and so is
// any while Redis does not know the kind, until whoever knows says it again.
func TestAVerdictIsAboutTheSharedFilesOfItsKind(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := b.ofKinds(t, "r", 0)
		of := func(u id.Unit, shared id.Digest) ledger.Entry {
			e := entry(u, "ok", "w#1")
			e.Shared = shared
			return e
		}
		unpacked := of("d", "shared2")
		unpacked.Digest = ledger.AnyDigest
		forget := func() { b.client.Del(t.Context(), "muster:{r}:kinds") }
		for _, step := range []struct {
			name   string
			before func()
			entry  ledger.Entry
			want   ledger.Answer
		}{
			{"a port with the shared files of rules", nil, of("a", "shared2"), ledger.Stale},
			{"with none", nil, of("a", ""), ledger.Stale},
			{"with its own", nil, of("a", "shared1"), ledger.Recorded},
			{"a rule with those of ports", nil, of("c", "shared1"), ledger.Stale},
			{"one whose kind is forgotten", forget, of("c", "shared2"), ledger.Stale},
			{"with none", nil, of("c", ""), ledger.Stale},
			{"expected again", func() { _, err := o.Expect(t.Context(), "c", digestOf("c"), "rule"); must(t, err) }, of("c", "shared2"), ledger.Recorded},
			{"restored", func() { forget(); must(t, b.Restore(t.Context(), o.Header, "b", digestOf("b"), "port")) }, of("b", "shared1"), ledger.Recorded},
			{"one that was never packed", nil, unpacked, ledger.Recorded},
		} {
			if step.before != nil {
				step.before()
			}
			if got := b.record(t, "r", step.entry); got != step.want {
				t.Errorf("%s: %s, want %s", step.name, got, step.want)
			}
		}
		b.keysExpire(t, 1)
	})
}

// TestKindsTravelWithTheUnits, to whoever makes another task, in this generation of the run alone.
func TestKindsTravelWithTheUnits(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := b.ofKinds(t, "r", time.Minute)
		for _, u := range []id.Unit{"a", "c"} {
			must(t, o.HandOver(t.Context(), u, ""))
		}
		c, err := b.Claim(t.Context(), o.Header, ledger.Claim{Worker: "w", Lease: time.Minute, Windows: []int{5}, Quiet: time.Minute, Most: 5})
		must(t, err)
		if diff := cmp.Diff([]ledger.ClaimedUnit{{Unit: "a", Digest: "da", Kind: "port", Attempt: 1}, {Unit: "c", Digest: "dc", Kind: "rule", Attempt: 1}}, c.Units); diff != "" {
			t.Errorf("claimed (-want +got):\n%s", diff)
		}
		if digest, kind, err := b.Digest(t.Context(), "r", "c"); digest != "dc" || kind != "rule" || err != nil {
			t.Errorf("c is %s of kind %q, %v", digest, kind, err)
		}
		must(t, o.Leave(t.Context()))
		_, err = b.Open(t.Context(), "r", ledger.Opening{Plan: plan, Owner: "second"})
		must(t, err)
		if n := b.client.Exists(t.Context(), "muster:{r}:kinds").Val(); n != 0 {
			t.Error("the kinds of an earlier generation are kept")
		}
		if shared := b.client.HGet(t.Context(), "muster:{r}:run", "shared:port").Val(); shared != "" {
			t.Errorf("the shared files of an earlier generation's kind are kept: %s", shared)
		}
	})
}
