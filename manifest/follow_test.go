package manifest

import (
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/internal/foreign"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// proposed counts what a set of inputs brought.
type proposed struct{ inputs, findings, made, told int }

func (n *proposed) add(o proposed) {
	n.inputs, n.findings, n.made, n.told = n.inputs+o.inputs, n.findings+o.findings, n.made+o.made, n.told+o.told
}

func (n proposed) String() string {
	return fmt.Sprintf("%d inputs, %d findings, %d helps with a proposal made, %d told and followed", n.inputs, n.findings, n.made, n.told)
}

// everything is what is found in the shared files and in every service.
func everything(t *testing.T, r repo) []verdict.Finding {
	t.Helper()
	s := r.open(t)
	all := s.Findings()
	if s.conf == nil || s.teams == nil {
		return all
	}
	for _, name := range r.services() {
		all = append(all, r.check(t, name).Findings...)
	}
	return all
}

// madeIn counts the proposals before any is followed.
func madeIn(t *testing.T, r repo) int {
	t.Helper()
	s, err := read(r.fs())
	if err != nil {
		t.Fatal(err)
	}
	all := s.Findings()
	if s.conf != nil && s.teams != nil {
		for _, name := range r.services() {
			d, _, err := s.inspect(context.Background(), r.unit(t, name), s.Regions(), auditScope, budget{templateSteps, foreign.ServiceWork})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, d.Findings...)
		}
	}
	return len(slices.DeleteFunc(all, func(f verdict.Finding) bool { return f.Fix == nil }))
}

// keysOfFindings counts findings by what they are about.
func keysOfFindings(fs []verdict.Finding) map[string]int {
	counts := map[string]int{}
	for _, f := range fs {
		counts[f.Rule+" "+f.File+" "+f.Path]++
	}
	return counts
}

// followHelps does what every help of r proposes, one at a time, and expects that it
// mends that finding and brings no other. The lines before and after go to show.
func followHelps(t *testing.T, r repo, show func(f verdict.Finding, before, after string)) proposed {
	t.Helper()
	found := everything(t, r)
	n := proposed{inputs: 1, findings: len(found), made: madeIn(t, r)}
	before := keysOfFindings(found)
	for _, f := range found {
		if f.Fix == nil {
			show(f, "", "")
			continue
		}
		n.told++
		text, ok := yamldoc.Edited(r[f.File], f.Fix)
		if !ok {
			t.Errorf("%s: the help %q replaces %q, which does not stand there", f.Place, f.Help, f.Fix.Old)
			continue
		}
		healed := repo{}
		for path, old := range r {
			healed[path] = old
		}
		healed[f.File] = text
		after := keysOfFindings(everything(t, healed))
		key := f.Rule + " " + f.File + " " + f.Path
		if after[key] >= before[key] {
			t.Errorf("%s: %s\nhelp: %s\nwas followed and the finding is still there:\n%s", f.Place, f.Message, f.Help, text)
		}
		for k, count := range after {
			if count > before[k] {
				t.Errorf("%s: %s\nhelp: %s\nwas followed and brought %s:\n%s", f.Place, f.Message, f.Help, k, text)
			}
		}
		was, is := changed(r[f.File], text)
		show(f, was, is)
	}
	return n
}

// changed is the lines in which two texts differ.
func changed(a, b string) (before, after string) {
	was, is := strings.Split(a, "\n"), strings.Split(b, "\n")
	for len(was) > 0 && len(is) > 0 && was[0] == is[0] {
		was, is = was[1:], is[1:]
	}
	for len(was) > 0 && len(is) > 0 && was[len(was)-1] == is[len(is)-1] {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	return strings.Join(was, "\n"), strings.Join(is, "\n")
}

func ignoreShown(verdict.Finding, string, string) {}

// TestHelpsOfExamplesHeal follows the helps of every rule's bad example.
func TestHelpsOfExamplesHeal(t *testing.T) {
	t.Parallel()
	var all proposed
	for _, r := range Rules() {
		all.add(followHelps(t, exampleRepo(t).lay(r.Bad), ignoreShown))
	}
	t.Log(all)
	if all.told < 15 {
		t.Errorf("%d helps proposed something; expected at least 15", all.told)
	}
}

var writeHelps = flag.Bool("helps", false, "write testdata/helps.txt anew")

// TestHelpsHeal shows what the helps for common mistakes propose, and what comes of
// following them, in testdata/helps.txt: that it is what the author meant is for the
// reader to say.
func TestHelpsHeal(t *testing.T) {
	t.Parallel()
	inputs, err := os.ReadFile("testdata/mistakes.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all proposed
	var page strings.Builder
	for _, input := range strings.Split(strings.TrimSpace(string(inputs)), "\n\n") {
		page.WriteString(input + "\n")
		all.add(followHelps(t, exampleRepo(t).lay(input+"\n"), func(f verdict.Finding, before, after string) {
			fmt.Fprintf(&page, "    %s: %s\n", f.Rule, f.Message)
			if f.Help != "" {
				fmt.Fprintf(&page, "    help: %s\n", f.Help)
			}
			if f.Fix != nil {
				fmt.Fprintf(&page, "    => %s\n", strings.ReplaceAll(after, "\n", "\n       "))
			}
		}))
		page.WriteString("\n")
	}
	t.Log(all)
	if *writeHelps {
		if err := os.WriteFile("testdata/helps.txt", []byte(page.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/helps.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), page.String()); diff != "" {
		t.Errorf("the helps differ from testdata/helps.txt; read them and run the test with -helps. Expected (-) and got (+):\n%s", diff)
	}
}

// proposing is how a help begins that tells what to write.
var proposing = regexp.MustCompile(`^(write |did you mean|quote |leave |use |drop |take |say )`)

// advising are the helps that begin so and name no text for the file, or leave the
// choice to the author.
var advising = []string{
	"write one, or delete the folder",
	"write it at the root of the repository",
	"write the repeated parts out, or fewer of them",
	"write minute, hour, day, month and weekday, such as \"0 4 * * *\"",
	"take it out of this file",
	"drop the value, or use the operator Equal",
	"drop auth, or set authorization.enabled: false",
	"drop preserveEnv, or make it a secret in one container",
	"use two names, or one way",
	"use letters, digits, dashes, dots and underscores",
	"use letters, digits, underscores, dashes and dots, and no digit in front",
}

// TestProposalsAreMadeInOnePlace: no other files than those of the proposals have a help
// that proposes, so none is without the edit that the other tests follow.
func TestProposalsAreMadeInOnePlace(t *testing.T) {
	t.Parallel()
	own, _ := filepath.Glob("*.go")
	reader, _ := filepath.Glob("../yamldoc/*.go")
	files := slices.Concat(own, reader)
	if len(own) < 20 || len(reader) < 15 {
		t.Fatalf("%d files, and %d of the reader", len(own), len(reader))
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "proposal.go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				if err == nil && proposing.MatchString(text) && !slices.Contains(advising, text) {
					t.Errorf("%s: %q proposes; make it in the proposal.go beside, with its edit", name, text)
				}
			}
			return true
		})
	}
}
