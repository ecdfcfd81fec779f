// Package checktest holds a kind of check to what the seam asks of all of them, as fstest does
// with file systems.
package checktest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// limit is for one check of one unit.
const limit = time.Minute

// Test checks the units given, by name, in all regions, and returns in which way the kind breaks
// a promise of the seam: its findings and joins name rules that it has, claims name its joins
// or their spaces (what a claim provides may be for another kind's), no code is one that another
// rule had before, findings and marks lie in the repository and in lines that are there, only
// findings in lists have names, only a Regional session decides for regions, several can be
// opened at once, an unchanged unit gets the same decision again, beside others and in each of
// them unless they are impure, units that nobody would write get a decision or an error and no
// panic, and a check ends when its context does. The race detector sees what they share.
func Test(k check.Kind, shared fs.FS, units map[id.Unit]fs.FS) error {
	s, err := k.Open(shared)
	if err != nil {
		return fmt.Errorf("%s cannot be opened: %w", k.Name(), err)
	}
	c := &conformance{kind: k, session: s, rules: map[string]bool{}, joins: map[string]bool{}, spaces: map[string]bool{}, selective: map[string]bool{}}
	if r, ok := s.(check.Regional); ok {
		c.regions = r.Regions()
	}
	c.vocabulary()
	for _, f := range s.Findings() {
		c.finding("the shared tree", f)
	}
	first := map[id.Unit]verdict.Fingerprint{}
	for name, files := range units {
		first[name] = c.decide(s, name, files)
	}
	c.again(s, units, first)
	c.reopened(shared, units, first)
	c.odd(units)
	c.ending(units)
	return errors.Join(c.broken...)
}

type conformance struct {
	kind    check.Kind
	session check.Session
	regions []string
	rules   map[string]bool // by code
	joins   map[string]bool // by code
	spaces  map[string]bool // of the joins
	// selective are the rules that are asked of what they select, by code.
	selective map[string]bool

	mu     sync.Mutex
	broken []error
}

func (c *conformance) errorf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = append(c.broken, fmt.Errorf(format, args...))
}

// vocabulary collects rules and joins.
func (c *conformance) vocabulary() {
	if !isWord(c.kind.Name()) || !isWord(c.kind.Engine()) {
		c.errorf("the kind's name is %q and its engine %q: want a word each", c.kind.Name(), c.kind.Engine())
	}
	rules := c.kind.Rules()
	if own, ok := c.session.(check.Ruled); ok {
		for _, r := range own.Rules() {
			if !slices.ContainsFunc(rules, func(k verdict.Rule) bool { return reflect.DeepEqual(k, r) }) { // as where a kind is its own session
				rules = append(rules, r)
			}
		}
	}
	for _, r := range rules {
		if r.Code == "" || r.Name == "" || r.Severity == "" || r.Summary == "" || c.rules[r.Code] {
			c.errorf("the rule %q named %q of severity %q says %q: want all of them, and no code twice", r.Code, r.Name, r.Severity, r.Summary)
		}
		c.rules[r.Code] = true
	}
	if s, ok := c.session.(check.Selective); ok {
		for _, one := range s.Selections() {
			if !c.rules[one.Rule] || c.selective[one.Rule] || one.Selects == "" {
				c.errorf("the selection %q of %q is none of a rule that the kind has, or comes twice", one.Selects, one.Rule)
			}
			c.selective[one.Rule] = true
		}
	}
	c.aliases(rules)
	for _, j := range c.session.Joins() {
		if !c.rules[j.Rule.Code] || c.joins[j.Rule.Code] {
			c.errorf("the join of %q is none of a rule that the kind has, or comes twice", j.Rule.Code)
		}
		c.joins[j.Rule.Code] = true
		for _, space := range j.Spaces {
			if c.rules[space] || space == "" {
				c.errorf("the join of %q looks in the space %q, which is the code of a rule or nothing", j.Rule.Code, space)
			}
			c.spaces[space] = true
		}
	}
}

// aliases holds the codes that rules had before to those that there are.
func (c *conformance) aliases(rules []verdict.Rule) {
	seen := map[string]bool{}
	for _, r := range rules {
		for _, was := range r.Aliases {
			if was == "" || c.rules[was] || seen[was] {
				c.errorf("the rule %q was %q before, which is the code of a rule, another's before, or nothing", r.Code, was)
			}
			seen[was] = true
		}
	}
}

// isWord says whether a text can stand in a list between commas or spaces.
func isWord(text string) bool { return text != "" && !strings.ContainsAny(text, ", \t\n") }

// finding holds one to the rules.
func (c *conformance) finding(of string, f verdict.Finding) {
	switch {
	case !c.rules[f.Rule]:
		c.errorf("%s: a finding of rule %q, which is none of Rules()", of, f.Rule)
	case f.Message == "" || f.Severity == "":
		c.errorf("%s: a finding of %s without a message or a severity", of, f.Rule)
	case !fs.ValidPath(f.File) || f.Line < 0 || f.Column < 0 || f.Column > 0 && f.Line == 0:
		c.errorf("%s: a finding of %s lies at %q: want a path in the repository, and a line with a column", of, f.Rule, f.Place)
	case f.Named != "" && (f.Named == f.Path || !strings.Contains(f.Path, "[") || !utf8.ValidString(f.Named)):
		c.errorf("%s: a finding of %s at %q is named %q: want a text that differs, for what is in a list", of, f.Rule, f.Path, f.Named)
	}
}

