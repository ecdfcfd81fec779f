package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
)

// commands has checks that run commands, in units of every sort.
const commands = `muster: 1
units:
  port:
    at: ports/*/
    checks:
      - {run: helm-lint, with: [schemas/lib, shared/teams.yml], args: {kube-version: "1.31", profile: ""}}
      - {run: yamllint, in: ["*.json", "**/*.txt"], optional: true, severity: warning, help: see the page, docs: docs/checks.md, formerly: port/lint}
      - {run: helm-lint, with: schemas, id: port/helm-again}
      - {schema: schemas/port.json, in: port.json}
  rule:
    at: rules/**/*.yml
    checks: [{run: yamllint}]
  service:
    at: services/*/
    checks: [{shipcat: {}}, {run: helm-lint, with: schemas/lib}]
ignore: [{rules: [port/run, port/lint, port/helm-again], reason: they go}]
`

func TestDeclareCommands(t *testing.T) {
	t.Parallel()
	d := valid(t, commands)
	want := []declared.Check{
		{ID: "port/run", Verb: "run", Command: "helm-lint", With: []string{"schemas/lib", "shared/teams.yml"}, Args: map[string]string{"kube-version": "1.31", "profile": ""}},
		{ID: "port/run-2", Formerly: []string{"port/lint"}, Verb: "run", In: []string{"*.json", "**/*.txt"}, Optional: true, Severity: "warning", Help: "see the page", Docs: "docs/checks.md", Command: "yamllint"},
		{ID: "port/helm-again", Verb: "run", Command: "helm-lint", With: []string{"schemas"}},
		{ID: "port/schema", Verb: "schema", In: []string{"port.json"}, Schema: "schemas/port.json"},
	}
	if diff := cmp.Diff(want, d.Sections[0].Checks); diff != "" {
		t.Errorf("checks (-expected +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"command/helm-lint", "command/yamllint", "declared"}, {"command/yamllint", "declared"}, {"command/helm-lint", "declared", "manifest"}}, d.Checks); diff != "" {
		t.Errorf("checks of units (-expected +got):\n%s", diff)
	}
	port, service := d.Layout.Kinds[0], d.Layout.Kinds[2]
	if diff := cmp.Diff([]string{"schemas", "schemas/lib", "schemas/port.json", "shared/teams.yml"}, port.Shared); diff != "" {
		t.Errorf("shared files (-expected +got):\n%s", diff)
	}
	for file, want := range map[string]bool{"schemas/lib/base.json": true, "schemas/lib/gone.json": true, "shipcat.conf": true, "schemas/port.json": false} {
		if service.SharedFile(file) != want {
			t.Errorf("services share %s: %v, want %v", file, !want, want)
		}
	}
	if got, ok := d.Check("port/run"); !ok || got.Runs != "helm-lint" || !slices.Equal(got.With, want[0].With) || !slices.Equal(got.Args, []string{"kube-version=1.31", "profile="}) {
		t.Errorf("port/run is %+v", got)
	}
	if _, err := declared.DecodeSection(port.Given[Marker]); err != nil {
		t.Errorf("the section cannot be read: %v", err)
	}
}

func TestMistakesOfCommands(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", mostArgBytes+1)
	var many strings.Builder
	for i := range mostArgs + 1 {
		fmt.Fprintf(&many, "a%d: x, ", i)
	}
	const path = "units.port.checks[0]"
	for _, tt := range []struct{ what, check, want string }{
		{"a program", "{run: /usr/bin/helm}", `6:15 C226 .run: .run is "/usr/bin/helm", which is no name of a command [name a command, as in run: helm-lint; the program and its arguments stand in the file that whoever operates the workers gives them]`},
		{"a script of the repository", "{run: ./check.sh}", `6:15 C226 .run: .run is "./check.sh", which is no name of a command [name a command, as in run: helm-lint; the program and its arguments stand in the file that whoever operates the workers gives them]`},
		{"nearly a name", "{run: Helm_Lint}", `6:15 C226 .run: .run is "Helm_Lint", which is no name of a command [write helm-lint]`},
		{"a digit", `{run: "7"}`, `6:15 C226 .run: .run is "7", which is no name of a command [it begins with a letter, and has lower-case letters, digits and dashes]`},
		{"no name", `{run: ""}`, `6:15 C214 .run: .run is empty [give it a value or take it out]`},
		{"a list", "{run: [helm, lint]}", `6:15 C110 .run: .run is a list; expected a string`},
		{"optional without files", "{run: x, optional: true}", "6:18 C208 .optional: .optional is given, but no `in` that may match nothing [take it out, or name the files that the command looks at]"},
		{"tests", "{run: x, tests: [{document: 1, findings: 0}]}", "6:18 C208 .tests: .tests means nothing to the verb run [take it out: what a command finds is known where it is offered, and is tried there]"},
		{"keys of rules", `{run: x, when: "true", each: $, message: "'x'", regions: each}`, `6:18 C208 .when: .when means nothing to the verb run [take it out: it is a key of rule]
6:32 C208 .each: .each means nothing to the verb run [take it out: it is a key of rule]
6:41 C208 .message: .message means nothing to the verb run [take it out: it is a key of rule]
6:57 C208 .regions: .regions means nothing to the verb run [take it out: it is a key of rule]`},
		{"args of a schema", "{schema: schemas/port.json, in: port.json, args: {a: b}, with: schemas}", `6:52 C208 .args: .args means nothing to the verb schema [take it out: it is a key of run]
6:66 C208 .with: .with means nothing to the verb schema [take it out: it is a key of run]`},
		{"what it does not see", "{run: x, reads: [chart/**, a.json], in: [chart/*.yaml, a.json, '*.json']}", `6:72 C229 .in[2]: .in[2] is "*.json", which is not within what the command sees by .reads [name these files in ` + "`reads`" + `, too, or take them out of ` + "`in`] {6:18 what it sees}"},
		{"folders that it sees", "{run: x, reads: chart/}", `6:25 C201 .reads: .reads is "chart/", a glob of folders; expected one of files [write "chart/**"]`},
		{"a broken glob of what it sees", "{run: x, reads: 'a/../b'}", `6:25 C201 .reads: .reads: glob "a/../b": want a path below the repository, without empty, . and .. elements`},
		{"may see nothing", "{run: x, reads: chart/**, optional: true}", ""},
		{"what a schema reads", "{schema: schemas/port.json, in: port.json, reads: chart/**}", `6:52 C208 .reads: .reads means nothing to the verb schema [take it out: it is a key of run]`},
		{"an option", `{run: x, args: {a: -rf}}`, `6:28 C227 .args.a: .args.a is "-rf", which a program would take for an option [options stand in the definition of the command; an argument is what follows them]`},
		{"a number", `{run: x, args: {a: 1.31}}`, `6:28 C110 .args.a: .args.a is the float 1.31; expected a string [quote the value: "1.31"]`},
		{"a boolean", `{run: x, args: {a: true}}`, `6:28 C110 .args.a: .args.a is the boolean true; expected a string [quote the value: "true"]`},
		{"several lines", `{run: x, args: {a: "b\nc"}}`, `6:28 C227 .args.a: .args.a is "b\nc"; expected one line without control characters [put it into a file, and name that in ` + "`with`]"},
		{"a name that is none", `{run: x, args: {Kube_Version: a, --x: b}}`, `6:25 C227 .args.Kube_Version: "Kube_Version" is no name of an argument [it begins with a letter, and has lower-case letters, digits and dashes]
6:42 C227 .args.--x: "--x" is no name of an argument [it begins with a letter, and has lower-case letters, digits and dashes]`},
		{"much", `{run: x, args: {a: ` + long + `}}`, `6:28 C227 .args.a: .args.a has 1025 bytes; expected at most 1024 [put it into a file, and name that in ` + "`with`]"},
		{"many", `{run: x, args: {` + many.String() + `}}`, `6:24 C227 .args: .args has 65 arguments; expected at most 64 [put them into a file, and name it in ` + "`with`]"},
		{"none", "{run: x, args: {}, with: []}", `6:24 C214 .args: .args is empty [give it a value or take the key out]
6:34 C214 .with: .with is empty [give it a value or take the key out]`},
		{"a path of the machine", "{run: x, with: /etc/passwd}", `6:24 C228 .with: .with is "/etc/passwd", a path of the machine; expected one from the root of the repository [what a program needs of the machine stands in the definition of the command]`},
		{"above the repository", "{run: x, with: ../x}", `6:24 C203 .with: .with is "../x"; expected a path from the root of the repository, without empty, . and .. elements`},
		{"not clean", "{run: x, with: ./schemas}", `6:24 C203 .with: .with is "./schemas"; expected a path from the root of the repository, without empty, . and .. elements [write schemas]`},
		{"a folder with a slash", "{run: x, with: schemas/}", `6:24 C228 .with: .with is "schemas/"; expected a path without a / at its end [write schemas]`},
		{"all", "{run: x, with: .}", `6:24 C228 .with: .with is ".", the whole repository [name the folders that the command needs: a change in any of them concerns all units of the kind]`},
		{"git's own files", "{run: x, with: .git/config}", `6:24 C228 .with: .with is ".git/config", of git's own files, which may hold secrets [take it out]`},
		{"muster.yaml", "{run: x, with: muster.yaml}", `6:24 C228 .with: muster.yaml itself is not shared [take it out]`},
		{"a glob", "{run: x, with: schemas/*}", `6:24 C228 .with: .with is "schemas/*", a glob; expected the path of a file or a folder [name the folder: all below it is there]`},
		{"a file that is not there", "{run: x, with: [schemas, schemas/prot.json]}", `6:34 C203 .with[1]: .with[1] is "schemas/prot.json", which does not exist [did you mean "schemas/port.json"?]`},
		{"a file twice", "{run: x, with: [schemas, schemas/port.json, schemas]}", `6:53 C228 .with[2]: .with[2] is "schemas", which is given before [name it once]`},
		{"the units themselves", "{run: x, with: ports}", ""},
		{"files for a kind of folders", "{run: x, in: '*.json', with: ports/zlib/port.json}", ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			got := strings.ReplaceAll(said(declare(t, portChecks+"      - "+tt.check+"\n").Findings), path, "")
			if diff := cmp.Diff(tt.want, strings.TrimSuffix(got, "\n")); diff != "" {
				t.Errorf("mistakes (-expected +got):\n%s", diff)
			}
		})
	}
	if diff := cmp.Diff("6:21 C209 units.rule.checks[0].in: units.rule.checks[0].in is given, but a unit of kind \"rule\" is one file [take it out]\n",
		said(declare(t, ruleChecks+"      - {run: lint, in: a}\n").Findings)); diff != "" {
		t.Errorf("units that are files (-expected +got):\n%s", diff)
	}
}

