package scope_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/scope"
)

var byName = fleet.Layout{Marker: "fleet.conf", Kinds: []fleet.Kind{{
	Name: "service", At: []string{"services/*/"}, ByName: true,
	Shared: []string{"fleet.conf", "teams.yml", "templates"},
	SharedFile: func(path string) bool {
		return path == "fleet.conf" || path == "teams.yml" || strings.HasPrefix(path, "templates/") && strings.HasSuffix(path, ".j2")
	},
}}}

// repository is a checkout in the folder deploy of a git repository, and the folder of that.
func repository(t *testing.T) (git string, s scope.Scope) {
	t.Helper()
	git, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		".git/HEAD": "", "Makefile": "", "deploy/README.md": "", "deploy/fleet.conf": "", "deploy/teams.yml": "",
		"deploy/templates/a.j2": "", "deploy/templates/README": "",
		"deploy/services/orders/manifest.yml": "", "deploy/services/orders/deep/x.j2": "",
		"deploy/services/crew-a/manifest.yml": "", "deploy/services/crew-b/prod.yml": "", "deploy/services/a b/manifest.yml": "",
		"deploy/services/caf\xe9/manifest.yml": "", "deploy/services/été/manifest.yml": "", "deploy/services/[x]/manifest.yml": "",
		"deploy/services/loose.txt": "", "names": "orders\r\n\n  crew-a\n", "paths": "deploy/services/crew-b/prod.yml\x00deploy/services/a b/manifest.yml\x00",
	} {
		full := filepath.Join(git, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := worktree.Open(filepath.Join(git, "deploy"), byName)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return git, scope.Scope{Fleet: f}
}

const all = "all" // what a case wants that selects the whole fleet

func TestSelect(t *testing.T) {
	t.Parallel()
	git, s := repository(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(git, link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, dir string // dir is "deploy" if it is empty
		args      []string
		stdin     string
		want      []string
		passed    []string // others, and gone as "-name"
	}{
		{name: "nothing", want: []string{all}},
		{name: "names", args: []string{"orders", "crew-a/", "orders"}, want: []string{"crew-a", "orders"}},
		{name: "a raw name that is not UTF-8", args: []string{"caf\xe9"}, want: []string{`caf\xe9`}},
		{name: "a name as list prints it", args: []string{`caf\xe9`}, want: []string{`caf\xe9`}},
		{name: "a pattern", args: []string{"crew-*"}, want: []string{"crew-a", "crew-b"}},
		{name: "a pattern for everything", args: []string{"*"}, want: []string{"[x]", "a b", `caf\xe9`, "crew-a", "crew-b", "orders", "été"}},
		{name: "a name that is a pattern, too", args: []string{"[x]"}, want: []string{"[x]"}},
		{name: "a pattern of folders", args: []string{"services/crew-*"}, want: []string{"crew-a", "crew-b"}},
		{name: "a pattern of files", args: []string{"services/*/prod.yml"}, want: []string{"crew-b"}},
		{name: "a pattern of shared files", args: []string{"templates/*"}, want: []string{all}, passed: []string{"templates/README"}},
		{name: "folders and files", args: []string{"services/orders", "./services/crew-a/manifest.yml", "services/crew-b/"}, want: []string{"crew-a", "crew-b", "orders"}},
		{name: "a file deep in a service", args: []string{"services/orders/deep/x.j2"}, want: []string{"orders"}},
		{name: "a file that a service no longer has", args: []string{"services/orders/gone.yml"}, want: []string{"orders"}},
		{name: "an absolute path", args: []string{filepath.Join(git, "deploy/services/orders/manifest.yml")}, want: []string{"orders"}},
		{name: "one through a link", args: []string{filepath.Join(link, "deploy/services/orders")}, want: []string{"orders"}},
		{name: "one through a link to what is gone", args: []string{filepath.Join(link, "deploy/services/orders/gone")}, want: []string{"orders"}},
		{name: "dots on the way", args: []string{"services/crew-a/../orders"}, want: []string{"orders"}},
		{name: "the folder of the services", args: []string{"services/", "orders"}, want: []string{all}},
		{name: "the repository", args: []string{"."}, want: []string{all}},
		{name: "the marker", args: []string{"fleet.conf"}, want: []string{all}},
		{name: "a template", args: []string{"templates/a.j2"}, want: []string{all}},
		{name: "the folder of the templates", args: []string{"templates"}, want: []string{all}},
		{name: "a shared file that is gone", args: []string{"templates/b.j2"}, want: []string{all}},
		{name: "a file of no service", args: []string{"README.md", "orders"}, want: []string{"orders"}, passed: []string{"README.md"}},
		{name: "a file beside the services", args: []string{"services/loose.txt"}, passed: []string{"services/loose.txt"}},

		{name: "from a service's folder", dir: "deploy/services/orders", args: []string{"."}, want: []string{"orders"}},
		{name: "a file there", dir: "deploy/services/orders", args: []string{"manifest.yml"}, want: []string{"orders"}},
		{name: "another's from there", dir: "deploy/services/orders", args: []string{"../crew-a", "../../services/crew-b"}, want: []string{"crew-a", "crew-b"}},
		{name: "another's by its path in the repository", dir: "deploy/services/orders", args: []string{"services/crew-a/manifest.yml"}, want: []string{"crew-a"}},
		{name: "from outside", dir: ".", args: []string{"deploy/services/orders", "crew-a", "services/crew-b"}, want: []string{"crew-a", "crew-b", "orders"}},

		{name: "names on standard input", args: []string{"-", "crew-a"}, stdin: "orders\n", want: []string{"crew-a", "orders"}},
		{name: "a name with a space", args: []string{"-"}, stdin: "a b\n", want: []string{"a b"}},
		{name: "several names a line", args: []string{"-"}, stdin: "orders crew-a\n\tcrew-b ", want: []string{"crew-a", "crew-b", "orders"}},
		{name: "ends of lines as elsewhere, and a mark before", args: []string{"-"}, stdin: "\xef\xbb\xbforders\r\ncrew-a\r\n", want: []string{"crew-a", "orders"}},
		{name: "names ended by NUL", args: []string{"-"}, stdin: "a b\x00caf\\xe9\x00", want: []string{"a b", `caf\xe9`}},
		{name: "a pattern on standard input", args: []string{"-"}, stdin: "crew-*\n", want: []string{"crew-a", "crew-b"}},
		{name: "nothing on standard input", args: []string{"-"}, stdin: "\n"},
		{name: "names in a file", args: []string{"@" + filepath.Join(git, "names")}, want: []string{"crew-a", "orders"}},
		{name: "paths in a file", args: []string{"@" + filepath.Join(git, "paths")}, want: []string{"a b", "crew-b"}},
		{name: "changed files, as git names them", args: []string{"-"}, want: []string{"a b", `caf\xe9`, "crew-a", "orders", "été"}, passed: []string{"README.md", "Makefile", "OLD.md", "-gone"},
			stdin: "deploy/README.md\nMakefile\nOLD.md\ndeploy/services/orders/gone.yml\ndeploy/services/gone/manifest.yml\ndeploy/services/gone/prod.yml\n" +
				"deploy/services/crew-a/manifest.yml\n\"deploy/services/\\303\\251t\\303\\251/manifest.yml\"\n\"deploy/services/caf\\351/manifest.yml\"\ndeploy/services/a b/new file.yml\n"},
		{name: "the same from a service's folder", dir: "deploy/services/orders", args: []string{"-"}, stdin: "deploy/services/gone/manifest.yml\ndeploy/services/crew-a/x\n", want: []string{"crew-a"}, passed: []string{"-gone"}},
		{name: "a file that looks like a pattern and is gone", args: []string{"-"}, stdin: "[id].tsx\nservices/orders/[id].yml\n", want: []string{"orders"}, passed: []string{"[id].tsx"}},
		{name: "changed shared files", args: []string{"-"}, stdin: "deploy/templates/gone.j2\n", want: []string{all}},
		{name: "paths outside", args: []string{"-"}, stdin: "/etc/passwd\n../elsewhere/x\n", passed: []string{"/etc/passwd", "../elsewhere/x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := c.dir
			if dir == "" {
				dir = "deploy"
			}
			got, passed, err := s.Select(scope.Input{Args: c.args, Stdin: strings.NewReader(c.stdin), Dir: filepath.Join(git, dir)})
			if err != nil {
				t.Fatal(err)
			}
			var units []string
			for _, u := range got.Units() {
				units = append(units, string(u))
			}
			if got.Whole() {
				units = []string{all}
			}
			said := passed.Others
			for _, u := range passed.Gone {
				said = append(said, "-"+string(u))
			}
			if !slices.Equal(units, c.want) || !slices.Equal(said, c.passed) {
				t.Errorf("selected %q and passed over %q, want %q and %q", units, said, c.want, c.passed)
			}
		})
	}
}

// TestSelectRefuses: what cannot be meant is a mistake, which is told with its next step.
func TestSelectRefuses(t *testing.T) {
	t.Parallel()
	git, s := repository(t)
	for _, c := range []struct {
		name  string
		args  []string
		stdin string
		says  string
	}{
		{"a typing error", []string{"order"}, "", `did you mean "orders"?`},
		{"one in a path", []string{"services/order"}, "", `did you mean "orders"?`},
		{"one in the path of a file", []string{"services/order/manifest.yml"}, "", `did you mean "orders"?`},
		{"one on standard input", []string{"-"}, "crew-a\norder\n", `standard input, entry 2: no folder "services/order"`},
		{"a file of the root that is gone", []string{"-"}, "Dockerfile\n", `(a file that is gone is written ./Dockerfile)`},
		{"an empty word", []string{""}, "", `"" names no folder under services/`},
		{"a pattern without a match", []string{"ship-*"}, "", `no service's name matches "ship-*"`},
		{"one of paths", []string{"services/ship-*"}, "", `no file or folder of the repository`},
		{"a broken pattern", []string{"[crew"}, "", `"[crew" is not a pattern`},
		{"a path outside", []string{"/etc/passwd"}, "", `outside the repository`},
		{"the folder above that of git", []string{"../.."}, "", `outside the repository`},
		{"a file that is not there", []string{"docs/x.md"}, "", `there is no "docs/x.md" in the repository`},
		{"a plain file as a name", []string{"loose.txt"}, "", `is not a folder`},
		{"a list that is not there", []string{"@nowhere"}, "", `read the list @nowhere`},
		{"an address", []string{"redis://:s3cret@h/0"}, "", `--redis`},
		{"an address in a list", []string{"-"}, "redis://:s3cret@h/0", `--redis`},
	} {
		_, _, err := s.Select(scope.Input{Args: c.args, Stdin: strings.NewReader(c.stdin), Dir: filepath.Join(git, "deploy")})
		usage := (*scope.UsageError)(nil)
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, want a mistake of use that says %q", c.name, err, c.says)
		}
	}
}