// mark holds one to the rules.
func (c *conformance) mark(of id.Unit, files fs.FS, m verdict.Mark) {
	covers := m.First > 0 && m.First <= m.Last || m.First == 0 && m.Last == 0
	if !fs.ValidPath(m.Place.File) || m.Line < 1 || m.Column < 1 || !covers || m.File && m.First > 0 {
		c.errorf("%s: a mark at %q is about the lines %d to %d, and its file: %v", of, m.Place, m.First, m.Last, m.File)
	}
	c.lies(of, files, "a mark", verdict.Place{File: m.Place.File, Line: max(m.Line, m.Last)})
}

// lies holds a place in one of the unit's files to what is there.
func (c *conformance) lies(of id.Unit, files fs.FS, what string, p verdict.Place) {
	own, inside := strings.CutPrefix(p.File, dirOf(of)+"/")
	if !inside || p.Line == 0 {
		return // it is about a shared file, or one that is missing
	}
	text, err := fs.ReadFile(files, own)
	if err != nil {
		c.errorf("%s: %s lies at %s, where no file can be read: see check.Unit.At", of, what, p)
	} else if lines := strings.Count(string(text), "\n") + 1; p.Line > lines {
		c.errorf("%s: %s lies at %s, and the file has %d lines", of, what, p, lines)
	}
}

// decide checks a unit in a session and writes its decision down.
func (c *conformance) decide(s check.Session, name id.Unit, files fs.FS) verdict.Fingerprint {
	d, err := c.check(context.Background(), s, name, files)
	if err != nil {
		c.errorf("%s could not be decided: %v", name, err)
	}
	for _, f := range d.Findings {
		c.finding(string(name), f)
		c.lies(name, files, "a finding of "+f.Rule, f.Place)
	}
	for _, m := range d.Marks {
		c.mark(name, files, m)
	}
	if _, regional := c.session.(check.Regional); !regional && len(d.Regions) > 0 {
		c.errorf("%s: decided for the regions %v, and the session has none", name, d.Regions)
	}
	for _, claim := range d.Claims {
		for _, j := range claim.Joins {
			switch {
			case claim.Role == verdict.Unclear: // in any space: others may look there
				continue
			case claim.Role == verdict.Selects && !c.selective[j]:
				c.errorf("%s: the rule %q has selected something, and is none of Selections()", name, j)
				continue
			case claim.Role == verdict.Selects:
				continue
			}
			if claim.Role != verdict.Provides && !c.joins[j] && !c.spaces[j] { // others may ask for what it provides
				c.errorf("%s: a claim of %q for the join or the space %q, which is none of Joins()", name, claim.Key, j)
			}
		}
	}
	return verdict.Subject{Unit: name}.Of(verdict.Part{Decision: d}).Fingerprint()
}

// dirOf is the folder of a unit: one that no name gives away.
func dirOf(name id.Unit) string { return path.Join("services", string(name)) }

// panicked is the error of a check that panics.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprintf("the check panics: %v", p.value) }

func (c *conformance) check(ctx context.Context, s check.Session, name id.Unit, files fs.FS) (d verdict.Decision, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = panicked{p}
		}
	}()
	dir := dirOf(name)
	return s.Check(ctx, check.Unit{Name: name, Path: dir, Dir: dir, Files: files}, slices.Clone(c.regions))
}

// again checks all units side by side in a session.
func (c *conformance) again(s check.Session, units map[id.Unit]fs.FS, first map[id.Unit]verdict.Fingerprint) {
	if s.Traits().Impure {
		return
	}
	var all sync.WaitGroup
	for name, files := range units {
		all.Go(func() {
			if second := c.decide(s, name, files); second != first[name] {
				c.errorf("%s: two decisions about the same bytes", name)
			}
		})
	}
	all.Wait()
}

// sideBySide is how many sessions are opened at once.
const sideBySide = 4

// reopened opens the kind several times at once, as a worker does for tasks of different checks
// or shared trees, and checks all units in each session.
func (c *conformance) reopened(shared fs.FS, units map[id.Unit]fs.FS, first map[id.Unit]verdict.Fingerprint) {
	var all sync.WaitGroup
	for range sideBySide {
		all.Go(func() {
			s, err := c.kind.Open(shared)
			if err != nil {
				c.errorf("%s cannot be opened several times at once: %w", c.kind.Name(), err)
				return
			}
			c.again(s, units, first)
		})
	}
	all.Wait()
}

// odd checks units that nobody would write. An error is an answer.
func (c *conformance) odd(units map[id.Unit]fs.FS) {
	odd := map[string]fs.FS{
		"no file":      fstest.MapFS{},
		"no content":   fstest.MapFS{"a.yml": {}, "manifest.yml": {}},
		"no text":      fstest.MapFS{"a.yml": {Data: []byte("\xff\xfe\x00")}, "manifest.yml": {Data: []byte("\xff\x00{{")}},
		"special file": fstest.MapFS{"a.yml": {Mode: fs.ModeNamedPipe}, "manifest.yml": {Mode: fs.ModeSymlink}},
	}
	for name, files := range units {
		pipes := fstest.MapFS{}
		_ = fs.WalkDir(files, ".", func(file string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				pipes[file] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
			}
			return err
		})
		odd["pipes in place of the files of "+string(name)] = pipes
	}
	for what, files := range odd {
		d, err := c.check(context.Background(), c.session, "odd", files)
		if errors.As(err, &panicked{}) {
			c.errorf("a unit of %s: %w", what, err)
		}
		for _, f := range d.Findings {
			c.finding("a unit of "+what, f)
		}
	}
}

// ending checks with a context that has ended: a decision or its error must come, and soon.
func (c *conformance) ending(units map[id.Unit]fs.FS) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, files := range units {
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = c.check(ctx, c.session, name, files) // either is right
		}()
		select {
		case <-done:
		case <-time.After(limit):
			c.errorf("%s: the check goes on a minute after its context has ended", name)
		}
	}
}