// TestLinksBesideUnits: a link to a file of the repository stands for it, and its change concerns the
// units; one that leads elsewhere is a mistake.
func TestLinksBesideUnits(t *testing.T) {
	t.Parallel()
	link := func(to string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(to), Mode: 0o777 | fs.ModeSymlink}
	}
	for _, tt := range []struct{ what, with, at, to, want string }{
		{"a file by a link", "lib/link", "lib/link", "../schemas/rule.yaml", ""},
		{"a link in a folder", "lib", "lib/deep/link", "../../schemas/rule.yaml", ""},
		{"out of the repository", "lib", "lib/link", "../../etc/passwd", `6:34 C106 units.port.checks[0].with: units.port.checks[0].with is "lib", in which lib/link is a symbolic link [put the file itself there, or name what the command needs of the folder]`},
		{"to nowhere", "lib/link", "lib/link", "gone", `6:34 C106 units.port.checks[0].with: lib/link is a symbolic link; a regular file of the repository is read, or a link to one [put the file itself there]`},
		{"to a folder", "lib", "lib/link", "../schemas", `6:34 C106 units.port.checks[0].with: units.port.checks[0].with is "lib", in which lib/link is a symbolic link [put the file itself there, or name what the command needs of the folder]`},
		{"behind a link", "lib/link/lib", "lib/link", "../schemas", `6:34 C106 units.port.checks[0].with: lib/link/lib lies behind lib/link, which is a link; expected a folder of the repository [name the folder itself]`},
	} {
		files := repository(map[string]string{Marker: portChecks + "      - {run: helm-lint, with:   " + tt.with + "}\n", "lib/a": "a"})
		files[tt.at] = link(tt.to)
		d := declareIn(t, files)
		if diff := cmp.Diff(tt.want, strings.TrimSuffix(said(d.Findings), "\n")); diff != "" {
			t.Errorf("%s: mistakes (-expected +got):\n%s", tt.what, diff)
		}
		if tt.want == "" {
			if got := string(d.Layout.Kinds[0].Given[tt.at]); got != "{}" || !d.Layout.Governs("schemas/rule.yaml") || !d.Layout.Governs(tt.at) {
				t.Errorf("%s: %q is given, and %q governs", tt.what, got, d.Layout.Governing)
			}
		}
	}
}

