package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/command/closure"
	"github.com/seed306eabeb/muster/sandbox"
)

// Offer is a definition that stands on this machine.
type Offer struct {
	Definition Definition
	Engine     string // the digest of all that decides: code, definition, version, closure
	Version    string // as the program tells it
	Walls      []sandbox.Wall
	Program    string           // its absolute path
	Read       []string         // that it may read of the machine
	Closure    closure.Contents // what of the machine is part of the engine
	watched    []string         // paths of its programs and, unless they are many, of all that the engine tells of
	state      string           // of these, when it was made
}

// stands says whether what is offered is still what it was.
func (o Offer) stands() bool {
	state, err := closure.State(o.watched)
	return err == nil && state == o.state
}

// Refusal is a definition that does not stand here, and why.
type Refusal struct {
	Name string
	Why  string
}

// Offers are the commands of a process. They are safe for concurrent use.
type Offers struct {
	runner  sandbox.Runner
	looking sync.Mutex // one look at a time
	all     []*candidate

	mu    sync.Mutex // of what candidates have become
	found []outcome
}

// candidate is a definition, and what a look has found out about it.
type candidate struct {
	definition Definition
	givenUp    []sandbox.Wall // of the walls that cannot be had
	slots      chan struct{}  // one for each that runs; nil for as many as there are
	last       outcome
	own        string // the state of its programs at the last look
	state      string // that of all that the engine tells of, when it was last taken
	rest       int    // looks until the latter is taken again
	// A version that could not be told is asked for again after pause looks.
	pause, passed int
	stumbles      stumbles
}

// outcome is an offer, or why there is none.
type outcome struct {
	name  string
	offer *Offer
	why   string
	again bool // it may be another one without any file changed
}

// NewOffers makes offers of definitions; none stands before the first Look. givenUp are the walls
// that the operator does without.
func NewOffers(definitions []Definition, runner sandbox.Runner, givenUp []sandbox.Wall) *Offers {
	o := &Offers{runner: runner}
	for _, d := range definitions {
		c := &candidate{definition: d, givenUp: givenUp}
		if d.Concurrency > 0 {
			c.slots = make(chan struct{}, d.Concurrency)
		}
		o.all = append(o.all, c)
	}
	slices.SortFunc(o.all, func(a, b *candidate) int { return strings.Compare(a.definition.Name, b.definition.Name) })
	return o
}

