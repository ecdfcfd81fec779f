package jail

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/test/processes"
)

// TestReportsOfAnEmptyRoot: the reports of every recorded input, and of what has been read
// from the machine before, are the same bytes there: without a time zone database, locales,
// users, temporary files or an environment, and with all of these.
func TestReportsOfAnEmptyRoot(t *testing.T) {
	t.Parallel()
	jail := t.TempDir()
	build(t, jail)
	repos := writeFleets(t, jail)
	if len(repos) < 50 {
		t.Fatalf("only %d repositories", len(repos))
	}
	warned := inside(t, jail, "/machine")
	for _, rule := range []string{"M704", "M502", "M464", "M501"} {
		if !bytes.Contains(warned, []byte(rule)) {
			t.Errorf("the fleet that asks for the machine's data has no finding of %s:\n%s", rule, warned)
		}
	}
	for _, repo := range repos {
		t.Run(repo, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(string(outside(t, jail, "/"+repo)), string(inside(t, jail, "/"+repo))); diff != "" {
				t.Errorf("outside (-) and inside (+):\n%s", diff)
			}
		})
	}
}

// build makes a static enqueue in a folder.
func build(t *testing.T, dir string) {
	t.Helper()
	root, err := processes.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", dir, "./cmd/enqueue")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build enqueue: %v\n%s", err, out)
	}
}

// inside is the report that enqueue gives of a repository in a root of its own.
func inside(t *testing.T, jail, repo string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/enqueue", "validate", "--format", "json", "--repo", repo)
	cmd.Dir, cmd.Env = "/", []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: jail}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return reported(t, cmd)
}

// outside is the report that the same program gives where the machine has much to say, in a
// place and a language far away from UTC and English.
func outside(t *testing.T, jail, repo string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(jail, "enqueue"), "validate", "--format", "json", "--repo", jail+repo)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "TZ=Pacific/Kiritimati", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "GODEBUG=", "XDG_CACHE_HOME=/dev/null/none")
	return reported(t, cmd)
}

// passing are the parts of a report that tell one run from another.
var passing = regexp.MustCompile(`"(folder|started|finished)": "[^"]*"`)

// reported runs enqueue and returns its report, without what is about the run alone.
func reported(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case errors.Is(err, syscall.EPERM) && os.Getuid() != 0 && os.Getenv("CI") != "true":
		t.Skipf("this user may make no root of its own: %v", err)
	case err != nil && !errors.As(err, &exit):
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	code := fmt.Sprintf("exit code %d\n", cmd.ProcessState.ExitCode())
	if !bytes.HasPrefix(out, []byte("{")) && stderr.Len() == 0 {
		t.Fatalf("%v: no report: %s", cmd.Args, code)
	}
	said := strings.ReplaceAll(stderr.String(), cmd.Args[len(cmd.Args)-1], "REPO")
	return append(passing.ReplaceAll(out, []byte(`"$1"`)), code+said...)
}
