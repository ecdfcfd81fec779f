package command

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/checks/command/output"
	"github.com/seed306eabeb/muster/sandbox"
	"github.com/seed306eabeb/muster/yamldoc"
)

// begun is a file up to the keys of its one command.
const begun = "muster: 1\ncommands:\n  lint:\n    "

func TestDefinition(t *testing.T) {
	t.Parallel()
	all, found := ReadFile("c.yaml", []byte(`muster: 1
commands:
  helm-lint:
    run: [helm, lint, "--kube-version={args.kube-version}", "{unit}"]
    version: [helm, version, --short]
    dir: root
    env: {HELM_CACHE_HOME: /tmp}
    args: {kube-version: {match: '1\.[0-9]+', default: "1.31"}}
    exit: {clean: [0, 2], findings: [3]}
    output:
      format: regex
      from: both
      pattern: '(?P<message>.*)'
      severities: {INFO: off}
      strip: 1
      prefix: charts
    timeout: 2m
    memory: 1GiB
    disk: 100
    max-output: 10KiB
    processes: 7
    read: [/usr/share/helm, /etc/helm]
    pure: true
    concurrency: 2
  plain:
    run: [/bin/true]
    output: {format: exit}
`))
	if len(found) > 0 || len(all) != 2 {
		t.Fatalf("%d definitions, %v", len(all), found)
	}
	d := all[0]
	if d.Name != "helm-lint" || d.Dir != DirRoot || d.Args["kube-version"] != (Arg{Match: `1\.[0-9]+`, Default: "1.31"}) || d.Env["HELM_CACHE_HOME"] != "/tmp" || !d.Pure || d.Network || d.Concurrency != 2 {
		t.Errorf("%+v", d)
	}
	if want := (sandbox.Limits{Time: 2 * time.Minute, Memory: 1 << 30, Disk: 100, Output: 10 << 10, Processes: 7}); d.Limits != want {
		t.Errorf("limits %+v, want %+v", d.Limits, want)
	}
	if o := d.Output; o.Format != output.Regex || o.From != "both" || o.Severities["INFO"] != "off" || o.Strip != 1 || o.Prefix != "charts" {
		t.Errorf("output %+v", o)
	}
	if strings.Join(d.Read, " ") != "/etc/helm /usr/share/helm" || len(d.Exit.Clean) != 2 || d.Exit.Findings[0] != 3 {
		t.Errorf("%+v", d)
	}
	d = all[1]
	if want := (sandbox.Limits{Time: DefaultTime, Memory: DefaultMemory, Disk: DefaultDisk, Output: DefaultOutput, Processes: DefaultProcesses}); d.Limits != want || d.Dir != DirUnit || d.Exit.Clean[0] != 0 || d.Exit.Findings[0] != 1 {
		t.Errorf("defaults: %+v", d)
	}
}