// Look finds out which definitions stand on this machine now, and says whether that is otherwise
// than at the last look. What has not changed costs a stat of each file that its engine tells of, and
// of many files not at each look. Where ctx ends in the midst, all is as before.
func (o *Offers) Look(ctx context.Context) (changed bool) {
	o.looking.Lock()
	defer o.looking.Unlock()
	found := make([]outcome, len(o.all))
	standing := o.runner.Walls()
	var each sync.WaitGroup
	for i, c := range o.all {
		each.Go(func() { found[i] = c.look(ctx, o.runner, standing) })
	}
	each.Wait()
	if ctx.Err() != nil {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	changed = !slices.EqualFunc(o.found, found, outcome.isSame)
	o.found = found
	return changed
}

// isSame says whether two looks have come to the same.
func (a outcome) isSame(b outcome) bool {
	if a.offer == nil || b.offer == nil {
		return a.offer == b.offer && a.name == b.name && a.why == b.why
	}
	return a.name == b.name && a.offer.Engine == b.offer.Engine && slices.Equal(a.offer.Walls, b.offer.Walls)
}

func (o *Offers) looked() []outcome {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.found
}

// All are the commands that stand, sorted by name.
func (o *Offers) All() (all []Offer) {
	for _, f := range o.looked() {
		if f.offer != nil {
			all = append(all, *f.offer)
		}
	}
	return all
}

// Refused are those that do not, sorted by name.
func (o *Offers) Refused() (all []Refusal) {
	for _, f := range o.looked() {
		if f.offer == nil {
			all = append(all, Refusal{f.name, f.why})
		}
	}
	return all
}

// Kinds are the kinds of check of all that stand, as they do now.
func (o *Offers) Kinds() (all check.Kinds) {
	for i, f := range o.looked() {
		if f.offer != nil {
			all = append(all, offered{*f.offer, o.all[i], o.runner})
		}
	}
	return all
}

// Refusing are the kinds of check of all that do not stand, and the family of what is not defined. They
// can run nothing, and say why, and what there is instead.
func (o *Offers) Refusing() (all check.Kinds) {
	for _, r := range o.Refused() {
		all = append(all, absent{NotOfferedError{Command: r.Name, Why: r.Why}})
	}
	var others family
	for _, one := range o.All() {
		others.offered = append(others.offered, one.Definition.Name)
	}
	return append(all, others)
}

// look finds out whether the candidate stands.
func (c *candidate) look(ctx context.Context, r sandbox.Runner, standing []sandbox.Standing) outcome {
	refuse := func(why string) outcome { return outcome{name: c.definition.Name, why: why} }
	walls, why := c.walls(standing)
	if why != "" {
		return refuse(why)
	}
	p, err := c.programs()
	if err != nil {
		return refuse(err.Error())
	}
	changed, err := c.changed(p)
	if err != nil {
		return refuse(err.Error())
	}
	if changed {
		c.stumbles.forget()
	} else if why := c.stumbles.since(); why != "" {
		return refuse(fmt.Sprintf("its program %s cannot be started: %s", p.run, why))
	}
	if !changed && !c.isDue() {
		return c.last
	}
	last := c.offer(ctx, r, p, walls)
	if ctx.Err() != nil {
		c.own = "" // and look again
		return c.last
	}
	c.last = last
	if !last.again {
		c.pause, c.passed = 0, 0
	}
	return last
}

// Of many files not each look takes the state.
const (
	filesALook = 500
	maxRest    = 60
)

// changed says whether the programs, or other files of which the engine tells, look otherwise than at
// the last look.
func (c *candidate) changed(p programs) (bool, error) {
	own, err := closure.State(p.own)
	if err != nil {
		return false, err
	}
	if own == c.own && c.rest > 0 {
		c.rest--
		return false, nil
	}
	state, err := closure.State(p.depends)
	if err != nil {
		c.own = ""
		return false, err
	}
	changed := own != c.own || state != c.state
	c.own, c.state = own, state
	if c.last.offer != nil {
		c.rest = min(c.last.offer.Closure.Files/filesALook, maxRest)
	}
	return changed, nil
}

// maxPause is how many looks are passed over at most.
const maxPause = 64

// isDue says whether to ask a program again that has not told its version: less and less often.
func (c *candidate) isDue() bool {
	if !c.last.again {
		return false
	}
	if c.passed++; c.passed <= c.pause {
		return false
	}
	c.passed, c.pause = 0, min(max(1, 2*c.pause), maxPause)
	return true
}

// stumbles are starts of a program that looks as it should and could not be started: a file of another
// machine's code, a script without a first line, a folder that jobs may not enter. It is not offered
// then, lest its tasks come back for ever, and tried again less and less often. They are safe for
// concurrent use.
type stumbles struct {
	mu           sync.Mutex
	why          string // of the last one; "" while the command is offered
	rest, passed int    // looks that are passed over, and how many of them were
}

// minRest is how many looks are passed over after the first start that failed.
const minRest = 8

// note says that the program could not be started.
func (s *stumbles) note(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why == "" {
		s.why, s.passed, s.rest = why, 0, min(max(minRest, 2*s.rest), maxPause)
	}
}

// forget is called where the program is another one.
func (s *stumbles) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.why, s.passed, s.rest = "", 0, 0
}

// since is called at each look, and says why the command is not to be offered; "" where it is, again.
func (s *stumbles) since() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why != "" {
		if s.passed++; s.passed > s.rest {
			s.why = ""
		}
	}
	return s.why
}

// walls are those that stand around the command, or why it is not offered.
func (c *candidate) walls(standing []sandbox.Standing) (walls []sandbox.Wall, why string) {
	for _, w := range sandbox.Walls() {
		if w == sandbox.Network && c.definition.Network {
			continue
		}
		i := slices.IndexFunc(standing, func(s sandbox.Standing) bool { return s.Wall == w })
		switch {
		case i >= 0 && standing[i].Why == "":
			walls = append(walls, w)
		case !slices.Contains(c.givenUp, w):
			reason := "nobody here knows how"
			if i >= 0 {
				reason = standing[i].Why
			}
			return nil, fmt.Sprintf("the wall %q cannot be had: %s; --allow-unsandboxed %[1]s gives it up", string(w), reason)
		case c.definition.Pure && (w == sandbox.Files || w == sandbox.Network):
			return nil, fmt.Sprintf("it is pure, and the wall %q is given up: what it reads is not known then; take out `pure`", string(w))
		}
	}
	return walls, ""
}

// programs are where a definition's programs are on this machine.
type programs struct {
	run, version string
	own          []string // their paths
	read         []string // that its program may read
	depends      []string // of which the engine tells
}

