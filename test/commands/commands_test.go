package commands

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	root        = "../.."
	definitions = root + "/docs/commands"
)

var update = flag.Bool("update", false, "write what enqueue prints into testdata/*.txt")

// programs are those of the definitions, by the names of their files. Some are cheap: Debian has
// them, or they are built in seconds. The others are tried where they are on the PATH.
var programs = map[string]struct {
	name, from string
	cheap      bool
}{
	"conftest":    {"conftest", "go install github.com/open-policy-agent/conftest@v0.68.2", false},
	"helm":        {"helm", "go install helm.sh/helm/v4/cmd/helm@v4.3.1", false},
	"kubeconform": {"kubeconform", "the module of this test", true},
	"promtool":    {"promtool", "apt-get install prometheus", true},
	"shellcheck":  {"shellcheck", "apt-get install shellcheck", true},
	"yamllint":    {"yamllint", "apt-get install yamllint", true},
}

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := built(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// built runs the tests with enqueue, and with the programs that are built here, on the PATH.
func built(run func() int) (code int, err error) {
	dir, err := os.MkdirTemp("", "muster-commands-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil { // programs run as a user of their own
		return 1, err
	}
	enqueue := exec.Command("go", "build", "-o", dir, "./cmd/enqueue")
	enqueue.Dir = root
	kubeconform := exec.Command("go", "build", "-o", dir, "github.com/yannh/kubeconform/cmd/kubeconform")
	kubeconform.Env = append(os.Environ(), "CGO_ENABLED=0") // nothing runs it but the kernel, so that it may be pure
	for _, build := range []*exec.Cmd{enqueue, kubeconform} {
		if out, err := build.CombinedOutput(); err != nil {
			return 1, fmt.Errorf("%v: %w\n%s", build.Args, err, out)
		}
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		return 1, err
	}
	return run(), nil
}

// TestEachDefinitionIsTried: a definition without a repository to try it on, or the other way round.
func TestEachDefinitionIsTried(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(definitions + "/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var defined, tried []string
	for _, file := range files {
		defined = append(defined, strings.TrimSuffix(filepath.Base(file), ".yaml"))
	}
	for name := range programs {
		tried = append(tried, name)
	}
	slices.Sort(tried)
	if !slices.Equal(defined, tried) {
		t.Errorf("%s defines %q, and %q are tried", definitions, defined, tried)
	}
}

// TestDefinitions: what each program finds in a repository of ours is reported where it is, and what
// it cannot decide is not ok. Testdata has the repositories, and beside each what is printed of it.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	for name, p := range programs {
		path, err := exec.LookPath(p.name)
		if err != nil && !p.cheap {
			t.Logf("NOT TESTED: docs/commands/%s.yaml, for %s is not on the PATH (%s)", name, p.name, p.from)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err != nil {
				t.Fatalf("%s is not on the PATH: %s", p.name, p.from)
			}
			golden := filepath.Join("testdata", name+".txt")
			got := validate(t, name, definition(t, name, path))
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s\ngot\n%s\nwant\n%s", golden, got, want)
			}
		})
	}
}

// TestPage: the page of the definitions shows what was tried.
func TestPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(definitions, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```(yaml|text) (\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 2*len(programs) {
		t.Errorf("%d blocks of %d programs", len(blocks), len(programs))
	}
	for _, b := range blocks {
		file := map[string]string{"yaml": b[2] + "/muster.yaml", "text": b[2] + ".txt"}[b[1]]
		shown, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b[3]) {
			if !strings.Contains("\n"+string(shown), "\n"+line) {
				t.Errorf("%s has no line\n%s", file, line)
			}
		}
	}
}

// took is what differs from run to run.
var took = regexp.MustCompile(`(?m) in [0-9.]+m?s$`)

// validate is what enqueue prints of a copy of a repository, with a definition. Walls that this
// machine cannot have are done without: it is the definitions that are tried here.
func validate(t *testing.T, name, definition string) []byte {
	t.Helper()
	repository := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(repository, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("enqueue", "validate", "--cache", "off", "--format", "concise", "--ci", "off", "--commands", definition, "--allow-unsandboxed", "files,network,processes,privileges,resources")
	cmd.Dir = repository
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	t.Logf("%s", log.Bytes())
	return took.ReplaceAll(out.Bytes(), []byte(" in TIME"))
}

// definition is the path of a definition. Of a pure one whose program needs libraries, it is a copy
// that lets it read these.
func definition(t *testing.T, name, program string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(definitions, name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if needs := libraries(program); len(needs) > 0 {
		const pure = "    pure: true\n"
		text = bytes.ReplaceAll(text, []byte(pure), []byte(pure+"    read: ["+strings.Join(needs, ", ")+"]\n"))
	}
	to := filepath.Join(t.TempDir(), name+".yaml")
	if err := os.WriteFile(to, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return to
}

// libraries are those that the loader of a program names, and the loader; none for a static program.
func libraries(program string) (all []string) {
	out, err := exec.Command("ldd", program).Output()
	if err != nil {
		return nil
	}
	for word := range strings.FieldsSeq(string(out)) {
		if filepath.IsAbs(word) {
			all = append(all, word)
		}
	}
	return all
}
