//go:build linux

package sink_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seed306eabeb/muster/internal/sink"
)

// more is more than a pipe holds.
const more = 1 << 20

func newPipe(t *testing.T) (path string) {
	t.Helper()
	path = t.TempDir() + "/p"
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// mustFind also looks, at the end, that a pipe is still one.
func mustFind(t *testing.T, path string) sink.Target {
	t.Helper()
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) || after.Mode() != before.Mode() {
			t.Errorf("%s was %v and is %v (%v)", path, before, after, err)
		}
	})
	target, err := find(path)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// read opens a pipe for reading, at once.
func read(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// writing is a report on its way.
func writing(ctx context.Context, target sink.Target, render func(io.Writer) error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- target.Write(ctx, render) }()
	return done
}

func TestAPipeIsWrittenTo(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("report\n", more/7)
	t.Run("its reader comes first", func(t *testing.T) {
		t.Parallel()
		path := newPipe(t)
		r := read(t, path)
		target := mustFind(t, path)
		// A writer that has come and gone shows as a hang-up.
		polled := []unix.PollFd{{Fd: int32(r.Fd()), Events: unix.POLLIN}}
		if _, err := unix.Poll(polled, 0); err != nil || polled[0].Revents != 0 {
			t.Fatalf("the reader has noticed the look before: %x, %v", polled[0].Revents, err)
		}
		done := writing(context.Background(), target, says(long))
		awaitText(t, polled)
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close(), <-done); err != nil || string(got) != long {
			t.Errorf("read %d bytes of %d: %v", len(got), len(long), err)
		}
	})
	t.Run("its reader comes later", func(t *testing.T) {
		t.Parallel()
		path := newPipe(t)
		done := writing(context.Background(), mustFind(t, path), says(long))
		got, err := os.ReadFile(path)
		if err := errors.Join(err, <-done); err != nil || string(got) != long {
			t.Errorf("read %d bytes of %d: %v", len(got), len(long), err)
		}
	})
	t.Run("behind a link", func(t *testing.T) {
		t.Parallel()
		path := newPipe(t)
		if err := os.Symlink("p", path+"-link"); err != nil {
			t.Fatal(err)
		}
		done := writing(context.Background(), mustFind(t, path+"-link"), says("report"))
		got, err := os.ReadFile(path)
		if err := errors.Join(err, <-done); err != nil || string(got) != "report" {
			t.Errorf("read %q: %v", got, err)
		}
	})
}

// awaitText waits until there is something to read: before, a pipe seems to have ended.
func awaitText(t *testing.T, fds []unix.PollFd) {
	t.Helper()
	for {
		n, err := unix.Poll(fds, 30_000)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n != 1 || err != nil {
			t.Fatalf("nothing came: %v", err)
		}
		return
	}
}

func TestAWaitForAReaderEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	done := writing(ctx, mustFind(t, newPipe(t)), says("report"))
	select {
	case err := <-done:
		t.Errorf("ended without a reader: %v", err)
	default:
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "no reader") {
		t.Errorf("got %v, want that it has no reader and was cancelled", err)
	}
}

func TestAReaderThatStopsReadingIsLeftWithTheContext(t *testing.T) {
	t.Parallel()
	path := newPipe(t)
	r := read(t, path)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	full := make(chan struct{})
	done := writing(ctx, mustFind(t, path), func(w io.Writer) error {
		w.Write(make([]byte, 4096))
		close(full)
		return says(strings.Repeat("x", more))(w)
	})
	<-full
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	r.Close()
}

func TestAnInterruptedRunIsReportedToWhoReads(t *testing.T) {
	t.Parallel()
	path := newPipe(t)
	r := read(t, path)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	long := strings.Repeat("x", more)
	done := writing(ctx, mustFind(t, path), says(long))
	awaitText(t, []unix.PollFd{{Fd: int32(r.Fd()), Events: unix.POLLIN}})
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close(), <-done); err != nil || string(got) != long {
		t.Errorf("read %d bytes of %d: %v", len(got), more, err)
	}
}

func TestAReaderThatGoesAwayIsAnError(t *testing.T) {
	t.Parallel()
	path := newPipe(t)
	r := read(t, path)
	begun := make(chan struct{})
	done := writing(context.Background(), mustFind(t, path), func(w io.Writer) error {
		w.Write([]byte("x"))
		close(begun)
		return says(strings.Repeat("x", more))(w)
	})
	<-begun
	r.Close()
	if err := <-done; !errors.Is(err, syscall.EPIPE) {
		t.Errorf("got %v, want a broken pipe", err)
	}
}

