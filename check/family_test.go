package check_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
)

// plain is a kind of check as far as its name goes.
type plain string

func (k plain) Name() string                    { return string(k) }
func (k plain) Engine() string                  { return "engine of " + string(k) }
func (plain) Rules() []verdict.Rule             { return nil }
func (plain) Open(fs.FS) (check.Session, error) { return nil, nil }

// tools is a family of all kinds whose names begin with "tool/".
type tools struct{ plain }

func (tools) Member(name string) check.Kind {
	if _, ok := strings.CutPrefix(name, "tool/"); ok {
		return plain(name)
	}
	return nil
}

// TestFamily: what is in no list and of a family is there all the same, behind what is in the list,
// and the family stands for itself alone where all kinds are told.
func TestFamily(t *testing.T) {
	t.Parallel()
	own := struct{ plain }{"tool/own"}
	kinds := check.Kinds{tools{"tool"}, plain("a"), own}
	for name, want := range map[string]check.Kind{"a": plain("a"), "tool": kinds[0], "tool/own": own, "tool/x": plain("tool/x"), "tools": nil, "": nil} {
		if got := kinds.Named(name); got != want {
			t.Errorf("%q is %v, want %v", name, got, want)
		}
	}
	if all, err := kinds.All([]string{"tool/x", "a"}); err != nil || !slices.Equal(all.Names(), []string{"tool/x", "a"}) {
		t.Errorf("all are %v, %v", all, err)
	}
	if _, err := kinds.All([]string{"tool/x", "other/x"}); err == nil || !strings.Contains(err.Error(), `"other/x"`) {
		t.Errorf("a kind that is in no family: %v", err)
	}
	if engines := kinds.Engines(); len(engines) != 3 || engines["tool"] == "" {
		t.Errorf("the engines are %v", engines)
	}
}
