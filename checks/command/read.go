package command

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/checks/command/output"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/foreign"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// ReadFile reads the commands that a file defines, sorted by name. The findings are its mistakes,
// each at its place: with one of them no definition is given.
func ReadFile(name string, data []byte) ([]Definition, []verdict.Finding) {
	f := &file{}
	if found, bad := reader.NotText(name, data); bad {
		return nil, []verdict.Finding{found}
	}
	root := reader.Read(name, data, yamldoc.ObjectOf(fileObject), f.add)
	var all []Definition
	for _, v := range root.Get("commands").Entries() {
		all = append(all, f.definition(v))
	}
	if root.Good() && root.Get("commands").Good() && len(root.Get("commands").Items()) == 0 {
		f.wrong(root.Get("commands"), "commands is empty", "define one, or leave out --commands")
	}
	if len(f.found) > 0 {
		return nil, verdict.SortFindings(f.found)
	}
	return all, nil
}

// file gathers the mistakes of one file.
type file struct{ found []verdict.Finding }

func (f *file) add(found verdict.Finding) { f.found = append(f.found, found) }

func (f *file) wrong(v *yamldoc.Value, message, help string) {
	f.add(mistake.At(v.Place(), message, help))
}

func (f *file) wrongKey(v *yamldoc.Value, message, help string) {
	f.add(mistake.At(v.KeyPlace(), message, help))
}

// definition is one entry of the file.
func (f *file) definition(v *yamldoc.Value) Definition {
	d := Definition{Name: v.Key(), Args: map[string]Arg{}, Env: map[string]string{}}
	if !id.IsCommand(d.Name) {
		f.wrongKey(v, fmt.Sprintf("%q cannot name a command", d.Name), "begin with a letter, and go on with lower-case letters, digits and dashes, 63 at most")
	}
	d.Dir, _ = v.TextOf("dir")
	for _, a := range v.Get("args").Entries() {
		d.Args[a.Key()] = f.arg(a)
	}
	d.Run, d.Version = f.argv(v.Get("run"), v.Get("args")), f.program(v.Get("version"))
	for _, e := range v.Get("env").Entries() {
		d.Env[e.Key()] = f.variable(e)
	}
	d.Exit = f.exit(v.Get("exit"))
	d.Output = f.output(v.Get("output"))
	f.limits(v, &d)
	d.Network, d.Pure = v.Flag("network"), v.Flag("pure")
	d.Read = f.paths(v.Get("read"))
	d.Image = f.image(v)
	if n, ok := v.Number("concurrency"); ok {
		d.Concurrency = int(n)
	}
	if d.Pure && d.Network {
		f.wrong(v.Get("pure"), v.Get("pure").Path()+" is given beside network: what others answer is no part of an engine", "take out one of the two")
	}
	if i := slices.IndexFunc(d.Read, isOfTheKernel); d.Pure && i >= 0 {
		f.wrong(v.Get("read").Items()[i], fmt.Sprintf("a pure command cannot read %s: it changes all the time", d.Read[i]), "take it out, or take out pure")
	}
	return d
}

// isOfTheKernel says whether a path holds what the kernel makes up.
func isOfTheKernel(name string) bool {
	return slices.ContainsFunc([]string{"/proc", "/sys", "/dev"}, func(of string) bool { return name == of || strings.HasPrefix(name, of+"/") })
}

// nameOfArg is what arguments are called.
var nameOfArg = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (f *file) arg(v *yamldoc.Value) Arg {
	a := Arg{Match: v.Get("match").Text(), Default: v.Get("default").Text(), Needed: v.Flag("needed")}
	if !nameOfArg.MatchString(v.Key()) {
		f.wrongKey(v, fmt.Sprintf("%q cannot name an argument", v.Key()), "begin with a letter, and go on with lower-case letters, digits and dashes")
	}
	if !v.Get("match").Good() {
		return a
	}
	whole, err := wholeOf(a.Match)
	if err != nil {
		f.wrong(v.Get("match"), fmt.Sprintf("%s cannot be read: %v", v.Get("match").Path(), err), "write a regular expression of RE2")
		return a
	}
	if def := v.Get("default"); def.Good() {
		if why := refused(def.Text(), whole); why != "" {
			f.wrong(def, fmt.Sprintf("%s is %q, which %s", def.Path(), def.Text(), why), "give a value that a repository may give")
		}
		if a.Needed {
			f.wrong(def, def.Path()+" is given, but a repository must set the argument", "take out `default` or `needed`")
		}
	}
	return a
}

// program is a program with its arguments, in which no placeholder stands.
func (f *file) program(v *yamldoc.Value) []string {
	argv := v.Texts()
	f.judgeProgram(v, argv)
	for i, text := range argv {
		if found := placeholders(text); len(found) > 0 {
			f.wrong(v.Items()[i], fmt.Sprintf("{%s} stands in %s, where no unit is known", found[0].name, v.Items()[i].Path()), "take it out")
		}
	}
	return argv
}

