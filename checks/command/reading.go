package command

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/command/closure"
	"github.com/seed306eabeb/muster/checks/command/output"
	"github.com/seed306eabeb/muster/sandbox"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// reading is one check of one unit.
type reading struct {
	unit       *unitFiles
	check      compiled
	definition Definition
	dir        string   // in which the program starts, as a path of the repository
	files      []string // of the unit, that the check is about, sorted
	with       []string // paths of the repository that lie beside the unit, sorted
	found      []verdict.Finding
	lines      map[string][]string // of files in which findings are
	bounds     bool                // what was found depends on how much the program may print, which its engine does not tell
}

// failure is why a check could not decide, with a word for those who count.
type failure struct {
	outcome string
	error
}

func (f failure) Unwrap() error { return f.error }

// Outcome is what counters call it.
func (f failure) Outcome() string { return f.outcome }

// The names of findings that are not the program's own.
const (
	nameFinding  = "finding" // it has no rule's code
	nameNoFile   = "no-file"
	nameNotPlain = "no-plain-file"
	nameMore     = "more-findings"
)

// match finds the unit's files that the check is about, and says whether there is anything to run.
// That a glob matches none is a finding, unless the check lets it be.
func (r *reading) match() bool {
	r.sayIrregular()
	if len(r.check.in) == 0 {
		r.files = r.unit.names
		if len(r.files) == 0 && len(r.check.reads) > 0 {
			r.sayNone(r.check.Reads...)
			return false
		}
		return true
	}
	for i, p := range r.check.in {
		n := len(r.files)
		for _, name := range r.unit.names {
			if p.Match(name) {
				r.files = append(r.files, name)
			}
		}
		if len(r.files) == n {
			r.sayNone(r.check.In[i])
		}
	}
	slices.Sort(r.files)
	r.files = slices.Compact(r.files)
	return len(r.files) > 0
}

// sayNone tells of globs that no file of the unit matches, unless the check lets it be.
func (r *reading) sayNone(globs ...string) {
	for _, glob := range globs {
		if r.check.Optional {
			return
		}
		r.find(verdict.Finding{Name: nameNoFile, Message: fmt.Sprintf("%s has no file that matches %q", r.unit.Path, glob), Place: verdict.Place{File: r.unit.Path}, Identity: glob,
			Help: "add it, or say `optional: true` in the check " + r.check.ID})
	}
}

// sayIrregular tells of the unit's files that no program sees.
func (r *reading) sayIrregular() {
	for _, name := range r.unit.irregular {
		info, err := fs.Lstat(r.unit.Files, name)
		if err != nil {
			continue
		}
		place := r.unit.At(name)
		r.find(verdict.Finding{Name: nameNotPlain, Message: fmt.Sprintf("%s is %s, which is not followed: the command %s does not see it", place, check.FileKind(info.Mode()), r.definition.Name),
			Place: verdict.Place{File: place}, Help: "put a plain file in its place"})
	}
}

// beside are the files of the shared tree that the check names, folders whole. The unit's own are
// there already.
func (r *reading) beside() ([]string, error) {
	all, err := besides(r.unit.shared, r.check.With)
	if err != nil {
		return nil, err
	}
	r.with = slices.DeleteFunc(all, r.unit.has)
	return r.with, nil
}

// find notes a finding of the check.
func (r *reading) find(f verdict.Finding) {
	f.Rule = r.check.ID
	if f.Severity == "" {
		f.Severity = verdict.Error
	}
	if r.check.Severity == string(verdict.Warning) {
		f.Severity = verdict.Warning
	}
	f.Help = cmp.Or(f.Help, r.check.Help)
	r.found = append(r.found, f)
}

