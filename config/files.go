package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/yamldoc"
)

// judgeFiles looks for the files that checks name.
func (r *reader) judgeFiles() error {
	for _, k := range r.kinds {
		for _, c := range k.checks {
			named := []*yamldoc.Value{c.value.Get(declared.Schema)}
			if docs := c.value.Get("docs"); !strings.Contains(docs.Text(), "://") {
				named = append(named, docs)
			}
			for _, t := range c.value.Get("tests").Items() {
				named = append(named, t.Get("file"))
			}
			for _, v := range named {
				if v == nil || !r.notEmpty(v) {
					continue
				}
				if _, err := r.isFile(v); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// isFile says that v is the path of a plain file; that it is not is reported.
func (r *reader) isFile(v *yamldoc.Value) (bool, error) {
	name := v.Text()
	if !fs.ValidPath(name) {
		r.offer(ruleNoFile, v, fmt.Sprintf("%s is %q; expected a path from the root of the repository, without empty, . and .. elements", v.Path(), name), cleanGlob(v))
		return false, nil
	}
	info, err := fs.Lstat(r.files, name)
	switch {
	case isAbsent(err):
		p, err := r.nearestFile(v)
		if err != nil {
			return false, err
		}
		r.offer(ruleNoFile, v, fmt.Sprintf("%s is %q, which does not exist", v.Path(), name), p)
		return false, nil
	case err != nil:
		return false, err
	case info.IsDir():
		r.report(ruleIrregularFile, v, name+" is a folder; expected a file", "")
		return false, nil
	case !info.Mode().IsRegular() && r.behind(name) == name:
		r.report(ruleIrregularFile, v, fmt.Sprintf("%s is %s; a regular file of the repository is read, or a link to one", name, check.FileKind(info.Mode())), "put the file itself there")
		return false, nil
	}
	return true, nil
}

// mostLinks is how many links lead to a file at most.
const mostLinks = 8

// behind is the regular file of the repository that a link leads to, or the name itself where
// it is no such link.
func (r *reader) behind(name string) string {
	way := r.way(name)
	return way[len(way)-1]
}

// way is a name and where its links lead to, those of folders on the way too, one after the other,
// up to a regular file of the repository; the name alone where they lead to none.
func (r *reader) way(name string) []string {
	way := []string{name}
	for len(way) <= mostLinks {
		file := way[len(way)-1]
		link, rest, t := r.firstLink(file)
		if link == "" {
			if t.IsRegular() {
				return way
			}
			break
		}
		target, err := fs.ReadLink(r.files, link)
		if err != nil || path.IsAbs(target) {
			break
		}
		if file = path.Join(path.Dir(link), target, rest); !fs.ValidPath(file) {
			break
		}
		way = append(way, file)
	}
	return way[:1]
}

// firstLink is the first link that a path leads over, and what follows behind it; "" where there
// is none, and then the type of what lies there.
func (r *reader) firstLink(file string) (link, rest string, t fs.FileMode) {
	for i := range len(file) + 1 {
		if i < len(file) && file[i] != '/' {
			continue
		}
		info, err := fs.Lstat(r.files, file[:i])
		if err != nil {
			return "", "", fs.ModeIrregular
		}
		if t = info.Mode().Type(); t == fs.ModeSymlink {
			return file[:i], file[i:], t
		}
	}
	return "", "", t
}

// governing are the files that decide what the units are and what they share, whatever lies
// there now, and the globs of such files.
func (r *reader) governing(sections []declared.Section) (files, globs []string) {
	named := []*yamldoc.Value{r.root.Get("regions").Get("from")}
	for _, k := range r.kinds {
		for _, c := range k.checks {
			named = append(named, c.value.Get(declared.Schema))
		}
	}
	all := textsOf(named)
	for _, s := range sections {
		all = append(all, s.Schemas...)
	}
	for _, k := range r.kinds {
		all = append(all, k.linked...)
	}
	for _, file := range all {
		if fs.ValidPath(file) {
			files = append(files, r.way(file)...)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), slices.Concat(textsOf(r.root.Get("schemas").Items()), textsOf(r.root.Get("shared").Items()))
}

// isAbsent says that an error means that there is no such file.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, syscall.ENOTDIR)
}

// maxCandidates is how many files are looked at for what a path was meant for.
const maxCandidates = 5000

// nearestFile proposes the file that a path was meant for: one of the same name elsewhere, or
// one whose path looks alike.
func (r *reader) nearestFile(v *yamldoc.Value) (yamldoc.Proposal, error) {
	l := fleet.Layout{Kinds: []fleet.Kind{{At: []string{"**/*" + path.Ext(v.Text())}}}}
	if fleet.IsGlob(path.Ext(v.Text())) {
		return yamldoc.Advice(""), nil
	}
	var all, alike []string
	err := l.Find(r.files, func(_ int, file string, t fs.FileMode) bool {
		if t.IsRegular() {
			all = append(all, file)
			if path.Base(file) == path.Base(v.Text()) {
				alike = append(alike, file)
			}
		}
		return len(all) == maxCandidates
	})
	if err != nil {
		return yamldoc.Proposal{}, err
	}
	slices.Sort(all)
	best := yamldoc.Nearest(v.Text(), all)
	if len(alike) == 1 {
		best = alike[0]
	}
	if best == "" {
		return yamldoc.Advice(""), nil
	}
	return yamldoc.Asked(best, v.Retold(best)), nil
}