// judgeProgram says what is wrong with the first of an argument list.
func (f *file) judgeProgram(v *yamldoc.Value, argv []string) {
	switch {
	case !v.Good():
	case len(argv) == 0:
		f.wrong(v, v.Path()+" is empty", "name the program first, as in [helm, lint, \"{unit}\"]")
	case argv[0] == "":
		f.wrong(v.Items()[0], "the program is empty", "name it as the PATH has it, or by its absolute path")
	case strings.Contains(argv[0], "/") && !path.IsAbs(argv[0]):
		f.wrong(v.Items()[0], fmt.Sprintf("the program %q is given by a path that is not absolute", argv[0]), "name it as the PATH has it, or by its absolute path")
	}
	for i, text := range argv {
		if strings.ContainsRune(text, 0) {
			f.wrong(v.Items()[i], v.Items()[i].Path()+" has a zero byte, which no argument can have", "take it out")
		}
	}
}

// argv is what is run, with placeholders.
func (f *file) argv(v, args *yamldoc.Value) []string {
	argv := v.Texts()
	f.judgeProgram(v, argv)
	behind := false // a --
	used := map[string]bool{}
	for i, text := range argv {
		for _, p := range placeholders(text) {
			if message, help := p.judge(text, i == 0, behind, args); message != "" {
				f.wrong(v.Items()[i], v.Items()[i].Path()+": "+message, help)
			}
			used[strings.TrimPrefix(p.name, argPrefix)] = true
		}
		behind = behind || text == "--"
	}
	for _, a := range args.Entries() {
		if v.Good() && !used[a.Key()] {
			f.wrongKey(a, fmt.Sprintf("{%s%s} stands nowhere in run", argPrefix, a.Key()), "put it there, or take out the argument")
		}
	}
	return argv
}

// nameOfVariable is what environment variables are called.
var nameOfVariable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (f *file) variable(v *yamldoc.Value) string {
	if !nameOfVariable.MatchString(v.Key()) {
		f.wrongKey(v, fmt.Sprintf("%q cannot name an environment variable", v.Key()), "use letters, digits and underscores")
	}
	if strings.ContainsRune(v.Text(), 0) {
		f.wrong(v, v.Path()+" has a zero byte, which no variable can have", "take it out")
	}
	return v.Text()
}

func (f *file) exit(v *yamldoc.Value) Exit {
	e := Exit{Clean: []int{0}, Findings: []int{1}}
	if list := v.Get("clean"); list.Good() {
		e.Clean = numbers(list)
	}
	list := v.Get("findings")
	if list.Good() {
		e.Findings = numbers(list)
	}
	at := list
	if at == nil {
		at = v
	}
	for _, code := range e.Findings {
		if slices.Contains(e.Clean, code) {
			f.wrong(at, fmt.Sprintf("exit code %d means both clean and findings", code), "take it out of one of the two lists; `clean` may come with findings as well, `findings` never without")
		}
	}
	if v.Good() && len(e.Clean) == 0 {
		f.wrong(v.Get("clean"), v.Get("clean").Path()+" is empty: no unit could be ok", "name the exit code of a run that found nothing, such as 0")
	}
	return e
}

func numbers(list *yamldoc.Value) (all []int) {
	for _, v := range list.Items() {
		if v.Good() {
			all = append(all, int(v.Int()))
		}
	}
	return all
}

// wantedGroups are those that a pattern may have.
var wantedGroups = []string{"file", "line", "column", "endline", "endcolumn", "severity", "code", "message"}

func (f *file) output(v *yamldoc.Value) output.Spec {
	before := len(f.found)
	format, _ := v.TextOf("format")
	from, _ := v.TextOf("from")
	s := output.Spec{Format: output.Format(format), From: from, Pattern: v.Get("pattern").Text(), Prefix: v.Get("prefix").Text(), Severities: map[string]string{}}
	if n, ok := v.Number("strip"); ok {
		s.Strip = int(n)
	}
	for _, e := range v.Get("severities").Entries() {
		s.Severities[e.Key()] = e.Text()
	}
	s.Errorformats = textsOf(v.Get("errorformats"))
	f.judgeOnly(v, "pattern", output.Regex, s.Format)
	f.judgeOnly(v, "errorformats", output.Errorformat, s.Format)
	if p := v.Get("pattern"); p.Good() {
		f.judgePattern(p)
	}
	if err := s.Check(); err != nil && v.Good() && len(f.found) == before {
		f.wrong(v, v.Path()+" cannot be read by: "+strings.ReplaceAll(err.Error(), "\n", "; "), "see docs/commands.md")
	}
	return s
}