func TestASocketCannotBeOpened(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "sink-test-") // t.TempDir's paths are long for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: dir + "/s"}); err != nil {
		t.Fatal(err)
	}
	if _, err := find(dir + "/s"); !errors.Is(err, syscall.ENXIO) {
		t.Errorf("got %v, want ENXIO", err)
	}
}

// newTerminal is a device of the test's own.
func newTerminal(t *testing.T) (device string, screen *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	fd := int(screen.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err := errors.Join(err, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)); err != nil {
		t.Fatal(err)
	}
	return "/dev/pts/" + strconv.Itoa(n), screen
}

func TestADeviceIsWrittenTo(t *testing.T) {
	t.Parallel()
	device, screen := newTerminal(t)
	if err := mustFind(t, device).Write(context.Background(), says("report")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len("report"))
	if _, err := io.ReadFull(screen, got); err != nil || string(got) != "report" {
		t.Errorf("on the screen is %q, %v", got, err)
	}
}

// The machine's own devices are only shown to a user who could not replace them.
func TestDevicesOfTheMachine(t *testing.T) {
	t.Parallel()
	secret := newPipe(t) // root's alone, in a folder that others may enter
	dir := strings.TrimSuffix(secret, "/p")
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(dir+"/..", 0o755), os.Chmod(secret, 0)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		target string
		code   int
		said   string
	}{
		{"/dev/null", 0, ""}, {"/dev/full", failed, "no space left"}, {secret, refused, "permission denied"},
	} {
		before, err := os.Lstat(tt.target)
		if err != nil {
			t.Fatal(err)
		}
		if code, said := asNobody(t, tt.target); code != tt.code || !strings.Contains(said, tt.said) {
			t.Errorf("%s: exit %d, %q; want %d, %q", tt.target, code, said, tt.code, tt.said)
		}
		if after, err := os.Lstat(tt.target); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s is another one now: %v", tt.target, err)
		}
	}
}

// handedOver makes a descriptor as a shell does: one that programs are started with.
func handedOver(t *testing.T, f *os.File) (number string) {
	t.Helper()
	fd, err := unix.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return strconv.Itoa(fd)
}

func TestADescriptorIsWrittenTo(t *testing.T) {
	t.Parallel()
	for name, prefix := range map[string]string{
		"dev": "/dev/fd/", "self": "/proc/self/fd/", "thread": "/proc/thread-self/fd/", "process": "/proc/" + strconv.Itoa(os.Getpid()) + "/fd/",
		"link": "link", "dots": "/dev/../dev/fd/",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			target := prefix + handedOver(t, w)
			if prefix == "link" {
				link := t.TempDir() + "/link"
				if err := os.Symlink("/dev/fd/"+strings.TrimPrefix(target, prefix), link); err != nil {
					t.Fatal(err)
				}
				target = link
			}
			if err := mustFind(t, target).Write(context.Background(), says("report")); err != nil {
				t.Fatal(err)
			}
			w.Close()
			got := make([]byte, len("report"))
			if _, err := io.ReadFull(r, got); err != nil || string(got) != "report" {
				t.Errorf("read %q, %v", got, err)
			}
		})
	}
}

// openLog makes the file "log" in dir, in which something stands already.
func openLog(t *testing.T, dir string) *os.File {
	t.Helper()
	f, err := os.Create(dir + "/log")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.WriteString("before\n"); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAFileBehindADescriptorGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := openLog(t, dir)
	if err := mustFind(t, "/dev/fd/"+handedOver(t, f)).Write(context.Background(), says("report\n")); err != nil {
		t.Fatal(err)
	}
	f.WriteString("after\n")
	if got := found(t, dir); got["log"] != "before\nreport\nafter\n" || len(got) != 1 {
		t.Errorf("got %q", got)
	}
}

func TestASocketThatIsOpenIsWrittenTo(t *testing.T) {
	t.Parallel()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { errors.Join(unix.Close(pair[0]), unix.Close(pair[1])) })
	if err := mustFind(t, "/dev/fd/"+strconv.Itoa(pair[0])).Write(context.Background(), says("report")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 100)
	if n, err := unix.Read(pair[1], got); err != nil || string(got[:n]) != "report" {
		t.Errorf("read %q, %v", got[:n], err)
	}
}

