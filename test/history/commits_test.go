package history

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/test/genhistory"
	"github.com/seed306eabeb/muster/verdict"
)

// commits is how many a history has, of a repository of inAll units.
const (
	commits = 60
	inAll   = 40
)

// TestCommits goes through a history. Of each commit, the checkout and what git keeps give the same
// verdicts; with the commit that it follows other verdicts are those of units that it touches, unless it
// touches what units share; and what was kept of all commits before gives the verdicts that would be made.
func TestCommits(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			history, err := genhistory.Write(t.Context(), dir, genhistory.Options{Dialect: d, Units: inAll, Bad: 0.1, Seed: 2}, commits, "sha1")
			if err != nil {
				t.Fatal(err)
			}
			k, before := newKept(), map[string]verdicts{}
			for _, c := range history {
				cold := inCheckout(t, dir, c.ID)
				before[c.ID] = cold
				if len(c.Parents) > 0 {
					checkTouched(t, c, before[c.Parents[0]], cold)
				}
				if diff := cmp.Diff(cold, k.inCommit(t, dir, c.ID)); diff != "" {
					t.Errorf("%s, %s: the verdicts (-checkout +commit):\n%s", c.ID, c.Class, diff)
				}
				if t.Failed() {
					t.Fatalf("commit %s is of class %s: %s", c.ID, c.Class, c.Detail)
				}
			}
			t.Log(k)
			if k.byNames < k.judged/3 {
				t.Error("too few verdicts were known by the names of files")
			}
		})
	}
}

// verdicts are those about units; nil where nothing could be verified.
type verdicts map[id.Unit]about

// about is a verdict.
type about struct {
	Path  string // of the unit
	All   string // what it says, and about which bytes
	Parts string // what its checks say
	Read  bool   // the unit could be read
}

func aboutOf(t *testing.T, v verdict.Verdict) about {
	t.Helper()
	return about{v.Path, said(t, v), told(t, v), v.Digest != ""}
}

// inCheckout verifies a commit that it checks out.
func inCheckout(t *testing.T, dir, commit string) verdicts {
	t.Helper()
	if _, err := genhistory.Git(t.Context(), dir, nil, "checkout", "--quiet", "--force", "--detach", commit); err != nil {
		t.Fatal(err)
	}
	f, err := open(t.Context(), dir, settings{limit: time.Minute})
	if errors.Is(err, errNothing) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, f)
	_, all := reported(t, f, run.Cache{})
	return all
}

// inCommit puts the verdicts of a commit together from what is kept, reads what is not known from git, and
// keeps it.
func (k *kept) inCommit(t *testing.T, dir, commit string) verdicts {
	t.Helper()
	f, err := openCommit(t.Context(), dir, commit, settings{limit: time.Minute})
	if errors.Is(err, errNothing) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, f)
	units, err := f.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lookup, err := k.lookup(t)
	if err != nil {
		t.Fatal(err)
	}
	all := verdicts{}
	for _, u := range units {
		digests, err := k.digests(t.Context(), lookup, u)
		if err != nil {
			t.Fatal(err)
		}
		v, err := k.judge(t, f, lookup, u, digests)
		if err != nil {
			t.Fatalf("%s: %v", commit, err)
		}
		all[u.name] = aboutOf(t, v)
	}
	return all
}

func closed(t *testing.T, f *fleetOf) {
	t.Helper()
	if err := f.close(); err != nil {
		t.Error(err)
	}
}

// checkTouched wants verdicts that have changed to be of units that a commit touches.
func checkTouched(t *testing.T, c genhistory.Commit, before, after verdicts) {
	t.Helper()
	if len(c.Shared) > 0 || before == nil || after == nil {
		return
	}
	for name, path := range differing(before, after) {
		if !slices.Contains(c.Units, path) {
			t.Errorf("%s (%s) touches %q, and the verdict about %s is another one", c.ID, c.Class, c.Units, name)
		}
	}
}

// differing are the units of which only one of two commits has a verdict, or both and not the same, by
// name with their paths.
func differing(before, after verdicts) map[id.Unit]string {
	units := map[id.Unit]string{}
	for _, pair := range [][2]verdicts{{before, after}, {after, before}} {
		for name, v := range pair[0] {
			if pair[1][name] != v {
				units[name] = v.Path
			}
		}
	}
	return units
}
