package check

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// probe is a kind of check that does what the test wants.
type probe struct {
	opened   *atomic.Int64
	findings []verdict.Finding
	check    func(context.Context, Unit, []string) (verdict.Decision, error)
}

func (probe) Name() string                      { return "probe" }
func (probe) Engine() string                    { return "probe-1" }
func (probe) Rules() []verdict.Rule             { return nil }
func (probe) Joins() []verdict.Join             { return nil }
func (probe) Traits() Traits                    { return Traits{} }
func (p probe) Findings() []verdict.Finding     { return p.findings }
func (probe) Regions() []string                 { return []string{"north"} }
func (probe) Region(name string) (string, bool) { return name, true }
func (p probe) Open(fs.FS) (Session, error)     { p.opened.Add(1); return p, nil }
func (p probe) Check(ctx context.Context, u Unit, regions []string) (verdict.Decision, error) {
	return p.check(ctx, u, regions)
}

func pack(t *testing.T, name string) bundle.Bundle {
	t.Helper()
	b, err := bundle.New([]bundle.Entry{{Path: name, Data: []byte(name)}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSessionsKeepTheMostRecentlyUsed(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	s := NewSessions(Kinds{probe{opened: &opened}})
	var digests []id.Digest
	for i := range keptSessions + 1 {
		b := pack(t, strings.Repeat("x", i+1))
		digests = append(digests, b.Digest())
		if _, err := s.Open([]string{"probe"}, digests[i], b.Pack()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open([]string{"probe"}, digests[0], nil); err != nil {
			t.Fatalf("the one that is used all the time was dropped after %d others: %v", i, err)
		}
	}
	_, second := s.Kept([]string{"probe"}, digests[1])
	_, third := s.Kept([]string{"probe"}, digests[2])
	if second || !third || opened.Load() != keptSessions+1 {
		t.Errorf("kept the second %v and the third %v, opened %d; want false, true, %d", second, third, opened.Load(), keptSessions+1)
	}
	missing := MissingError{}
	if _, err := s.Open([]string{"probe"}, digests[1], nil); !errors.As(err, &missing) || missing.Digest != digests[1] {
		t.Errorf("opening a dropped one without bytes: %v", err)
	}
}

// TestWhatCannotBeOpenedIsTriedAgain: bytes that are not what they are called, and a tree
// with mistakes, leave nothing behind.
func TestWhatCannotBeOpenedIsTriedAgain(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	wrong := []verdict.Finding{{Rule: "X1", Severity: verdict.Error}}
	shared, other := pack(t, "a"), pack(t, "b")
	for name, c := range map[string]struct {
		probe  probe
		packed []byte
	}{
		"other bytes":        {probe{opened: &opened}, other.Pack()},
		"no bundle":          {probe{opened: &opened}, []byte("zip")},
		"a tree of mistakes": {probe{opened: &opened, findings: wrong}, shared.Pack()},
	} {
		s := NewSessions(Kinds{c.probe})
		for range 2 {
			if _, err := s.Open([]string{"probe"}, shared.Digest(), c.packed); err == nil {
				t.Errorf("%s: opened", name)
			}
		}
		if _, kept := s.Kept([]string{"probe"}, shared.Digest()); kept {
			t.Errorf("%s: kept", name)
		}
	}
	if _, err := NewSessions(nil).Open([]string{"probe"}, shared.Digest(), shared.Pack()); err == nil {
		t.Error("a check was found that nobody has")
	}
}