// TestNothingBesideUnits: a folder without files does not lie beside units.
func TestNothingBesideUnits(t *testing.T) {
	t.Parallel()
	files := repository(map[string]string{Marker: portChecks + "      - {run: a, with: [schemas, schemas/lib, none]}\n"})
	files["none/deep"] = &fstest.MapFile{Mode: fs.ModeDir}
	want := `6:47 C228 units.port.checks[0].with[2]: units.port.checks[0].with[2] is "none", in which there is no file [take it out: an empty folder is not there beside the unit]`
	if diff := cmp.Diff(want+"\n", said(declareIn(t, files).Findings)); diff != "" {
		t.Errorf("mistakes (-expected +got):\n%s", diff)
	}
}

// TestMuchBesideUnits: what the checks of a kind name together is bounded, and said at the first that
// goes beyond.
func TestMuchBesideUnits(t *testing.T) {
	t.Parallel()
	files := repository(map[string]string{Marker: portChecks + "      - {run: a, with: [big/a, big/b, big/c]}\n"})
	half := &fstest.MapFile{Data: make([]byte, check.SharedLimit/2+1)}
	files["big/a"], files["big/b"], files["big/c"] = half, half, half
	want := `6:32 C228 units.port.checks[0].with[1]: units.port.checks[0].with[1] is "big/b", with which more than 64MiB lie beside each unit [name what the command needs of it]`
	if diff := cmp.Diff(want+"\n", said(declareIn(t, files).Findings)); diff != "" {
		t.Errorf("mistakes (-expected +got):\n%s", diff)
	}
	files = repository(map[string]string{Marker: portChecks + "      - {run: a, with: many}\n"})
	for i := range bundle.MaxFiles + 1 {
		files[fmt.Sprintf("many/%d", i)] = &fstest.MapFile{}
	}
	want = `6:24 C228 units.port.checks[0].with: units.port.checks[0].with is "many", with which more than 10000 files lie beside each unit [name what the command needs of it]`
	if diff := cmp.Diff(want+"\n", said(declareIn(t, files).Findings)); diff != "" {
		t.Errorf("mistakes (-expected +got):\n%s", diff)
	}
}

// TestWhatIsGitsLiesBesideNoUnit, nor what is behind a link that leads out of the repository.
func TestWhatIsGitsLiesBesideNoUnit(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"muster.yaml": portChecks + "      - {run: x, with: [vendor, shared/x]}\n", "ports/zlib/port.json": "{}", "vendor/lib/.git/config": "token", "vendor/lib/a": "",
	} {
		full := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.WriteFile(filepath.Join(outside, "x"), nil, 0o644), os.Symlink(outside, filepath.Join(dir, "shared"))); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	d, err := ReadDeclaration(root.FS())
	if err != nil {
		t.Fatal(err)
	}
	text := said(d.Findings)
	for _, want := range []string{`in which vendor/lib/.git has git's own files`, `shared/x lies behind shared, which is a link`} {
		if !strings.Contains(text, want) {
			t.Errorf("not told: %s\n%s", want, text)
		}
	}
}
