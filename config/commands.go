package config

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// What a check that runs a command says of it. What the command is, and which arguments it has, is
// known to the operator of the workers alone: here stands what is wrong whatever it is.

// What the arguments of a command may be.
const (
	mostArgs     = 64
	mostArgBytes = 1024
)

// gitFolder is where git keeps what is its own, tokens among it.
const gitFolder = ".git"

// argName is what arguments are called.
var argName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// judgeRun finds what is wrong with what a check says of a command.
func (r *reader) judgeRun(c *rawCheck) {
	if c.verb != declared.Run {
		return
	}
	if name := c.value.Get(declared.Run); name.Good() && r.notEmpty(name) && !id.IsCommand(name.Text()) {
		r.offer(ruleCommandName, name, fmt.Sprintf("%s is %q, which is no name of a command", name.Path(), yamldoc.Shorten(name.Text())), meantCommand(name))
	}
	if optional := c.value.Get("optional"); optional != nil && c.kind.shape == folders && c.value.Get("in") == nil && c.value.Get("reads") == nil {
		r.reportKey(ruleMisplaced, optional, optional.Path()+" is given, but no `in` that may match nothing", "take it out, or name the files that the command looks at")
	}
	r.judgeReads(c)
	r.judgeArgs(c.value.Get("args"))
}

// judgeReads finds what is wrong with the files of a unit that a command sees: those that it is about are
// some of them.
func (r *reader) judgeReads(c *rawCheck) {
	reads := c.value.Get("reads")
	if reads == nil {
		return
	}
	if c.kind.shape == plainFiles {
		r.reportKey(ruleInOfFiles, reads, fmt.Sprintf("%s is given, but a unit of kind %q is one file", reads.Path(), c.kind.name), "take it out")
		return
	}
	var seen []fleet.Pattern
	for _, v := range reads.Items() {
		if p, err := fleet.ParsePattern(v.Text()); err == nil {
			seen = append(seen, p)
		}
	}
	for _, v := range r.strings(c.value.Get("in")) {
		if len(seen) > 0 && fleet.CheckGlob(v.Text()) == nil && !within(v.Text(), textsOf(reads.Items()), seen) {
			f := ruleReads.At(v.Place(), fmt.Sprintf("%s is %q, which is not within what the command sees by %s", v.Path(), v.Text(), reads.Path()), "name these files in `reads`, too, or take them out of `in`")
			f.Related = []verdict.Related{{Place: reads.KeyPlace(), Text: "what it sees"}}
			r.add(f)
		}
	}
}

// within says whether all that a glob matches is matched by one of others, as far as their texts tell:
// * in the glob is a name to the others.
func within(glob string, texts []string, others []fleet.Pattern) bool {
	return slices.Contains(texts, glob) || slices.ContainsFunc(others, func(p fleet.Pattern) bool { return p.Match(glob) })
}

// meantCommand proposes a name for a command, or says where programs stand that were written down in its place.
func meantCommand(name *yamldoc.Value) yamldoc.Proposal {
	text := name.Text()
	if len(strings.Fields(text)) > 1 || strings.Contains(text, "/") {
		return yamldoc.Advice("name a command, as in run: helm-lint; the program and its arguments stand in the file that whoever operates the workers gives them")
	}
	clean := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(text), "-"), "-0123456789")
	if id.IsCommand(clean) {
		return yamldoc.Rewrite(name, clean)
	}
	return yamldoc.Advice("it begins with a letter, and has lower-case letters, digits and dashes")
}

// judgeArgs finds arguments that no command takes.
func (r *reader) judgeArgs(args *yamldoc.Value) {
	if args.Good() && len(args.Items()) == 0 {
		r.report(ruleEmpty, args, args.Path()+" is empty", "give it a value or take the key out")
	}
	if n := len(args.Items()); n > mostArgs {
		r.report(ruleArgument, args, fmt.Sprintf("%s has %d arguments; expected at most %d", args.Path(), n, mostArgs), "put them into a file, and name it in `with`")
	}
	for _, a := range args.Entries() {
		if !argName.MatchString(a.Key()) {
			r.reportKey(ruleArgument, a, fmt.Sprintf("%q is no name of an argument", yamldoc.Shorten(a.Key())), "it begins with a letter, and has lower-case letters, digits and dashes")
			continue
		}
		switch text := a.Text(); {
		case strings.HasPrefix(text, "-"):
			r.report(ruleArgument, a, fmt.Sprintf("%s is %q, which a program would take for an option", a.Path(), yamldoc.Shorten(text)), "options stand in the definition of the command; an argument is what follows them")
		case len(text) > mostArgBytes:
			r.report(ruleArgument, a, fmt.Sprintf("%s has %d bytes; expected at most %d", a.Path(), len(text), mostArgBytes), "put it into a file, and name that in `with`")
		case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
			r.report(ruleArgument, a, fmt.Sprintf("%s is %q; expected one line without control characters", a.Path(), yamldoc.Shorten(text)), "put it into a file, and name that in `with`")
		}
	}
}

// besideUnits is what lies beside the units of a kind when commands run: the files that `with` names, with
// all below folders.
type besideUnits struct {
	files  map[string]bool
	bytes  int64
	linked []string // links among them that stand for a file of the repository
}

// judgeWith looks for what the commands of all kinds find beside their units.
func (r *reader) judgeWith() error {
	for _, k := range r.kinds {
		all := besideUnits{files: map[string]bool{}}
		for _, c := range k.checks {
			if c.verb != declared.Run {
				continue
			}
			if err := r.judgeWithOf(c, &all); err != nil {
				return err
			}
		}
		k.linked = all.linked
	}
	return nil
}