// programs looks for the definition's programs.
func (c *candidate) programs() (p programs, err error) {
	d := c.definition
	if p.run, err = closure.Program(d.Run[0]); err != nil {
		return p, err
	}
	own := []string{p.run}
	if len(d.Version) > 0 {
		if p.version, err = closure.Program(d.Version[0]); err != nil {
			return p, fmt.Errorf("its version: %w", err)
		}
		own = append(own, p.version)
	}
	own = slices.Compact(own) // most say their version themselves
	p.own, p.read, p.depends = own, readable(d, own), own
	if d.Pure && d.Image == "" {
		p.depends = p.read
	}
	if d.Pure && d.Image == "" && len(d.Read) == 0 {
		by, err := closure.Interpreter(closure.Resolved(p.run))
		if err != nil {
			return p, err
		}
		if by != "" {
			return p, fmt.Errorf("it is pure, and its program %s is run by %s, which it may not read: name in `read` all that it needs, or take out `pure`", p.run, by)
		}
	}
	return p, nil
}

// system is what every program may read that is not pure: programs, libraries, and what these look
// up. Nothing in it is secret.
var system = []string{
	"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr", "/opt",
	"/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/mime.types", "/etc/ssl/certs", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf",
}

// online is what those may read, too, that may talk to others.
var online = []string{"/etc/hosts", "/etc/resolv.conf", "/etc/services", "/etc/ssl", "/etc/pki", "/etc/ca-certificates"}

// readable is what a definition's programs may read on this machine, sorted. What is not there, and may
// be, is left out.
func readable(d Definition, own []string) []string {
	all := slices.Concat(own, d.Read)
	for _, name := range own {
		all = append(all, closure.Resolved(name))
	}
	if !d.Pure {
		all = append(all, closure.There(system)...)
	}
	if d.Network {
		all = append(all, closure.There(online)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// offer makes an offer of a definition whose programs and walls are there.
func (c *candidate) offer(ctx context.Context, r sandbox.Runner, p programs, walls []sandbox.Wall) outcome {
	d := c.definition
	contents, err := closure.Digest(p.depends)
	if err != nil {
		return outcome{name: d.Name, why: err.Error(), again: true}
	}
	version := ""
	if p.version != "" {
		if version, err = c.version(ctx, r, p); err != nil {
			return outcome{name: d.Name, why: err.Error(), again: true}
		}
	} else if err := c.stage(ctx, r, p); err != nil {
		return outcome{name: d.Name, why: err.Error(), again: true}
	}
	o := &Offer{Definition: d, Version: version, Walls: walls, Program: p.run, Read: p.read, Closure: contents, watched: p.depends, state: c.state}
	if contents.Files > filesALook {
		o.watched, o.state = p.own, c.own
	}
	o.Engine = engineOf(d, version, contents.Digest)
	return outcome{name: d.Name, offer: o}
}

// nothing is a program that is nowhere.
const nothing = "/nothing"

// stage builds the walls of a job that runs nothing: what the program reads may lie where jobs may not
// go. To ask for a version does so, too.
func (c *candidate) stage(ctx context.Context, r sandbox.Runner, p programs) error {
	d := c.definition
	_, err := r.Run(ctx, sandbox.Job{Argv: []string{nothing}, Env: environment(d), Read: p.read, Network: d.Network, GivenUp: c.givenUp, Limits: d.Limits})
	if err != nil {
		return fmt.Errorf("it cannot be run here: %w", err)
	}
	return nil
}

// maxVersion is how much of a version is told, in bytes.
const maxVersion = 200

// version is what the program says of itself in the first line.
func (c *candidate) version(ctx context.Context, r sandbox.Runner, p programs) (string, error) {
	d := c.definition
	j := sandbox.Job{
		Argv: append([]string{p.version}, d.Version[1:]...), Env: environment(d), Read: p.read, Network: d.Network, GivenUp: c.givenUp, Limits: d.Limits,
	}
	told := strings.Join(d.Version, " ")
	result, err := r.Run(ctx, j)
	if err != nil {
		return "", fmt.Errorf("its version cannot be asked for: %w", err)
	}
	out := clean(result)
	if cause := ending(result, d.Limits); cause != "" {
		return "", fmt.Errorf("its version cannot be told: `%s` %s", told, cause)
	}
	if result.Exit != 0 {
		return "", fmt.Errorf("its version cannot be told: `%s` ended with exit code %d%s", told, result.Exit, saying(lastLine(out.Stderr)))
	}
	for _, stream := range [][]byte{out.Stdout, out.Stderr} {
		if line := firstLine(stream); line != "" {
			return shortened(line, maxVersion), nil
		}
	}
	return "", errors.New("its version cannot be told: `" + told + "` printed nothing")
}

// Walls are what can be had on this machine.
func (o *Offers) Walls() []sandbox.Standing { return o.runner.Walls() }
