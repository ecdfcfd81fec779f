package browser

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

var (
	browserContext context.Context // a browser that all tests share
	bin            string          // the folder with the commands
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "test/browser:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	chromium, err := exec.LookPath(cmp.Or(os.Getenv("MUSTER_CHROMIUM"), "chromium-headless-shell"))
	if err != nil {
		return 0, fmt.Errorf("%w: install the package chromium-headless-shell, or name a Chromium in MUSTER_CHROMIUM", err)
	}
	if bin, err = os.MkdirTemp("", "muster-browser-"); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(bin)) }()
	build := exec.Command("go", "build", "-o", bin, "./cmd/enqueue", "./test/page", "./test/genfleet/cmd/genfleet")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the commands: %w\n%s", err, out)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.WindowSize(1280, 1000))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which root has none of
	}
	allocator, release := chromedp.NewExecAllocator(context.Background(), options...)
	defer release()
	var stop context.CancelFunc
	browserContext, stop = chromedp.NewContext(allocator)
	defer stop()
	if err := chromedp.Do(browserContext, chromedp.Navigate("about:blank")); err != nil {
		return 0, fmt.Errorf("start %s: %w", chromium, err)
	}
	return m.Run(), nil
}

// root is the folder of the program's module.
const root = "../.."

// command runs one of the commands in dir and returns what it writes. Whether it exits with 1 is
// not looked at: fleets have invalid services.
func command(t *testing.T, dir, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, name), args...)
	cmd.Dir = dir
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, trouble.Bytes())
	}
	return out.Bytes()
}

// madeUp is a page of so many findings by test/page.
func madeUp(t *testing.T, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, command(t, ".", "page", args...), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// found is what a JSON report says of findings.
type found struct {
	Expected int
	Counts   struct{ Invalid, Failed, Missing int }
	Errs     []struct {
		Service  string
		Findings []finding
	}
	OKs []struct {
		Service  string
		Warnings []finding
	}
}

type finding struct {
	Rule, Name, Severity, Message, Fingerprint string
	Advice                                     bool
}

// all are the findings of all services.
func (f found) all() (all []finding) {
	for _, u := range f.Errs {
		all = append(all, u.Findings...)
	}
	for _, u := range f.OKs {
		all = append(all, u.Warnings...)
	}
	return all
}

// validated is the page of a repository, and what the JSON report of the same run says.
func validated(t *testing.T, repo string) (page string, f found) {
	t.Helper()
	dir := t.TempDir()
	page = filepath.Join(dir, "page.html")
	out := command(t, repo, "enqueue", "validate", "--cache", "off", "--format", "html="+page, "--format", "json")
	if err := json.Unmarshal(out, &f); err != nil {
		t.Fatal(err)
	}
	return page, f
}