// textsOf are the texts of a string, or of a list of them.
func textsOf(v *yamldoc.Value) (all []string) {
	if !v.Good() {
		return nil
	}
	if len(v.Items()) == 0 && v.Text() != "" {
		return []string{v.Text()}
	}
	return v.Texts()
}

// judgeOnly says what is wrong with a key that one format needs, and no other has.
func (f *file) judgeOnly(v *yamldoc.Value, key string, of, format output.Format) {
	switch given := v.Get(key); {
	case !v.Good() || v.Get("format").Bad():
	case format == of && given == nil:
		f.wrongKey(v, fmt.Sprintf("%s.%s is missing, by which format %s is read", v.Path(), key, of), "add it")
	case format != of && given != nil:
		f.wrongKey(given, fmt.Sprintf("%s is given, but the format is %s", given.Path(), format), "take it out, or say format: "+string(of))
	}
}

func (f *file) judgePattern(v *yamldoc.Value) {
	re, err := foreign.Regexp(v.Text())
	if err != nil {
		f.wrong(v, fmt.Sprintf("%s cannot be read: %v", v.Path(), err), "write a regular expression of RE2")
		return
	}
	groups := re.SubexpNames()
	if !slices.Contains(groups, "message") {
		f.wrong(v, v.Path()+" has no group message", "name what the program says of a finding: (?P<message>.*)")
	}
	for _, name := range groups {
		if name != "" && !slices.Contains(wantedGroups, name) {
			f.wrong(v, fmt.Sprintf("%s has a group %s, which means nothing", v.Path(), name), yamldoc.Meant(name, wantedGroups, groups, func(string) *verdict.Fix { return nil }).Of(verdict.Finding{}).Help)
		}
	}
}

func (f *file) limits(v *yamldoc.Value, d *Definition) {
	d.Limits.Time = f.duration(v.Get("timeout"), DefaultTime)
	d.Limits.Memory = f.size(v.Get("memory"), DefaultMemory)
	d.Limits.Disk = f.size(v.Get("disk"), DefaultDisk)
	d.Limits.Output = int(min(f.size(v.Get("max-output"), DefaultOutput), math.MaxInt32))
	d.Limits.Processes = DefaultProcesses
	if n, ok := v.Number("processes"); ok {
		d.Limits.Processes = int(n)
	}
}

func (f *file) duration(v *yamldoc.Value, def time.Duration) time.Duration {
	if !v.Good() {
		return def
	}
	d, err := time.ParseDuration(v.Text())
	if err != nil || d < time.Millisecond {
		f.wrong(v, fmt.Sprintf("%s is %q; expected a duration of 1ms or more", v.Path(), v.Text()), "write a number with its unit, such as 30s")
		return def
	}
	return d
}

// sizeUnits are those of sizes, the longest suffix first.
var sizeUnits = []struct {
	suffix string
	bytes  int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1000}, {"KB", 1000}, {"MB", 1000_000}, {"GB", 1000_000_000}, {"B", 1}, {"", 1}}

func (f *file) size(v *yamldoc.Value, def int64) int64 {
	if !v.Good() {
		return def
	}
	if !v.IsText() {
		return v.Int()
	}
	for _, u := range sizeUnits {
		number, ok := strings.CutSuffix(v.Text(), u.suffix)
		if !ok {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64); err == nil && n > 0 && n <= math.MaxInt64/u.bytes {
			return n * u.bytes
		}
		break
	}
	f.wrong(v, fmt.Sprintf("%s is %q; expected a size", v.Path(), v.Text()), "write a number with its unit, such as 512MiB")
	return def
}

func (f *file) paths(v *yamldoc.Value) []string {
	all := v.Texts()
	for i, name := range all {
		switch {
		case name == "/":
			f.wrong(v.Items()[i], fmt.Sprintf("%s is %q, the whole machine", v.Items()[i].Path(), name), "name the files and folders that the program needs")
		case !path.IsAbs(name) || path.Clean(name) != name:
			f.wrong(v.Items()[i], fmt.Sprintf("%s is %q; expected an absolute path in its shortest form", v.Items()[i].Path(), name), "write "+strconv.Quote(path.Clean("/"+name)))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// digestForm is a digest as images have it.
var digestForm = regexp.MustCompile(`(^|@)sha256:[0-9a-f]{64}$`)

func (f *file) image(v *yamldoc.Value) string {
	image := v.Get("image")
	if !image.Good() {
		return ""
	}
	if !digestForm.MatchString(image.Text()) {
		f.wrong(image, fmt.Sprintf("%s is %q; expected a digest", image.Path(), image.Text()), "write sha256: and 64 hexadecimal digits, for a name may mean another image tomorrow")
	}
	if !v.Flag("pure") {
		f.wrongKey(image, image.Path()+" is given, but the command is not pure", "say pure: true, or take it out")
	}
	return image.Text()
}