func TestDescriptorsThatAreRefused(t *testing.T) {
	t.Parallel()
	own, err := os.Create(t.TempDir() + "/own")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	reading, err := os.Open(own.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	for target, want := range map[string]string{
		"/dev/fd/99999": "descriptor 99999 is not open",
		"/proc/self/fd/" + strconv.Itoa(int(own.Fd())): "started with",
		"/dev/fd/" + handedOver(t, reading):            "for reading only",
		"/proc/self/fd/":                               "it is a folder",
		"/proc/self/fd/x":                              "/proc/",
		"/proc/self/fd/007":                            "/proc/",
		"/dev/fd/-1":                                   "descriptor -1 is not open",
	} {
		if _, err := find(target); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error that says %q", target, err, want)
		}
	}
}

// What is open in another process is written to through its link, not over the name that
// the link shows.
func TestADescriptorOfAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := openLog(t, dir)
	other := exec.Command("cat") // until its input ends
	other.Stdout = f
	input, err := other.StdinPipe()
	if err := errors.Join(err, other.Start()); err != nil {
		t.Fatal(err)
	}
	defer other.Wait()
	defer input.Close()
	target, err := find("/proc/" + strconv.Itoa(other.Process.Pid) + "/fd/1")
	if err != nil {
		t.Fatal(err)
	}
	if target.IsStdout() {
		t.Error("another process's output is taken for this one's")
	}
	if err := target.Write(context.Background(), says("report\n")); err != nil {
		t.Fatal(err)
	}
	if got := found(t, dir); got["log"] != "before\nreport\n" || len(got) != 1 {
		t.Errorf("got %q", got)
	}
}

func TestNamesOfStdout(t *testing.T) {
	t.Parallel()
	link := t.TempDir() + "/link"
	if err := os.Symlink("/dev/stdout", link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{sink.Stdout, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", link} {
		if target, err := find(name); err != nil || !target.IsStdout() {
			t.Errorf("%s: %+v, %v; want stdout", name, target, err)
		}
	}
	for _, name := range []string{"/dev/stderr", "/dev/fd/2", t.TempDir() + "/-"} {
		if target, err := find(name); err != nil || target.IsStdout() {
			t.Errorf("%s: %+v, %v; want anything but stdout", name, target, err)
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	dir := lay(t, map[string]string{"r": "x", "other": "x", "l": "->r", "d": "->.", "a/x": "", "to-new": "->new", "out": "->/dev/stdout", "a/null": "->/dev/null"})
	if err := errors.Join(os.Link(dir+"/r", dir+"/hard"), syscall.Mkfifo(dir+"/p", 0o600)); err != nil {
		t.Fatal(err)
	}
	open, err := os.OpenFile(dir+"/other", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"r", "r", true}, {"r", "a/../r", true}, {"r", ".//r", true}, {"r", "l", true}, {"r", "d/r", true}, {"r", "hard", true}, {"l", "d/hard", true},
		{"new", "new", true}, {"new", "d/new", true}, {"new", "to-new", true}, {"p", "d/p", true}, {"other", "/dev/fd/" + handedOver(t, open), true},
		{"-", "-", true}, {"-", "/dev/stdout", true}, {"out", "/proc/self/fd/1", true}, {"/dev/fd/2", "/dev/stderr", true},
		{"r", "other", false}, {"new", "newer", false}, {"new", "a/new", false}, {"r", "new", false}, {"r", "p", false}, {"-", "r", false}, {"-", "new", false},
		{"/dev/null", "a/null", false},
	} {
		in := func(name string) sink.Target {
			if name != sink.Stdout && !strings.HasPrefix(name, "/") {
				name = dir + "/" + name
			}
			target, err := sink.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			return target
		}
		a, b := in(tt.a), in(tt.b)
		if a.Same(b) != tt.want || b.Same(a) != tt.want {
			t.Errorf("%s and %s: %v and %v, want %v", tt.a, tt.b, a.Same(b), b.Same(a), tt.want)
		}
	}
}

// A name is also found from a working folder that was entered by a link.
func TestNamesFromTheWorkingFolder(t *testing.T) {
	dir := lay(t, map[string]string{"d": "->a/b", "a/b/r": "old"})
	t.Chdir(dir + "/d")
	for _, name := range []string{"r", "new", "../b/r", "../new"} {
		near, err := sink.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		far, err := sink.Find(dir + "/a/b/" + name)
		if err != nil || !near.Same(far) {
			t.Errorf("%s is not %s/a/b/%s: %v", name, dir, name, err)
		}
	}
}
