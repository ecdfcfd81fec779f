package cache

import (
	"crypto/sha256"
	"slices"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Recipe says what the decisions about the units of a kind depend on. It does not change, and may be
// used by several goroutines at once.
type Recipe struct {
	Checks []check.Facts // by name
	asked  [][]string    // the regions that each is asked about
	// Shared names the files that the units of the kind share, as a verdict names them.
	Shared   id.Digest
	limit    time.Duration
	maxBytes int
	// forms are those of the domains that were asked for, which are few.
	forms atomic.Pointer[[]domainForms]
}

// domainForms are what the components of all units have in common in a domain, by check.
type domainForms struct {
	of  Domain
	all []*form
}

// in are the forms of a domain.
func (r *Recipe) in(d Domain) []*form {
	var known []domainForms
	if k := r.forms.Load(); k != nil {
		known = *k
	}
	for _, f := range known {
		if f.of == d {
			return f.all
		}
	}
	f := domainForms{d, make([]*form, len(r.Checks))}
	for i := range r.Checks {
		c := r.component(i, d)
		f.all[i] = formOf(&c)
	}
	known = append(slices.Clip(known), f)
	r.forms.Store(&known)
	return f.all
}

// NewRecipe makes the recipe of the units that share some files and get checks, in the regions
// selected, where each check may take so long and a unit may have so many bytes.
func NewRecipe(checks []check.Facts, shared id.Digest, regions []string, limit time.Duration, maxBytes int) *Recipe {
	r := &Recipe{Checks: checks, Shared: shared, limit: limit, maxBytes: maxBytes}
	for _, c := range checks {
		r.asked = append(r.asked, c.Selected(regions))
	}
	return r
}

// names are those of the checks.
func (r *Recipe) names() []string {
	all := make([]string, len(r.Checks))
	for i := range r.Checks {
		all[i] = r.Checks[i].Check
	}
	return all
}

// Whole says whether all checks can be answered from a cache: none is impure, and of each it is
// known by which engine it decides.
func (r *Recipe) Whole() bool {
	for i := range r.Checks {
		if !r.Keeps(i) {
			return false
		}
	}
	return len(r.Checks) > 0
}

// ReadsAll says whether each check reads all files of a unit: then Digests are but one.
func (r *Recipe) ReadsAll() bool {
	for i := range r.Checks {
		if r.Checks[i].Reads != nil {
			return false
		}
	}
	return true
}

// Keeps says whether decisions of a check are kept, by its place among Checks.
func (r *Recipe) Keeps(i int) bool { return !r.Checks[i].Impure && r.Checks[i].Engine != "" }

// Names name the files of a unit, as git knows them: the first all of them, and one more for each
// check that does not read all, in the order of the checks.
func (r *Recipe) Names(files []blob.File) []Key {
	names := []Key{Key(blob.NameOf(files))}
	for _, c := range r.Checks {
		if c.Reads != nil {
			names = append(names, Key(blob.NameOf(blob.Select(files, c.Reads))))
		}
	}
	return names
}

// Digests are those of what Names names, of a unit whose bytes are here.
func (r *Recipe) Digests(files bundle.Bundle) []id.Digest {
	digests := []id.Digest{files.Digest()}
	for _, c := range r.Checks {
		if c.Reads != nil {
			digests = append(digests, files.Select(c.Reads).Digest())
		}
	}
	return digests
}

// Unit is what is asked about: a unit, and the digests of its files, as Digests has them.
type Unit struct {
	Unit    id.Unit
	Path    string // in the repository
	File    bool   // it is one file, and no folder
	Digests []id.Digest
}

// IsFile says whether a unit whose files are these is one file.
func IsFile(path string, files []blob.File) bool { return len(files) == 1 && files[0].Path == path }

// Components are those of each check's decision about a unit, in the order of the checks, by the
// workers of a domain.
func (r *Recipe) Components(u Unit, d Domain) []Components {
	all := make([]Components, len(r.Checks))
	for i := range all {
		all[i] = r.componentOf(i, &u, d)
	}
	return all
}

// componentOf are the components of a check's decision about a unit.
func (r *Recipe) componentOf(i int, u *Unit, d Domain) Components {
	c := r.component(i, d)
	c.Unit, c.Path, c.File, c.Content = u.Unit, u.Path, u.File, r.content(i, u)
	return c
}

// content names the files of a unit that a check reads.
func (r *Recipe) content(i int, u *Unit) id.Digest {
	if r.Checks[i].Reads == nil {
		return u.Digests[0]
	}
	at := 1
	for n := range i {
		if r.Checks[n].Reads != nil {
			at++
		}
	}
	return u.Digests[at]
}

// component are the components of a check that are no unit's own, by its place among Checks.
func (r *Recipe) component(i int, d Domain) Components {
	c := &r.Checks[i]
	return Components{Salt: d.Salt, Domain: d.Name, Check: c.Check, Engine: c.Engine, Shared: c.Shared, Regions: r.asked[i],
		LimitMS: r.limit.Milliseconds(), MaxBytes: r.maxBytes}
}

// Keys are those of what Components returns.
func (r *Recipe) Keys(u Unit, d Domain) []Key {
	forms, components := r.in(d), r.Components(u, d)
	keys := make([]Key, len(forms))
	for i, f := range forms {
		keys[i] = f.key(&components[i])
	}
	return keys
}

// Domain is one whose entries are trusted, or written.
type Domain struct{ Name, Salt string }

// salted is under which key the domain keeps what files of a name contain: another one once it was
// disowned.
func (d Domain) salted(name Key) Key {
	if d.Salt == "" {
		return name
	}
	return sha256.Sum256(append(append(make([]byte, 0, 2*len(name)), name[:]...), d.Salt...))
}

// Subject is what a verdict about a unit is about.
func (r *Recipe) Subject(u Unit) verdict.Subject {
	return verdict.Subject{Unit: u.Unit, Path: u.Path, Digest: u.Digests[0], Shared: r.Shared}
}
