package config

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/yamldoc"
)

// globbed is a glob that must match something in the repository.
type globbed struct {
	value  *yamldoc.Value
	except []string
	into   *[]string // takes the plain files that it matches; nil where it is enough that there is something
	none   bool      // it may match nothing
	hits   int
}

// valid are those of globs that can be followed; what is wrong with the others is reported.
func (r *reader) valid(globs []*yamldoc.Value) (all []*yamldoc.Value) {
	for _, v := range globs {
		if err := fleet.CheckGlob(v.Text()); err != nil {
			r.offer(ruleGlob, v, v.Path()+": "+err.Error(), cleanGlob(v))
			continue
		}
		all = append(all, v)
	}
	return all
}

// cleanGlob proposes a glob without what makes a path none of a repository.
func cleanGlob(v *yamldoc.Value) yamldoc.Proposal {
	rest, slash := strings.CutSuffix(v.Text(), "/")
	clean := strings.TrimPrefix(path.Clean("/"+rest), "/")
	if slash {
		clean += "/"
	}
	if strings.Contains(rest, "..") || clean == v.Text() || fleet.CheckGlob(clean) != nil {
		return yamldoc.Advice("")
	}
	return yamldoc.Rewrite(v, clean)
}

// expand reads a key of globs of files and notes what to look for.
func (r *reader) expand(key string) {
	into := map[string]*[]string{"schemas": &r.schemas, "shared": &r.shared}[key]
	for _, v := range r.valid(r.strings(r.root.Get(key))) {
		if strings.HasSuffix(v.Text(), "/") {
			r.offer(ruleGlob, v, fmt.Sprintf("%s is %q, a glob of folders; expected one of files", v.Path(), v.Text()), yamldoc.Rewrite(v, v.Text()+"**"))
			continue
		}
		r.globs = append(r.globs, globbed{value: v, into: into})
	}
}

// match looks through the repository for all globs at once, and reports those that match
// nothing.
func (r *reader) match() error {
	var l fleet.Layout
	for _, g := range r.globs {
		l.Kinds = append(l.Kinds, fleet.Kind{At: []string{g.value.Text()}, Except: g.except})
	}
	err := l.Find(r.files, func(i int, file string, t fs.FileMode) (enough bool) {
		g := &r.globs[i]
		if g.into != nil && (!t.IsRegular() || file == Marker) {
			return false
		}
		g.hits++
		if g.into != nil {
			*g.into = append(*g.into, file)
		}
		return g.into == nil
	})
	if err != nil {
		return err
	}
	for _, list := range []*[]string{&r.schemas, &r.shared} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	for _, g := range r.globs {
		if g.hits == 0 && !g.none {
			if err := r.unmatched(g); err != nil {
				return err
			}
		}
	}
	return nil
}

// unmatched reports a glob that matches nothing.
func (r *reader) unmatched(g globbed) error {
	text, v := g.value.Text(), g.value
	what, other, help := "file", text+"/", "it matches folders"
	if strings.HasSuffix(text, "/") {
		what, other, help = "folder", strings.TrimSuffix(text, "/"), "it matches files"
	}
	p, err := r.nearestGlob(v)
	if err != nil {
		return err
	}
	excepted, err := r.matches(text, nil)
	if err != nil {
		return err
	}
	matched, err := r.matches(other, g.except)
	if err != nil {
		return err
	}
	switch {
	case text == Marker:
		p = yamldoc.Advice(Marker + " itself is not shared")
	case g.into != nil:
	case excepted:
		p = yamldoc.Advice("all that it matches is excepted")
	case matched:
		p = yamldoc.Rewrite(v, other).With(help)
	}
	r.offer(ruleNoMatch, v, fmt.Sprintf("%s is %q, which matches no %s", v.Path(), text, what), p)
	return nil
}

// matches says whether a glob matches anything.
func (r *reader) matches(glob string, except []string) (matched bool, err error) {
	l := fleet.Layout{Kinds: []fleet.Kind{{At: []string{glob}, Except: except}}}
	err = l.Find(r.files, func(int, string, fs.FileMode) bool { matched = true; return true })
	return matched, err
}

// nearestGlob proposes the glob with the name that is there in place of the first element that
// is a name and is not.
func (r *reader) nearestGlob(v *yamldoc.Value) (yamldoc.Proposal, error) {
	elements := strings.Split(v.Text(), "/")
	for i, e := range elements {
		if e == "" || fleet.IsGlob(e) {
			break
		}
		entries, err := fs.ReadDir(r.files, path.Join(append([]string{"."}, elements[:i]...)...))
		if err != nil {
			return yamldoc.Proposal{}, err
		}
		names := make([]string, len(entries))
		for j, d := range entries {
			names[j] = d.Name()
		}
		if slices.Contains(names, e) {
			if entries[slices.Index(names, e)].IsDir() {
				continue
			}
			break
		}
		if best := yamldoc.Nearest(e, names); best != "" {
			elements[i] = best
			meant := strings.Join(elements, "/")
			return yamldoc.Asked(meant, v.Retold(meant)), nil
		}
		break
	}
	return yamldoc.Advice(""), nil
}
