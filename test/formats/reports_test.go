package formats

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// goldens are the reports that package report is held to: among them those of manifests that
// would like to be something else than text.
const goldens = root + "/report/testdata/machine"

// ends are the formats by the ends of their files' names.
var ends = map[string]string{"sarif": ".sarif", "junit": ".junit.xml", "rdjson": ".rdjson"}

var written string // the folder of the reports that were made

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := inFolder(func(dir string) (int, error) {
		written = filepath.Join(dir, "reports")
		if err := writeReports(dir); err != nil {
			return 1, err
		}
		return m.Run(), nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func inFolder(use func(dir string) (int, error)) (code int, err error) {
	dir, err := os.MkdirTemp("", "muster-formats-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return use(dir)
}

// writeReports has enqueue write all formats of the examples, and of a fleet in which every
// fifth service has a mistake.
func writeReports(dir string) error {
	if err := os.Mkdir(written, 0o755); err != nil {
		return err
	}
	enqueue, fleet := filepath.Join(dir, "enqueue"), filepath.Join(dir, "fleet")
	build := command("go", "build", "-o", enqueue, "./cmd/enqueue")
	generate := command("go", "run", "./test/genfleet/cmd/genfleet", "-n", "300", "-bad", "0.2", "-seed", "7", "-out", fleet)
	if err := errors.Join(run(build), run(generate)); err != nil {
		return err
	}
	for name, repo := range map[string]string{"generated": fleet, "fleet": "examples/fleet", "modules": "examples/modules"} {
		args := []string{"validate", "--quiet", "--cache", "off", "--repo", repo}
		for format, end := range ends {
			args = append(args, "--format", format+"="+filepath.Join(written, name+end))
		}
		exit := (*exec.ExitError)(nil)
		if err := run(command(enqueue, args...)); errors.As(err, &exit) && exit.ExitCode() > 1 || err != nil && exit == nil {
			return fmt.Errorf("verify %s: %w", name, err)
		}
	}
	return nil
}

// command is a program in the folder of the repository.
func command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = root
	return c
}

func run(c *exec.Cmd) error {
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", c, err, out)
	}
	return nil
}

// each calls a test for every report of a format.
func each(t *testing.T, format string, test func(t *testing.T, report []byte)) {
	t.Helper()
	t.Parallel()
	for dir, least := range map[string]int{written: 3, goldens: 4} {
		files, err := filepath.Glob(filepath.Join(dir, "*"+ends[format]))
		if err != nil || len(files) < least {
			t.Fatalf("%s has %d files of %s (%v)", dir, len(files), format, err)
		}
		for _, file := range files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ends[format]), func(t *testing.T) {
				b, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				test(t, b)
			})
		}
	}
}
