// Package lines is a kind of check for tests of repositories whose units are of several kinds:
// folders and single files, known by their paths. A line of a unit's files that says "bad"
// is a finding, and "title X" a claim that no other unit makes.
package lines

import (
	"context"
	"io/fs"
	"path"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// Marker marks a repository, and is all that its units share.
const Marker = "lines.conf"

// Config is a repository of apps, which are folders, and of rules, which are files.
func Config() config.Config {
	shared := []string{Marker}
	return config.Config{Checks: check.Kinds{New()}, Layout: fleet.Layout{Marker: Marker, Kinds: []fleet.Kind{
		{Name: "app", At: []string{"clusters/*/apps/*/"}, Except: []string{"clusters/test/"}, Shared: shared,
			File: func(file string) bool { return path.Ext(file) == ".txt" }},
		{Name: "rule", At: []string{"rules/**/*.yml"}, Shared: shared},
	}}}
}

var bad = verdict.Rule{Code: "L001", Name: "bad-line", Severity: verdict.Error, Summary: "no line says bad"}

var title = verdict.Join{Kind: verdict.JoinUnique, Noun: "title",
	Rule: verdict.Rule{Code: "L002", Name: "same-title", Severity: verdict.Error, Summary: "no two units have the same title"}}

// New makes the kind of check.
func New() check.Kind { return kind{} }

type kind struct{}

func (kind) Name() string                      { return "lines" }
func (kind) Engine() string                    { return "lines-1" }
func (kind) Rules() []verdict.Rule             { return []verdict.Rule{bad, title.Rule} }
func (kind) Open(fs.FS) (check.Session, error) { return session{}, nil }

type session struct{}

func (session) Findings() []verdict.Finding { return nil }
func (session) Joins() []verdict.Join       { return []verdict.Join{title} }
func (session) Traits() check.Traits        { return check.Traits{} }

func (session) Check(_ context.Context, u check.Unit, _ []string) (verdict.Decision, error) {
	d := verdict.Decision{Regions: []string{}}
	err := fs.WalkDir(u.Files, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(u.Files, file)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(text), "\n") {
			look(&d, line, verdict.Place{File: u.At(file), Line: i + 1, Column: 1})
		}
		return nil
	})
	return d, err
}

// look takes what a line says.
func look(d *verdict.Decision, line string, at verdict.Place) {
	switch word, rest, _ := strings.Cut(line, " "); word {
	case "bad":
		d.Findings = append(d.Findings, bad.At(at, "the line says bad", ""))
	case "title":
		d.Claims = append(d.Claims, verdict.Claim{Joins: []string{title.Rule.Code}, Role: verdict.Unique, Key: rest, Place: at})
	}
}
