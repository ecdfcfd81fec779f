package command

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/sandbox"
)

// program writes a script that runs by itself, with a time of its own.
func program(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file+".new", []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// TestLook: an offer follows the files that it is made of.
func TestLook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tool, data := filepath.Join(dir, "tool"), filepath.Join(dir, "data")
	program(t, tool, "true")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	version, asked := "1.0", 0
	r := &runner{run: func(sandbox.Job) sandbox.Result {
		asked++
		if version == "" {
			return said(1, "", "no database")
		}
		return said(0, "\n tool "+version+" in "+folder+"\nmore\n", "")
	}}
	all, found := ReadFile("c.yaml", []byte("muster: 1\ncommands:\n  tool:\n    run: ["+tool+"]\n    version: ["+tool+", --version]\n    read: ["+data+"]\n    pure: true\n    output: {format: exit}\n"))
	if len(found) > 0 {
		t.Fatal(found)
	}
	o := NewOffers(all, r, nil)
	engines := map[string]bool{}
	step := func(what string, changed bool, asks int) {
		t.Helper()
		before := asked
		if got := o.Look(t.Context()); got != changed || asked-before != asks {
			t.Errorf("%s: changed %v, %d versions asked for; want %v, %d; refused %v", what, got, asked-before, changed, asks, o.Refused())
		}
		if changed && len(o.All()) == 1 {
			if e := o.All()[0].Engine; engines[e] {
				t.Errorf("%s: the engine is one that was there before", what)
			} else {
				engines[e] = true
			}
		}
	}
	step("the first look", true, 1)
	if v := o.All()[0].Version; v != "tool 1.0 in ." {
		t.Errorf("the version is %q", v)
	}
	step("nothing new", false, 0)
	program(t, tool, "false")
	step("another program", true, 1)
	if err := os.WriteFile(filepath.Join(data, "x"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	step("another file", true, 1)
	version = ""
	program(t, tool, "exit 1")
	step("no version", true, 1)
	if why := o.Refused()[0].Why; !strings.HasSuffix(why, " --version` ended with exit code 1; it said: no database") {
		t.Errorf("refused: %s", why)
	}
	version = "2.0"
	step("asked again", true, 1)
	if err := os.Remove(tool); err != nil {
		t.Fatal(err)
	}
	step("the program is gone", true, 0)
	if len(o.All()) != 0 || len(o.Kinds()) != 0 || !strings.HasPrefix(o.Refused()[0].Why, "there is no program "+tool) {
		t.Errorf("offered %v, refused %v", o.All(), o.Refused())
	}
}

// TestWalls: one that cannot be had keeps a command from being offered, unless it is given up.
func TestWalls(t *testing.T) {
	t.Parallel()
	const exit = "    output: {format: exit}\n"
	for name, tt := range map[string]struct {
		keys    string
		lack    []sandbox.Wall
		givenUp []sandbox.Wall
		walls   int
		why     string
	}{
		"all":                {"", nil, nil, 5, ""},
		"online":             {"    network: true\n", []sandbox.Wall{sandbox.Network}, nil, 4, ""},
		"none":               {"", []sandbox.Wall{sandbox.Files}, nil, 0, `the wall "files" cannot be had: the test lacks it; --allow-unsandboxed files gives it up`},
		"given up":           {"", []sandbox.Wall{sandbox.Files}, []sandbox.Wall{sandbox.Files}, 4, ""},
		"there all the same": {"", nil, []sandbox.Wall{sandbox.Files}, 5, ""},
		"pure":               {"    pure: true\n    read: [/bin]\n", []sandbox.Wall{sandbox.Files}, []sandbox.Wall{sandbox.Files}, 0, `it is pure, and the wall "files" is given up`},
	} {
		all, found := ReadFile("c.yaml", []byte("muster: 1\ncommands:\n  tool:\n    run: [sh]\n"+tt.keys+exit))
		if len(found) > 0 {
			t.Fatal(found)
		}
		o := NewOffers(all, &runner{lack: tt.lack}, tt.givenUp)
		o.Look(t.Context())
		if tt.why != "" {
			if r := o.Refused(); len(r) != 1 || !strings.HasPrefix(r[0].Why, tt.why) {
				t.Errorf("%s: refused %v", name, r)
			}
			continue
		}
		if offers := o.All(); len(offers) != 1 || len(offers[0].Walls) != tt.walls {
			t.Errorf("%s: offered %v, refused %v", name, offers, o.Refused())
		}
	}
}

// TestWhatCannotBeShown: a program that jobs cannot get at is not offered, whether it has a version or not.
func TestWhatCannotBeShown(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"", "    version: [sh, --version]\n"} {
		all, found := ReadFile("c.yaml", []byte("muster: 1\ncommands:\n  tool:\n    run: [sh]\n"+version+"    output: {format: exit}\n"))
		if len(found) > 0 {
			t.Fatal(found)
		}
		o := NewOffers(all, &runner{fail: errors.New("sh is in a closed folder")}, nil)
		o.Look(t.Context())
		if r := o.Refused(); len(r) != 1 || !strings.HasSuffix(r[0].Why, ": sh is in a closed folder") {
			t.Errorf("offered %v, refused %v", o.All(), r)
		}
	}
}

// TestPureNeedsItsClosure: a program that others run is not all that it reads.
func TestPureNeedsItsClosure(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(t.TempDir(), "tool")
	program(t, tool, "true")
	all, found := ReadFile("c.yaml", []byte("muster: 1\ncommands:\n  tool:\n    run: ["+tool+"]\n    pure: true\n    output: {format: exit}\n"))
	if len(found) > 0 {
		t.Fatal(found)
	}
	o := NewOffers(all, &runner{}, nil)
	o.Look(t.Context())
	if r := o.Refused(); len(r) != 1 || !strings.Contains(r[0].Why, "is run by /bin/sh, which it may not read") {
		t.Errorf("refused %v", r)
	}
}

// TestEngine: what decides makes another engine, and what bounds the program does not.
func TestEngine(t *testing.T) {
	t.Parallel()
	of := func(keys string) string {
		all, found := ReadFile("c.yaml", []byte("muster: 1\ncommands:\n  tool:\n    run: [sh]\n    output: {format: exit}\n"+keys))
		if len(found) > 0 {
			t.Fatal(found)
		}
		return engineOf(all[0], "1", "x")
	}
	for _, keys := range []string{"    timeout: 9s\n", "    memory: 1GiB\n", "    concurrency: 3\n", "    # a comment\n"} {
		if of(keys) != of("") {
			t.Errorf("%q makes another engine", keys)
		}
	}
	for _, keys := range []string{"    env: {A: b}\n", "    exit: {findings: [2]}\n", "    dir: root\n", "    read: [/x]\n", "    network: true\n"} {
		if of(keys) == of("") {
			t.Errorf("%q makes no other engine", keys)
		}
	}
}

// TestAProgramThatCannotBeStarted: one that looks as it should and is none is not offered until it is another one, and
// tried again after a while; so its tasks do not come back for ever.
func TestAProgramThatCannotBeStarted(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(t.TempDir(), "tool")
	program(t, tool, "true")
	all, found := ReadFile("c.yaml", []byte("muster: 1\ncommands:\n  lint:\n    run: ["+tool+"]\n    output: {format: exit}\n"))
	if len(found) > 0 {
		t.Fatal(found)
	}
	o := NewOffers(all, &runner{run: func(sandbox.Job) sandbox.Result {
		return sandbox.Result{Ending: sandbox.NoProgram, Why: "exec format error"}
	}}, nil)
	o.Look(t.Context())
	fail := func() {
		t.Helper()
		s, err := o.Kinds()[0].Open(sharedBy(t, declared.Check{ID: "chart/run"}))
		if err != nil {
			t.Fatal(err)
		}
		lost := check.Lost(nil)
		if _, err := s.Check(t.Context(), unit, nil); !errors.As(err, &lost) {
			t.Fatalf("%v is no lost program", err)
		}
	}
	looks := func() (refused int) {
		t.Helper()
		for o.Look(t.Context()); len(o.All()) == 0; o.Look(t.Context()) {
			if refused++; refused > 100 {
				t.Fatal("it is never offered again")
			}
		}
		return refused
	}
	for range 2 {
		for _, want := range []int{8, 16, 32, 64, 64} {
			fail()
			if got := looks(); got != want {
				t.Errorf("it is tried again after %d looks, want %d", got, want)
			}
		}
		fail()
		o.Look(t.Context())
		if want := "its program " + tool + " cannot be started: exec format error"; len(o.Refused()) != 1 || o.Refused()[0].Why != want {
			t.Fatalf("refused %v, want %s", o.Refused(), want)
		}
		s, err := o.Refusing()[0].Open(sharedBy(t, declared.Check{ID: "chart/run"}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Check(t.Context(), unit, nil); err == nil || !strings.HasSuffix(err.Error(), "cannot offer the command \"lint\": "+o.Refused()[0].Why) {
			t.Errorf("a check without it says: %v", err)
		}
		program(t, tool, "echo another")
		if o.Look(t.Context()); len(o.All()) != 1 {
			t.Errorf("another program is refused: %v", o.Refused())
		}
		program(t, tool, "true")
		o.Look(t.Context())
	}
}