// judge reads what came of the program. An error says that it could not decide.
func (r *reading) judge(result sandbox.Result) error {
	d := r.definition
	out := clean(result)
	if cause := ending(result, d.Limits); cause != "" {
		return failure{outcomeOf(result.Ending), fmt.Errorf("the command %s %s%s", d.Name, cause, saying(lastLine(out.Stderr)))}
	}
	isClean, hasFound := slices.Contains(d.Exit.Clean, result.Exit), slices.Contains(d.Exit.Findings, result.Exit)
	if !isClean && !hasFound {
		said := cmp.Or(lastLine(out.Stderr), lastLine(out.Stdout))
		return failure{"exit", fmt.Errorf("the command %s ended with exit code %d, which says neither that it is clean nor that there are findings%s", d.Name, result.Exit, saying(said))}
	}
	if d.Output.Format == output.ExitOnly {
		if hasFound {
			f := d.Output.Said(out)
			if r.isCut(result) {
				r.bounds = true
				f.Message += fmt.Sprintf("\n(it printed more than %s, and only that was read)", yamldoc.SizeText(int64(d.Limits.Output)))
			}
			r.take(f, "")
		}
		return nil
	}
	read, err := d.Output.Read(out)
	for _, f := range read.Findings {
		r.take(f, f.Code)
	}
	switch {
	case r.isCut(result):
		return failure{"output", fmt.Errorf("the command %s printed more than %s, and only that was read: there may be more to find (its definition bounds it by max-output)", d.Name, yamldoc.SizeText(int64(d.Limits.Output)))}
	case err != nil:
		return failure{"output", fmt.Errorf("what the command %s printed cannot be read as its definition says: %w", d.Name, err)}
	case hasFound && len(read.Findings)+read.Off == 0:
		return failure{"unread", fmt.Errorf("the command %s ended with exit code %d: it said that there are findings, and none could be read%s", d.Name, result.Exit, saying(cmp.Or(lastLine(out.Stderr), lastLine(out.Stdout))))}
	}
	return nil
}

// isCut says whether what is read of the program is not all of it.
func (r *reading) isCut(result sandbox.Result) bool {
	switch r.definition.Output.From {
	case "stderr":
		return result.ErrTruncated
	case "both":
		return result.OutTruncated || result.ErrTruncated
	}
	return result.OutTruncated
}

// take makes a finding of the check out of one of the program's.
func (r *reading) take(f output.Finding, code string) {
	v := verdict.Finding{Name: nameOf(code), Message: f.Message, Help: f.Help, Severity: verdict.Error}
	switch f.Severity {
	case "warning":
		v.Severity = verdict.Warning
	case "info":
		v.Severity, v.Advice = verdict.Warning, true
	}
	v.Identity = code + " " + digits.ReplaceAllString(f.Message, "#")
	if code != "" && code != v.Name && !strings.Contains(f.Message, code) {
		v.Message += " (" + code + ")"
	}
	r.place(&v, f)
	r.find(v)
}

// digits are what changes in a message when lines are added above.
var digits = regexp.MustCompile(`[0-9]+`)

// place says where a finding is: in a file that was laid out, or else at the unit, with the
// program's own words for the place in the message.
func (r *reading) place(v *verdict.Finding, f output.Finding) {
	v.Place = verdict.Place{File: r.unit.Path}
	if f.File == "" && f.Line > 0 && r.unit.Dir == "" && len(r.unit.names) == 1 {
		f.File = from(r.dir, r.unit.Path) // the unit is one file: it is nowhere else
	}
	if f.File == "" {
		if f.Line > 0 {
			v.Message = fmt.Sprintf("line %d: %s", f.Line, v.Message)
		}
		return
	}
	name, ok := output.Resolve(f.File, r.dir, r.isThere)
	if !ok {
		if path.Join(r.dir, f.File) != r.unit.Path && f.File != r.unit.Path {
			v.Message = wordsOf(f) + ": " + v.Message
		}
		return
	}
	v.File = name
	lines := r.linesOf(name)
	if f.Line > len(lines) {
		v.Message = fmt.Sprintf("line %d: %s", f.Line, v.Message)
		return
	}
	v.Line = f.Line
	if f.Line == 0 {
		return
	}
	line := lines[f.Line-1]
	if column := r.definition.Output.Column(line, f.Column); column <= utf8.RuneCountInString(line)+1 {
		v.Column = column
	}
}

// wordsOf is a place in the program's words.
func wordsOf(f output.Finding) string {
	return verdict.Place{File: f.File, Line: f.Line, Column: f.Column}.String()
}

// isThere says whether a path of the repository is a file that the program saw.
func (r *reading) isThere(name string) bool {
	if r.unit.has(name) {
		return true
	}
	_, there := slices.BinarySearch(r.with, name)
	return there
}

// linesOf are the lines of a file that the program saw.
func (r *reading) linesOf(name string) []string {
	if lines, known := r.lines[name]; known {
		return lines
	}
	files, at := r.unit.shared, name
	if inside, ok := r.unit.inside(name); ok && r.unit.has(name) {
		files, at = r.unit.Files, inside
	}
	data, _ := fs.ReadFile(files, at) // it was laid out
	if r.lines == nil {
		r.lines = map[string][]string{}
	}
	r.lines[name] = strings.Split(string(data), "\n")
	return r.lines[name]
}

