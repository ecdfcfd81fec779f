package history

import (
	"context"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// situation is all that there is when a check decides: each field has a few values.
type situation struct {
	salt, domain  string // of the worker, which says what it pleases
	check, engine string
	unit          id.Unit
	path          string
	file          bool // the unit is one file
	content       string
	shared        string
	regions       []string
	limit         time.Duration
	maxBytes      int
}

// situations are all that differ in some of the values given.
func situations() []situation {
	all := []situation{{}}
	cross(&all, []string{"", "disowned"}, func(s *situation, v string) { s.salt = v })
	cross(&all, []string{"main", "pr"}, func(s *situation, v string) { s.domain = v })
	cross(&all, []string{"one", "other"}, func(s *situation, v string) { s.check = v })
	cross(&all, []string{"v1", "v2"}, func(s *situation, v string) { s.engine = v })
	cross(&all, []id.Unit{"a", "b"}, func(s *situation, v id.Unit) { s.unit = v })
	cross(&all, []string{"units/a", "old/a"}, func(s *situation, v string) { s.path = v })
	cross(&all, []bool{false, true}, func(s *situation, v bool) { s.file = v })
	cross(&all, []string{"x", "y"}, func(s *situation, v string) { s.content = v })
	cross(&all, []string{"s", "t"}, func(s *situation, v string) { s.shared = v })
	cross(&all, [][]string{nil, {"eu"}, {"us", "eu"}}, func(s *situation, v []string) { s.regions = v })
	cross(&all, []time.Duration{time.Minute, time.Hour}, func(s *situation, v time.Duration) { s.limit = v })
	cross(&all, []int{10, 1 << 20}, func(s *situation, v int) { s.maxBytes = v })
	return all
}

func cross[T any](all *[]situation, values []T, set func(*situation, T)) {
	var out []situation
	for _, s := range *all {
		for _, v := range values {
			set(&s, v)
			out = append(out, s)
		}
	}
	*all = out
}

// TestEachComponentMatters to a check that says all that it can see: two situations in which it says
// something else have different keys, and have the same one where any one component is forgotten.
func TestEachComponentMatters(t *testing.T) {
	t.Parallel()
	all := decided(t, situations())
	if a, b := clash(all, func(*cache.Components) {}); a != nil {
		t.Errorf("of one key are\n%s\n%s", a.said, b.said)
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[cache.Components]()) {
		if a, _ := clash(all, func(c *cache.Components) { reflect.ValueOf(c).Elem().FieldByIndex(field.Index).SetZero() }); a == nil {
			t.Errorf("a key that forgets %s still tells all apart: either it is not needed, or there is no situation here in which it is", field.Name)
		}
	}
}

// decision is what was said in a situation.
type decision struct {
	cache.Components
	said string
}

// clash are two decisions of one key that differ, nil if there are none. forget changes what the key
// is made of.
func clash(all []decision, forget func(*cache.Components)) (a, b *decision) {
	kept := map[cache.Key]*decision{}
	for i := range all {
		c := all[i].Components
		forget(&c)
		k := c.Key()
		if first, ok := kept[k]; ok && first.said != all[i].said {
			return first, &all[i]
		}
		kept[k] = &all[i]
	}
	return nil, nil
}

// decided decides in all situations.
func decided(t *testing.T, all []situation) (out []decision) {
	t.Helper()
	sessions := map[string]check.All{}
	for _, s := range all {
		name := s.check + s.engine + s.shared
		if _, ok := sessions[name]; !ok {
			a, err := check.OpenAll(check.Kinds{echo{s.check, s.engine}}, pack(t, "shared.txt", s.shared))
			if err != nil {
				t.Fatal(err)
			}
			sessions[name] = a
		}
		out = append(out, s.decide(t, sessions[name]))
	}
	return out
}

func (s situation) decide(t *testing.T, session check.All) decision {
	t.Helper()
	files := pack(t, s.path, s.content)
	if !s.file { // a folder with a file below it that has the name of a unit of one file
		files = pack(t, "units/a", s.content, "unread.txt", "")
	}
	r := cache.NewRecipe(session.Facts(), pack(t, "shared.txt", s.shared).Digest(), s.regions, s.limit, s.maxBytes)
	u := cache.Unit{Unit: s.unit, Path: s.path, File: s.file, Digests: r.Digests(files)}
	d := decision{Components: r.Components(u, cache.Domain{Name: s.domain, Salt: s.salt})[0]}
	if files.Size() > s.maxBytes { // it is not looked at
		d.said = "too large"
		return d
	}
	v, err := session.Decide(t.Context(), check.Request{Unit: s.unit, Path: s.path, Files: files, Regions: s.regions, Limit: s.limit})
	if err != nil {
		t.Fatal(err)
	}
	d.said = fmt.Sprintf("in %s %s: %s", s.domain, s.salt, told(t, v))
	return d
}

// pack packs files, of which path and text stand in turn.
func pack(t *testing.T, files ...string) bundle.Bundle {
	t.Helper()
	var entries []bundle.Entry
	for i := 0; i < len(files); i += 2 {
		entries = append(entries, bundle.Entry{Path: files[i], Data: []byte(files[i+1])})
	}
	out, err := bundle.New(entries)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// echo is a kind of check that finds all that it sees.
type echo struct{ name, engine string }

func (e echo) Name() string          { return e.name }
func (e echo) Engine() string        { return e.engine }
func (e echo) Rules() []verdict.Rule { return nil }
func (e echo) Open(shared fs.FS) (check.Session, error) {
	text, err := fs.ReadFile(shared, "shared.txt")
	return echoes{e, string(text)}, err
}

type echoes struct {
	echo
	shared string
}

var _ interface {
	check.Narrow
	check.Regional
} = echoes{}

func (e echoes) Findings() []verdict.Finding { return nil }
func (e echoes) Joins() []verdict.Join       { return nil }
func (e echoes) Traits() check.Traits        { return check.Traits{} }
func (e echoes) Regions() []string           { return []string{"eu", "us"} }
func (e echoes) Reads() func(string) bool {
	return func(file string) bool { return file != "unread.txt" }
}
func (e echoes) Shared() id.Digest { return id.Digest(e.shared) }
func (e echoes) Region(r string) (string, bool) {
	return r, slices.Contains(e.Regions(), r)
}

func (e echoes) Check(ctx context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	files, err := texts(u.Files)
	deadline, _ := ctx.Deadline()
	all := []string{e.name, e.engine, e.shared, string(u.Name), u.Path, u.Dir, files, fmt.Sprint(regions), fmt.Sprint(time.Until(deadline) > time.Minute)}
	return verdict.Decision{Regions: regions, Findings: []verdict.Finding{{Rule: "X1", Severity: verdict.Warning, Message: strings.Join(all, " "), Place: verdict.Place{File: u.Path}}}}, err
}

// texts are all plain files and what they say, and which others there are.
func texts(files fs.FS) (all string, err error) {
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case d.Type() != 0:
			all += fmt.Sprintf("%q %s\n", path, d.Type())
			return nil
		}
		text, err := fs.ReadFile(files, path)
		all += fmt.Sprintf("%q %q\n", path, text)
		return err
	})
	return all, err
}
