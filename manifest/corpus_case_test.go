package manifest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// A corpus is a file of shipcat's own verdicts, one JSON object a line: fleets,
// and cases that are files laid over a fleet with a command to run on it.
type corpus struct {
	name   string
	fleets map[string]fstest.MapFS
	cases  []corpusCase
}

type corpusCase struct {
	ID      string
	Fleet   string
	Cmd     string
	Files   map[string]*string // nil: the file is absent; "<DIR>": a directory
	Verdict string             // accept, reject, or panic, which rejects too
	Code    string             // shipcat's first error, classed by stage
}

func readCorpus(t testing.TB, file string) corpus {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	c := corpus{name: path.Base(file), fleets: map[string]fstest.MapFS{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			Kind, Name string
			corpusCase
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if line.Kind == "fleet" {
			c.fleets[line.Name] = overlaid(nil, line.Files)
			continue
		}
		c.cases = append(c.cases, line.corpusCase)
	}
	if err := lines.Err(); err != nil || len(c.cases) == 0 {
		t.Fatalf("%s: %d cases, %v", file, len(c.cases), err)
	}
	return c
}

// overlaid lays files over a tree.
func overlaid(base fstest.MapFS, files map[string]*string) fstest.MapFS {
	tree := fstest.MapFS{}
	for name, file := range base {
		tree[name] = file
	}
	for name, text := range files {
		switch {
		case text == nil:
			delete(tree, name)
		case *text == "<DIR>":
			tree[name] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
		default:
			tree[name] = &fstest.MapFile{Data: []byte(*text), Mode: 0o644}
		}
	}
	return tree
}

// A judge runs cases the way shipcat runs its commands.
type judge struct {
	sessions sync.Map // content of the shared tree ⇒ *session
}

// rejections are the findings of severity error for which the case's command
// fails; none means that it is accepted. Those in external services come apart.
func (j *judge) rejections(ctx context.Context, tree fstest.MapFS, cmd string) (found, external []verdict.Finding, err error) {
	s, err := j.open(tree)
	if err != nil {
		return nil, nil, err
	}
	words := strings.Fields(cmd)
	run := &corpusRun{judge: j, ctx: ctx, tree: tree, session: s}
	if found := errorsOf(s.Findings()); len(found) > 0 || words[0] == "config-verify" {
		return found, nil, nil
	}
	regions, unknown := run.regions(words)
	if unknown != nil {
		return unknown, nil, nil
	}
	switch words[0] {
	case "validate":
		found, err = run.services(words[2:], regions, s.validate)
	case "values":
		found, err = run.services(words[2:], regions, s.values)
	case "list-services":
		found, err = run.services(run.folders(), regions, s.list)
	case "verify":
		found, external, err = run.fleet(regions)
	default:
		err = fmt.Errorf("unknown command %q", cmd)
	}
	return found, external, err
}

// usage is a finding about the command itself.
func usage(message string) []verdict.Finding {
	return []verdict.Finding{{Rule: "usage", Severity: verdict.Error, Message: message}}
}

// open keeps one session for all cases that share shipcat.conf, teams.yml and
// templates.
func (j *judge) open(tree fstest.MapFS) (*session, error) {
	shared, key := fstest.MapFS{}, ""
	for _, name := range sortedNames(tree) {
		if !IsSharedFile(name) || tree[name].Mode.IsDir() {
			continue
		}
		shared[name] = tree[name]
		key += name + "\x00" + string(tree[name].Data) + "\x00"
	}
	if s, ok := j.sessions.Load(key); ok {
		return s.(*session), nil
	}
	s, err := open(shared)
	if err == nil {
		j.sessions.Store(key, s)
	}
	return s, err
}

func sortedNames(tree fstest.MapFS) []string {
	names := make([]string, 0, len(tree))
	for name := range tree {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// corpusRun is one case on its way.
type corpusRun struct {
	judge   *judge
	ctx     context.Context
	tree    fstest.MapFS
	session *session
}

// regions are those that a command is about: the one it names, else all.
func (r *corpusRun) regions(words []string) (regions []string, unknown []verdict.Finding) {
	if len(words) < 2 {
		return r.session.Regions(), nil
	}
	region, ok := r.session.Region(words[1])
	if !ok {
		return nil, usage("unknown region " + words[1])
	}
	return []string{region}, nil
}

// folders are the services of the tree.
func (r *corpusRun) folders() []string {
	var names []string
	for _, name := range sortedNames(r.tree) {
		rest, ok := strings.CutPrefix(name, "services/")
		if folder, _, inside := strings.Cut(rest, "/"); ok && (inside || r.tree[name].Mode.IsDir()) && !slices.Contains(names, folder) {
			names = append(names, folder)
		}
	}
	return names
}

// unit is a folder with the files that a bundle of it would hold.
func (r *corpusRun) unit(name string) check.Unit {
	files := fstest.MapFS{}
	for file, content := range r.tree {
		if inside, ok := strings.CutPrefix(file, "services/"+name+"/"); ok && (content.Mode.IsDir() || IsServiceFile(inside)) {
			files[inside] = content
		}
	}
	return check.Unit{Name: id.Unit(name), Files: files}
}

// services runs one entry of the session on each service, up to the first that
// has findings. Names in claims must be folders.
func (r *corpusRun) services(names, regions []string, entry func(context.Context, check.Unit, string) (verdict.Decision, error)) ([]verdict.Finding, error) {
	folders := r.folders()
	for _, name := range names {
		if !slices.Contains(folders, name) {
			return usage("no such service " + name), nil
		}
		for _, region := range regions {
			d, err := entry(r.ctx, r.unit(name), region)
			if err != nil {
				return nil, err
			}
			found := append(errorsOf(d.Findings), r.missing(d.Claims, folders)...)
			if len(found) > 0 {
				return found, nil
			}
		}
	}
	return nil, nil
}

// fleet audits every service and joins their claims.
func (r *corpusRun) fleet(regions []string) (found, external []verdict.Finding, err error) {
	folders := r.folders()
	taken := map[string]bool{}
	for _, name := range folders {
		d, err := r.session.Check(r.ctx, r.unit(name), regions)
		if err != nil {
			return nil, nil, err
		}
		own := append(errorsOf(d.Findings), r.missing(d.Claims, folders)...)
		if d.Skipped == verdict.External {
			external = append(external, own...)
			continue
		}
		found = append(found, own...)
		if len(own) == 0 {
			found = append(found, r.taken(d.Claims, taken)...)
		}
	}
	return found, external, nil
}

// missing finds the claims for folders that do not exist.
func (r *corpusRun) missing(claims []verdict.Claim, folders []string) []verdict.Finding {
	var found []verdict.Finding
	for _, c := range claims {
		for _, j := range joinsOf(c) {
			if j.Kind == verdict.JoinExists && j.Rule.Severity == verdict.Error && !slices.Contains(folders, c.Key) {
				found = append(found, j.Rule.At(c.Place, fmt.Sprintf("%q does not exist", c.Key), ""))
			}
		}
	}
	return found
}

// taken finds the claims that an earlier service has made in the same region.
func (r *corpusRun) taken(claims []verdict.Claim, taken map[string]bool) []verdict.Finding {
	var found []verdict.Finding
	for _, c := range claims {
		for _, j := range joinsOf(c) {
			if j.Kind != verdict.JoinUnique || j.Rule.Severity != verdict.Error {
				continue
			}
			for _, region := range c.Regions {
				key := j.Rule.Code + "\x00" + region + "\x00" + c.Key
				if taken[key] {
					found = append(found, j.Rule.At(c.Place, fmt.Sprintf("%q is taken", c.Key), ""))
				}
				taken[key] = true
			}
		}
	}
	return found
}

func joinsOf(c verdict.Claim) []verdict.Join {
	var of []verdict.Join
	all := joins()
	for _, code := range c.Joins {
		i := slices.IndexFunc(all, func(j verdict.Join) bool { return j.Rule.Code == code })
		if i < 0 {
			panic("claim for an unknown join " + code)
		}
		of = append(of, all[i])
	}
	return of
}

func errorsOf(found []verdict.Finding) []verdict.Finding {
	return slices.DeleteFunc(slices.Clone(found), func(f verdict.Finding) bool { return f.Severity != verdict.Error })
}
