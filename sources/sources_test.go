package sources

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/verdict"
)

// files makes a bundle of texts by their paths.
func files(t *testing.T, texts ...string) bundle.Bundle {
	t.Helper()
	var entries []bundle.Entry
	for i := 0; i < len(texts); i += 2 {
		entries = append(entries, bundle.Entry{Path: texts[i], Data: []byte(texts[i+1])})
	}
	b, err := bundle.New(entries)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// place is "file:line".
func place(text string) verdict.Place {
	file, line, _ := strings.Cut(text, ":")
	p := verdict.Place{File: file, Column: 1}
	fmt.Sscan(line, &p.Line)
	return p
}

// unitOf is a unit with findings at places.
func unitOf(path string, b bundle.Bundle, places ...string) aggregator.Unit {
	u := aggregator.Unit{Name: id.Unit(path), Path: path, Digest: b.Digest(), Kind: verdict.Invalid}
	for _, p := range places {
		u.Findings = append(u.Findings, verdict.Finding{Place: place(p)})
	}
	return u
}

func summaryOf(units ...aggregator.Unit) policy.Summary {
	return policy.Summary{Summary: aggregator.Summary{Errs: units}}
}

func text(s report.Snippet) string { return strings.Join(s.Lines, "|") + s.Gone }

// TestLinesComeFromTheirFiles: of the unit's own folder, of another unit that a finding speaks
// of, of a unit that is a file, of what units share, and of what decides about all.
func TestLinesComeFromTheirFiles(t *testing.T) {
	t.Parallel()
	pay, fares, rule := files(t, "manifest.yml", "a\nb\n", "sub/x.j2", "sub"), files(t, "manifest.yml", "fares"), files(t, "rules/r.yml", "rule")
	one := unitOf("services/pay", pay, "services/pay/manifest.yml:2", "services/pay/sub/x.j2:1", "templates/log.j2:1")
	one.Findings[0].Related = []verdict.Related{{Place: place("services/fares/manifest.yml:1")}, {Place: place("shipcat.conf:1")}}
	one.Hidden = []verdict.Hidden{{Finding: verdict.Finding{Place: place("services/pay/manifest.yml:1")}}}
	bundles := map[id.Digest]bundle.Bundle{pay.Digest(): pay, fares.Digest(): fares, rule.Digest(): rule}
	var fetched atomic.Int32
	s := New(summaryOf(one, unitOf("services/fares", fares), unitOf("rules/r.yml", rule, "rules/r.yml:1"), unitOf("services", files(t))),
		[]bundle.Bundle{files(t, "shipcat.conf", "conf"), files(t, "templates/log.j2", "log")}, map[string][]byte{"muster.yaml": []byte("muster: 1")},
		func(u aggregator.Unit) (bundle.Bundle, error) { fetched.Add(1); return bundles[u.Digest], nil })
	for at, want := range map[string]string{
		"services/pay/manifest.yml:2": "a|b", "services/pay/manifest.yml:1": "a|b", "services/pay/sub/x.j2:1": "sub", "services/fares/manifest.yml:1": "fares",
		"rules/r.yml:1": "rule", "shipcat.conf:1": "conf", "templates/log.j2:1": "log", "muster.yaml:1": "muster: 1",
		"services/pay/manifest.yml:0": "", "nosuch:1": "", "services/pay/nosuch:1": "", "templates/log.j2:9": "", ":1": "",
	} {
		if got := text(s.Snippet(one, place(at))); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
	if n := fetched.Load(); n != 3 {
		t.Errorf("three units were fetched %d times", n)
	}
}

// TestFormatsShareTheLines: who asks at the same time gets the same, and each bundle is fetched once.
func TestFormatsShareTheLines(t *testing.T) {
	t.Parallel()
	b := files(t, "manifest.yml", "line")
	var units []aggregator.Unit
	for i := range 50 {
		path := fmt.Sprintf("services/s%d", i)
		units = append(units, unitOf(path, b, path+"/manifest.yml:1"))
	}
	var fetched atomic.Int32
	s := New(summaryOf(units...), nil, nil, func(aggregator.Unit) (bundle.Bundle, error) { fetched.Add(1); return b, nil })
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, u := range units {
				if got := text(s.Snippet(u, u.Findings[0].Place)); got != "line" {
					t.Errorf("%s is %q", u.Name, got)
				}
			}
		})
	}
	wg.Wait()
	if fetched.Load() != 50 {
		t.Errorf("50 units were fetched %d times", fetched.Load())
	}
}

