package run_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/check/checktest"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// words is a kind of check that has nothing to do with services: a unit is a folder of
// text files, and none of them may hold a word that the shared list forbids. It
// is here to show that nothing but a kind of check knows what is checked.
type words struct {
	// before is called before each check, and may fail it.
	before func(ctx context.Context, unit id.Unit) error
}

var forbidden = verdict.Rule{Code: "W1", Name: "forbidden-word", Severity: verdict.Error, Summary: "a word is on the list"}

var sameTitle = verdict.Join{Kind: verdict.JoinUnique, Noun: "title",
	Rule: verdict.Rule{Code: "W2", Name: "same-title", Severity: verdict.Error, Summary: "two units have the same title"}}

func (words) Name() string          { return "words" }
func (words) Engine() string        { return "words-1" }
func (words) Rules() []verdict.Rule { return []verdict.Rule{forbidden, sameTitle.Rule} }

var textsLayout = fleet.Layout{Marker: "words.conf", Kinds: []fleet.Kind{{
	Name: "text", At: []string{"texts/*/"}, ByName: true, Shared: []string{"words.conf"},
	File: func(path string) bool { return strings.HasSuffix(path, ".txt") },
}}}

func (w words) Open(shared fs.FS) (check.Session, error) {
	list, err := fs.ReadFile(shared, "words.conf")
	if err != nil {
		return nil, err
	}
	return lexicon{w, strings.Fields(string(list))}, nil
}

type lexicon struct {
	words
	list []string
}

func (l lexicon) Findings() []verdict.Finding {
	if len(l.list) > 0 {
		return nil
	}
	return []verdict.Finding{forbidden.At(verdict.Place{File: "words.conf"}, "the list is empty", "")}
}

func (lexicon) Joins() []verdict.Join { return []verdict.Join{sameTitle} }
func (lexicon) Traits() check.Traits  { return check.Traits{} }

func (lexicon) Regions() []string { return []string{"north", "south"} }

func (l lexicon) Region(name string) (string, bool) {
	return name, slices.Contains(l.Regions(), name)
}

func (l lexicon) Check(ctx context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	if l.before != nil {
		if err := l.before(ctx, u.Name); err != nil {
			return verdict.Decision{}, err
		}
	}
	text, err := fs.ReadFile(u.Files, "a.txt")
	if errors.Is(err, fs.ErrNotExist) {
		return verdict.Decision{Regions: []string{}, Skipped: verdict.NotDeployed}, nil
	}
	if err != nil {
		return verdict.Decision{}, err
	}
	d := verdict.Decision{Regions: slices.Clone(regions)}
	for i, line := range strings.Split(string(text), "\n") {
		at := verdict.Place{File: string("texts/" + u.Name + "/a.txt"), Line: i + 1, Column: 1}
		if title, ok := strings.CutPrefix(line, "title: "); ok {
			d.Claims = append(d.Claims, verdict.Claim{Joins: []string{"W2"}, Role: verdict.Unique, Key: title, Place: at})
		}
		for _, word := range strings.Fields(line) {
			if slices.Contains(l.list, word) {
				d.Findings = append(d.Findings, forbidden.At(at, fmt.Sprintf("%q is forbidden", word), ""))
			}
		}
	}
	return d, nil
}

// TestTheWordsAreAKindOfCheck: what stands for any kind in these tests keeps to the seam.
func TestTheWordsAreAKindOfCheck(t *testing.T) {
	t.Parallel()
	units := map[id.Unit]fs.FS{"a": fstest.MapFS{"a.txt": {Data: []byte("good\nso bad\ntitle: twin")}}, "b": fstest.MapFS{}}
	shared := fstest.MapFS{"words.conf": {Data: []byte("bad worse")}}
	if err := checktest.Test(words{}, shared, units); err != nil {
		t.Error(err)
	}
}
