package command

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/internal/foreign"
	"github.com/seed306eabeb/muster/yamldoc"
)

// What stands for what in the arguments of a definition.
const (
	unitPlaceholder  = "unit"
	filesPlaceholder = "files"
	argPrefix        = "args."
)

// placeholder is one in an argument.
type placeholder struct {
	name       string
	start, end int // of the argument's bytes
}

// placeholderForm is a word in braces. What has other signs in it is the program's own, as {{.Name}}
// and {"a": 1} are.
var placeholderForm = regexp.MustCompile(`\{[a-z][a-z0-9_.-]*\}`)

// placeholders are those of an argument. Braces in braces are the program's own.
func placeholders(text string) (all []placeholder) {
	for _, at := range placeholderForm.FindAllStringIndex(text, -1) {
		if at[0] > 0 && text[at[0]-1] == '{' || at[1] < len(text) && text[at[1]] == '}' {
			continue
		}
		all = append(all, placeholder{text[at[0]+1 : at[1]-1], at[0], at[1]})
	}
	return all
}

// judge says what is wrong with a placeholder in an argument, and what to do; "" if nothing is. behind
// says whether a -- stands before it.
func (p placeholder) judge(text string, program, behind bool, args *yamldoc.Value) (message, help string) {
	name, isArg := strings.CutPrefix(p.name, argPrefix)
	switch {
	case program:
		return fmt.Sprintf("{%s} stands in the program itself", p.name), "name the program: what a repository has is never run"
	case p.name == filesPlaceholder && text != "{files}":
		return "{files} stands in a longer argument", "let it be an argument of its own: it becomes one for each file"
	case p.name == unitPlaceholder, p.name == filesPlaceholder:
		return "", ""
	case !isArg:
		known := []string{unitPlaceholder, filesPlaceholder}
		for _, a := range args.Entries() {
			known = append(known, argPrefix+a.Key())
		}
		return fmt.Sprintf("{%s} stands for nothing", p.name), "want {" + strings.Join(known, "}, {") + "}"
	case args.Entry(name) == nil:
		return fmt.Sprintf("{%s} is an argument that is not declared", p.name), "declare it: args: {" + name + ": {match: …}}"
	case !behind && strings.Trim(text[:p.start], "-") == "":
		return fmt.Sprintf("{%s} begins the argument, so that its value could pass for an option", p.name), "put it behind an option of yours, as in --" + name + "={" + p.name + "}, or behind a \"--\""
	}
	return "", ""
}

// maxArgument is how long the value of an argument may be, in bytes.
const maxArgument = 1024

// wholeOf matches a whole text.
func wholeOf(match string) (*regexp.Regexp, error) {
	if _, err := foreign.Regexp(match); err != nil {
		return nil, err
	}
	return foreign.Regexp(`\A(?:` + match + `)\z`)
}

// refused says why a value is none for an argument, "" if it is one.
func refused(value string, whole *regexp.Regexp) string {
	switch {
	case len(value) > maxArgument:
		return fmt.Sprintf("is longer than %d bytes", maxArgument)
	case strings.HasPrefix(value, "-"):
		return "begins with a dash, as options do"
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		return "has characters that nobody sees"
	case !whole.MatchString(value):
		return "does not match " + strings.TrimSuffix(strings.TrimPrefix(whole.String(), `\A(?:`), `)\z`)
	}
	return ""
}

// arguments are the values of all arguments of the definition that have one, of those that a
// repository gives, and else of the defaults.
func (d Definition) arguments(given map[string]string) (map[string]string, error) {
	for _, name := range sortedKeys(given) {
		if _, declared := d.Args[name]; !declared {
			return nil, fmt.Errorf("the command %s takes no argument %q: %s; see args of the check", d.Name, name, d.takes())
		}
	}
	values := map[string]string{}
	for _, name := range sortedKeys(d.Args) {
		a := d.Args[name]
		value, ok := given[name]
		switch {
		case !ok && a.Needed:
			return nil, fmt.Errorf("the command %s needs the argument %q: say args: {%[2]s: …} in the check", d.Name, name)
		case !ok && a.Default == "":
			continue
		case !ok:
			value = a.Default
		}
		whole, err := wholeOf(a.Match)
		if err != nil {
			return nil, fmt.Errorf("the argument %q of the command %s: %w", name, d.Name, err)
		}
		if why := refused(value, whole); why != "" {
			return nil, fmt.Errorf("the argument %q is %q, which %s: give another one in the check, or ask who runs the workers to let the command %s take it", name, value, why, d.Name)
		}
		values[name] = value
	}
	return values, nil
}

// takes says which arguments the command takes.
func (d Definition) takes() string {
	if len(d.Args) == 0 {
		return "it takes none"
	}
	return "it takes " + strings.Join(sortedKeys(d.Args), ", ")
}

// maxArgv is how many bytes all arguments may have: half of what Linux allows.
const maxArgv = 1 << 20

// errTooLong says that arguments do not fit.
var errTooLong = errors.New("its files are more than a command line can name: let the command take {unit}, or let `in` match fewer")

// fill is what is run of a unit: Run with all placeholders filled. unit and files are paths from the
// folder in which the program starts.
func (d Definition) fill(unit string, files []string, given map[string]string) (argv []string, err error) {
	values, err := d.arguments(given)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, text := range d.Run {
		for _, argument := range fillOne(text, unit, files, values) {
			argv = append(argv, argument)
			size += len(argument) + 1
		}
		if size > maxArgv {
			return nil, errTooLong
		}
	}
	return argv, nil
}

// fillOne are the arguments that one of the definition's becomes: none where it is about an argument
// without a value.
func fillOne(text, unit string, files []string, values map[string]string) []string {
	if text == "{"+filesPlaceholder+"}" {
		all := make([]string, len(files))
		for i, name := range files {
			all[i] = noOption(name)
		}
		return all
	}
	var b strings.Builder
	last := 0
	for _, p := range placeholders(text) {
		value := noOption(unit)
		if name, isArg := strings.CutPrefix(p.name, argPrefix); isArg {
			var ok bool
			if value, ok = values[name]; !ok {
				return nil
			}
		}
		b.WriteString(text[last:p.start])
		b.WriteString(value)
		last = p.end
	}
	b.WriteString(text[last:])
	return []string{b.String()}
}

// noOption is a path that cannot pass for an option.
func noOption(name string) string {
	if strings.HasPrefix(name, "-") {
		return "./" + name
	}
	return name
}

func sortedKeys[V any](m map[string]V) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