// TestMistakes: each is told at its place.
func TestMistakes(t *testing.T) {
	t.Parallel()
	const exit = "\n    output: {format: exit}"
	for name, tt := range map[string]struct{ text, want string }{
		"no text":               {"\xff", "1:1 the file is not valid UTF-8"},
		"nothing":               {"muster: 1\ncommands: {}\n", "2:11 commands is empty"},
		"unknown key":           {begun + "runs: [x]" + exit, `4:5 command has no field "runs"`},
		"twice":                 {begun + "run: [x]" + exit + "\n  lint:\n    run: [y]" + exit, "6:3 "},
		"a name":                {"muster: 1\ncommands:\n  Lint:\n    run: [x]" + exit, `3:3 "Lint" cannot name a command`},
		"nothing to run":        {begun + "run: []" + exit, "4:10 commands.lint.run is empty"},
		"a relative program":    {begun + "run: [./x]" + exit, `4:11 the program "./x" is given by a path that is not absolute`},
		"unknown placeholder":   {begun + `run: [x, "{units}"]` + exit, "4:14 commands.lint.run[1]: {units} stands for nothing"},
		"the unit as program":   {begun + `run: ["{unit}"]` + exit, "4:11 commands.lint.run[0]: {unit} stands in the program"},
		"files in an argument":  {begun + `run: [x, "-f={files}"]` + exit, "4:14 commands.lint.run[1]: {files} stands in a longer argument"},
		"undeclared argument":   {begun + `run: [x, "--v={args.v}"]` + exit, "4:14 commands.lint.run[1]: {args.v} is an argument that is not declared"},
		"unguarded argument":    {begun + `run: [x, "{args.v}"]` + "\n    args: {v: {match: a}}" + exit, "4:14 commands.lint.run[1]: {args.v} begins the argument"},
		"argument of dashes":    {begun + `run: [x, "--{args.v}"]` + "\n    args: {v: {match: a}}" + exit, "4:14 commands.lint.run[1]: {args.v} begins the argument"},
		"unused argument":       {begun + `run: [x]` + "\n    args: {v: {match: a}}" + exit, "5:12 {args.v} stands nowhere in run"},
		"placeholder asked":     {begun + `run: [x]` + "\n    version: [x, \"{unit}\"]" + exit, "5:18 {unit} stands in commands.lint.version[1], where no unit is known"},
		"bad match":             {begun + `run: [x, "--v={args.v}"]` + "\n    args: {v: {match: '('}}" + exit, "5:23 commands.lint.args.v.match cannot be read"},
		"default without match": {begun + `run: [x, "--v={args.v}"]` + "\n    args: {v: {match: a, default: b}}" + exit, `5:35 commands.lint.args.v.default is "b", which does not match a`},
		"default and needed":    {begun + `run: [x, "--v={args.v}"]` + "\n    args: {v: {match: a, default: a, needed: true}}" + exit, "5:35 commands.lint.args.v.default is given, but a repository must set"},
		"codes of both":         {begun + "run: [x]" + exit + "\n    exit: {clean: [0, 1]}", "6:11 exit code 1 means both"},
		"never clean":           {begun + "run: [x]" + exit + "\n    exit: {clean: []}", "6:19 commands.lint.exit.clean is empty"},
		"no pattern":            {begun + "run: [x]\n    output: {format: regex}", "5:5 commands.lint.output.pattern is missing"},
		"no message":            {begun + "run: [x]\n    output: {format: regex, pattern: '(?P<file>.*)'}", "5:38 commands.lint.output.pattern has no group message"},
		"a needless pattern":    {begun + "run: [x]\n    output: {format: sarif, pattern: '(?P<message>.*)'}", "5:29 commands.lint.output.pattern is given, but the format is sarif"},
		"a severity":            {begun + "run: [x]\n    output: {format: sarif, severities: {x: bad}}", `5:45 commands.lint.output.severities.x is "bad"; expected one of`},
		"a duration":            {begun + "run: [x]\n    timeout: soon" + exit, `5:14 commands.lint.timeout is "soon"; expected a duration`},
		"a size":                {begun + "run: [x]\n    memory: 1 parsec" + exit, `5:13 commands.lint.memory is "1 parsec"; expected a size`},
		"a relative path":       {begun + "run: [x]\n    read: [share]" + exit, `5:12 commands.lint.read[0] is "share"; expected an absolute path`},
		"the whole machine":     {begun + "run: [x]\n    read: [/]" + exit, `5:12 commands.lint.read[0] is "/", the whole machine`},
		"no errorformats":       {begun + "run: [x]\n    output: {format: errorformat, errorformats: []}", "5:13 commands.lint.output cannot be read by: there is no errorformat"},
		"a broken errorformat":  {begun + "run: [x]\n    output: {format: errorformat, errorformats: ['%f:%']}", `5:13 commands.lint.output cannot be read by: the errorformat "%f:%"`},
		"a prefix outside":      {begun + "run: [x]\n    output: {format: sarif, prefix: ../x}", `5:13 commands.lint.output cannot be read by: the prefix is "../x"`},
		"nothing to strip":      {begun + "run: [x]\n    output: {format: exit, strip: 1}", `5:13 commands.lint.output cannot be read by: strip, prefix and severities say nothing`},
		"pure with network":     {begun + "run: [x]\n    pure: true\n    network: true" + exit, "5:11 commands.lint.pure is given beside network"},
		"pure reads the kernel": {begun + "run: [x]\n    pure: true\n    read: [/usr, /proc/cpuinfo]" + exit, "6:12 a pure command cannot read /proc/cpuinfo"},
		"an image by its name":  {begun + "run: [x]\n    pure: true\n    image: helm:3" + exit, `6:12 commands.lint.image is "helm:3"; expected a digest`},
		"an image of nothing":   {begun + "run: [x]\n    image: sha256:" + strings.Repeat("0", 64) + exit, "5:5 commands.lint.image is given, but the command is not pure"},
	} {
		all, found := ReadFile("c.yaml", []byte(tt.text))
		if len(found) == 0 || all != nil {
			t.Errorf("%s: %d definitions, %d mistakes; want %s", name, len(all), len(found), tt.want)
			continue
		}
		got := strings.TrimPrefix(found[0].Place.String(), "c.yaml:") + " " + found[0].Message
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, tt.want)
		}
	}
}

var update = flag.Bool("update", false, "write golden files")

// TestJSONSchema compares the schema with the one in the docs; -update writes it.
func TestJSONSchema(t *testing.T) {
	t.Parallel()
	const golden = "../../docs/commands.schema.json"
	schema, err := JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	schema = append(schema, '\n')
	if *update {
		if err := os.WriteFile(golden, schema, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(schema, want) {
		t.Errorf("the schema differs from %s (%v); run the test with -update", golden, err)
	}
}

// TestPageUsesEveryKey: docs/commands.md shows each key in an example, and defines what can be read.
func TestPageUsesEveryKey(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml commands.yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(examples) == 0 {
		t.Fatal("the page has no example")
	}
	all := ""
	for _, e := range examples {
		if _, found := ReadFile("commands.yaml", []byte(e[1])); len(found) > 0 {
			t.Errorf("%s\n%v", e[1], found)
		}
		all += e[1]
	}
	for _, o := range yamldoc.Objects(fileObject) {
		for _, key := range o.Keys() {
			if !regexp.MustCompile(`[\s{]` + key + `:`).MatchString(all) {
				t.Errorf("no example of docs/commands.md has the key %s of %s", key, o.Name)
			}
		}
	}
}