// maxFindings is how many findings of one check a unit has at most.
const maxFindings = 1000

// bounded are the findings, sorted, and so many.
func (r *reading) bounded() []verdict.Finding {
	all := verdict.SortFindings(r.found)
	if len(all) <= maxFindings {
		return all
	}
	kept, rest := all[:maxFindings:maxFindings], all[maxFindings:]
	worst := verdict.Finding{Severity: verdict.Warning, Advice: true}
	for _, f := range rest {
		worst.Advice = worst.Advice && f.Advice
		if f.Severity == verdict.Error {
			worst.Severity = verdict.Error
		}
	}
	return verdict.SortFindings(append(kept, verdict.Finding{
		Rule: r.check.ID, Name: nameMore, Severity: worst.Severity, Advice: worst.Advice, Place: verdict.Place{File: r.unit.Path},
		Message: fmt.Sprintf("the command %s found %d more, which are not told", r.definition.Name, len(rest)), Help: "mend those that are told first",
	}))
}

// maxName is how long the name of a finding is at most.
const maxName = 64

// nameOf is a program's code in the form of our names.
func nameOf(code string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(code) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == maxName {
			break
		}
	}
	return cmp.Or(strings.Trim(b.String(), "-"), nameFinding)
}

// clean is what a program printed without the path of its folder, and without a last line that was not
// kept whole: it may end in the midst of that path.
func clean(result sandbox.Result) output.Streams {
	var folders []string
	for _, folder := range []string{result.Folder, result.Scratch} {
		if folder == "" {
			continue
		}
		folders = append(folders, folder)
		if to := path.Join(closure.Resolved(path.Dir(folder)), path.Base(folder)); to != folder {
			folders = append(folders, to)
		}
	}
	stdout, stderr := wholeLines(result.Stdout, result.OutTruncated), wholeLines(result.Stderr, result.ErrTruncated)
	return output.Streams{Stdout: output.Scrub(stdout, folders...), Stderr: output.Scrub(stderr, folders...)}
}

// wholeLines is a text without what stands behind its last line break, if it was cut. One of a single
// line stays: what breaks off in it no format reads.
func wholeLines(text []byte, wasCut bool) []byte {
	if end := bytes.LastIndexByte(text, '\n'); wasCut && end >= 0 {
		return text[:end+1]
	}
	return text
}

// ending says how a program ended that did not so by itself, "" for one that did.
func ending(result sandbox.Result, l sandbox.Limits) string {
	switch result.Ending {
	case sandbox.Exited:
		return ""
	case sandbox.Killed:
		return "was ended by " + cmp.Or(result.Signal, result.Why, "a signal")
	case sandbox.OutOfTime:
		return fmt.Sprintf("took longer than %s (its definition bounds it by timeout)", l.Time)
	case sandbox.OutOfMem:
		return fmt.Sprintf("took more memory than %s (its definition bounds it by memory)", yamldoc.SizeText(l.Memory))
	case sandbox.OutOfProcesses:
		return fmt.Sprintf("had more than %d processes at once (its definition bounds it by processes)", l.Processes)
	case sandbox.OutOfDisk:
		return fmt.Sprintf("wrote more than %s (its definition bounds it by disk)", yamldoc.SizeText(l.Disk))
	}
	return "could not be run: " + cmp.Or(result.Why, string(result.Ending))
}

// outcomeOf is what counters call an ending.
func outcomeOf(e sandbox.Ending) string {
	switch e {
	case sandbox.Killed:
		return "killed"
	case sandbox.OutOfTime:
		return "timeout"
	case sandbox.OutOfMem:
		return "memory"
	case sandbox.OutOfDisk, sandbox.NoRoom:
		return "disk"
	case sandbox.OutOfProcesses:
		return "processes"
	}
	return "unknown"
}

// maxSaid is how much of a program's own words stands in a cause, in bytes.
const maxSaid = 300

// saying adds a program's own words to a cause.
func saying(words string) string {
	if words == "" {
		return ""
	}
	return "; it said: " + words
}

// lastLine is the last line of what a program printed that is not blank, as people may read it.
func lastLine(text []byte) string { return shortened(output.Tail(text, 1), maxSaid) }

// firstLine is the first.
func firstLine(text []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	return output.Tail(line, 1)
}

// shortened is the beginning of a text, with whole characters.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