// judgeWithOf looks for what one check names, and adds it to what is beside the units of its kind.
func (r *reader) judgeWithOf(c *rawCheck, all *besideUnits) error {
	var before []string
	for _, v := range r.strings(c.value.Get("with")) {
		ok, err := r.isBeside(v)
		switch {
		case err != nil:
			return err
		case !ok:
			continue
		case slices.Contains(before, v.Text()):
			r.report(ruleWith, v, fmt.Sprintf("%s is %q, which is given before", v.Path(), v.Text()), "name it once")
			continue
		}
		before = append(before, v.Text())
		if err := r.addBeside(v, all); err != nil {
			return err
		}
	}
	return nil
}

// isBeside says that v is the path of what may lie beside units; that it is not is reported.
func (r *reader) isBeside(v *yamldoc.Value) (bool, error) {
	clean := strings.TrimSuffix(v.Text(), "/")
	switch {
	case path.IsAbs(v.Text()):
		r.report(ruleWith, v, fmt.Sprintf("%s is %q, a path of the machine; expected one from the root of the repository", v.Path(), v.Text()), "what a program needs of the machine stands in the definition of the command")
		return false, nil
	case clean == ".":
		r.report(ruleWith, v, fmt.Sprintf("%s is %q, the whole repository", v.Path(), v.Text()), "name the folders that the command needs: a change in any of them concerns all units of the kind")
		return false, nil
	case clean == Marker:
		r.report(ruleWith, v, Marker+" itself is not shared", "take it out")
		return false, nil
	case slices.Contains(strings.Split(clean, "/"), gitFolder):
		r.report(ruleWith, v, fmt.Sprintf("%s is %q, of git's own files, which may hold secrets", v.Path(), v.Text()), "take it out")
		return false, nil
	case fleet.IsGlob(v.Text()) && fs.ValidPath(clean):
		if _, err := fs.Lstat(r.files, clean); isAbsent(err) {
			r.report(ruleWith, v, fmt.Sprintf("%s is %q, a glob; expected the path of a file or a folder", v.Path(), v.Text()), "name the folder: all below it is there")
			return false, nil
		}
	case clean != v.Text():
		r.offer(ruleWith, v, fmt.Sprintf("%s is %q; expected a path without a / at its end", v.Path(), v.Text()), yamldoc.Rewrite(v, clean))
		return false, nil
	}
	if !fs.ValidPath(v.Text()) {
		r.offer(ruleNoFile, v, fmt.Sprintf("%s is %q; expected a path from the root of the repository, without empty, . and .. elements", v.Path(), v.Text()), cleanGlob(v))
		return false, nil
	}
	info, err := fs.Lstat(r.files, v.Text())
	if err != nil && !isAbsent(err) {
		if link, _, _ := r.firstLink(v.Text()); link != "" {
			r.report(ruleIrregularFile, v, fmt.Sprintf("%s lies behind %s, which is a link; expected a file or folder of the repository", v.Text(), link), "name the file or folder itself")
			return false, nil
		}
		return false, err
	}
	if err == nil && info.IsDir() {
		if link, _, _ := r.firstLink(v.Text()); link != "" {
			r.report(ruleIrregularFile, v, fmt.Sprintf("%s lies behind %s, which is a link; expected a folder of the repository", v.Text(), link), "name the folder itself")
			return false, nil
		}
		return true, nil
	}
	return r.isFile(v)
}

// addBeside adds what lies at a path, and below it.
func (r *reader) addBeside(v *yamldoc.Value, all *besideUnits) error {
	was, some := all.bytes, false
	err := fs.WalkDir(r.files, v.Text(), func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == gitFolder:
			r.report(ruleWith, v, fmt.Sprintf("%s is %q, in which %s has git's own files, which may hold secrets", v.Path(), v.Text(), name), "name what the command needs of the folder")
			some = true
			return fs.SkipAll
		case d.IsDir() || name == Marker:
			return nil
		case all.files[name]:
			some = true
			return nil
		}
		all.files[name], some = true, true
		file := r.behind(name)
		switch {
		case file != name:
			all.linked = append(all.linked, name)
		case !d.Type().IsRegular():
			r.report(ruleIrregularFile, v, fmt.Sprintf("%s is %q, in which %s is %s", v.Path(), v.Text(), name, check.FileKind(d.Type())), "put the file itself there, or name what the command needs of the folder")
			return fs.SkipAll
		}
		info, err := fs.Stat(r.files, file)
		if err != nil {
			return err
		}
		all.bytes += info.Size()
		return nil
	})
	switch {
	case err != nil && !isAbsent(err):
		return err
	case !some:
		r.report(ruleWith, v, fmt.Sprintf("%s is %q, in which there is no file", v.Path(), v.Text()), "take it out: an empty folder is not there beside the unit")
	case len(all.files) > bundle.MaxFiles:
		r.report(ruleWith, v, fmt.Sprintf("%s is %q, with which more than %d files lie beside each unit", v.Path(), v.Text(), bundle.MaxFiles), "name what the command needs of it")
	case was <= check.SharedLimit && all.bytes > check.SharedLimit:
		r.report(ruleWith, v, fmt.Sprintf("%s is %q, with which more than %s lie beside each unit", v.Path(), v.Text(), yamldoc.SizeText(check.SharedLimit)), "name what the command needs of it")
	}
	return nil
}

// withOf are the paths that commands of a section's checks see beside the unit.
func withOf(checks []declared.Check) (paths []string) {
	for _, c := range checks {
		paths = append(paths, c.With...)
	}
	return paths
}

// argsOf are the arguments that a check gives to its command, nil for none.
func argsOf(v *yamldoc.Value) map[string]string {
	var args map[string]string
	for _, a := range v.Entries() {
		if args == nil {
			args = map[string]string{}
		}
		args[a.Key()] = a.Text()
	}
	return args
}