// TestLinesAreBounded: what had to go is fetched again, and is the same.
func TestLinesAreBounded(t *testing.T) {
	t.Parallel()
	b := files(t, "manifest.yml", strings.Repeat("x", 1000))
	var units []aggregator.Unit
	for i := range 10 {
		path := fmt.Sprintf("services/s%d", i)
		units = append(units, unitOf(path, b, path+"/manifest.yml:1"))
	}
	s := New(summaryOf(units...), nil, nil, func(aggregator.Unit) (bundle.Bundle, error) { return b, nil })
	s.limit = 3500
	for range 3 {
		for _, u := range units {
			if got := text(s.Snippet(u, u.Findings[0].Place)); len(got) != 1000 {
				t.Fatalf("%s is %q", u.Name, got)
			}
		}
		if s.kept > s.limit || len(s.loaded) != 3 {
			t.Fatalf("%d bytes of %d units are kept, want at most %d", s.kept, len(s.loaded), s.limit)
		}
	}
}

// store has bundles as Redis has them.
type store struct {
	packed map[id.Digest][]byte
	asked  atomic.Int32
	err    error
}

func (s *store) Bundle(_ context.Context, digest id.Digest) ([]byte, error) {
	s.asked.Add(1)
	return s.packed[digest], s.err
}

// TestWhatIsGoneIsSaid, with the reason, and Redis is asked no more once it does not answer.
func TestWhatIsGoneIsSaid(t *testing.T) {
	t.Parallel()
	b, now := files(t, "manifest.yml", "before"), files(t, "manifest.yml", "after")
	u := unitOf("services/pay", b, "services/pay/manifest.yml:1")
	has, expired, silent := &store{packed: map[id.Digest][]byte{b.Digest(): b.Pack()}}, &store{}, &store{err: errors.New("refused")}
	other := &store{packed: map[id.Digest][]byte{b.Digest(): now.Pack()}}
	changed := func(aggregator.Unit) (bundle.Bundle, error) { return bundle.Bundle{}, errChanged }
	for want, fetch := range map[string]Fetch{
		"before":                                         Stored(t.Context(), has),
		"what was checked is no longer in Redis":         Stored(t.Context(), expired),
		"there is no answer from Redis":                  Stored(t.Context(), silent),
		"the files have changed since they were checked": Either(changed, Stored(t.Context(), expired)),
	} {
		s := New(summaryOf(u), nil, nil, fetch)
		for range 2 {
			if got := text(s.Snippet(u, u.Findings[0].Place)); got != want {
				t.Errorf("the lines are %q, want %q", got, want)
			}
		}
	}
	if got := text(New(summaryOf(u), nil, nil, Either(changed, Stored(t.Context(), has))).Snippet(u, u.Findings[0].Place)); got != "before" {
		t.Errorf("of files that have changed the lines are %q, want those in Redis", got)
	}
	if got := text(New(summaryOf(u), nil, nil, Stored(t.Context(), other)).Snippet(u, u.Findings[0].Place)); got != errExpired.Error() {
		t.Errorf("of another bundle the lines are %q", got)
	}
	fetch := Stored(t.Context(), silent)
	before := silent.asked.Load()
	for range 3 {
		fetch(u)
	}
	if n := silent.asked.Load() - before; n != 1 {
		t.Errorf("a Redis that does not answer was asked %d times", n)
	}
}

// TestLinesOutliveAnInterrupt: the report of a run that was interrupted has its lines.
func TestLinesOutliveAnInterrupt(t *testing.T) {
	t.Parallel()
	b := files(t, "manifest.yml", "line")
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	fetch := Stored(ctx, &store{packed: map[id.Digest][]byte{b.Digest(): b.Pack()}})
	cancel()
	if _, err := fetch(aggregator.Unit{Digest: b.Digest()}); err != nil {
		t.Errorf("after an interrupt: %v", err)
	}
}

// checkout has one unit.
type checkout struct {
	fleet.Source
	files bundle.Bundle
	err   error
}

func (c checkout) Unit(context.Context, id.Unit) (bundle.Bundle, int, error) {
	return c.files, 0, c.err
}

// TestACheckoutThatHasChangedShowsNothing: lines that nobody has checked would lie.
func TestACheckoutThatHasChangedShowsNothing(t *testing.T) {
	t.Parallel()
	b, now := files(t, "manifest.yml", "before"), files(t, "manifest.yml", "after")
	u := unitOf("services/pay", b, "services/pay/manifest.yml:1")
	for _, c := range []struct {
		checkout
		want string
	}{
		{checkout{files: b}, "before"},
		{checkout{files: now}, errChanged.Error()},
		{checkout{err: errors.New("gone")}, errChanged.Error()},
	} {
		if got := text(New(summaryOf(u), nil, nil, Checkout(t.Context(), c.checkout)).Snippet(u, u.Findings[0].Place)); got != c.want {
			t.Errorf("the lines are %q, want %q", got, c.want)
		}
	}
}
