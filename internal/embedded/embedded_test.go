//go:build unix

package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/seed306eabeb/muster/internal/embedded"
	"github.com/seed306eabeb/muster/internal/redisconn"
)

// childEnv makes the test binary a program that starts a server in the folder
// which the variable names, prints its socket, and waits to be killed.
const childEnv = "MUSTER_EMBEDDED_CHILD"

func TestMain(m *testing.M) {
	dir := os.Getenv(childEnv)
	if dir == "" {
		goleak.VerifyTestMain(m) // Close leaves no goroutine behind
		return
	}
	s, err := embedded.Start(context.Background(), embedded.Options{Dir: dir})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(strings.TrimPrefix(s.URL(), "unix://"))
	select {}
}

func needRedisServer(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on PATH")
	}
}

func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "embedded-test-") // t.TempDir's paths are long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// eventually waits for a state that another process brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 20 s for %s", what)
		}
	}
}

func listens(socket string) bool {
	conn, err := net.Dial("unix", socket)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestServer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind string
		mini bool
	}{{"redis-server ", false}, {"miniredis", true}} {
		t.Run(tt.kind, func(t *testing.T) {
			t.Parallel()
			if !tt.mini {
				needRedisServer(t)
			}
			dir := shortDir(t)
			s, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, ForceMiniredis: tt.mini})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if !strings.HasPrefix(s.Kind(), tt.kind) || s.Kind() == "redis-server " {
				t.Errorf("Kind() = %q", s.Kind())
			}
			conn := s.Target().Dial(redisconn.Options{})
			defer conn.Close()
			if err := conn.Plain().Set(t.Context(), "k", "v", time.Hour).Err(); err != nil {
				t.Fatal(err)
			}
			checkURL(t, s)
			checkExpiry(t, conn.Plain())
			for range 2 {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}
			if err := conn.Plain().Get(t.Context(), "k").Err(); err == nil {
				t.Error("the server answers after Close")
			}
			if left := entries(t, dir); len(left) != 0 {
				t.Errorf("Close left %q", left)
			}
		})
	}
}

// checkURL: what the URL leads to is the same server, and its password shows in
// no message.
func checkURL(t *testing.T, s *embedded.Server) {
	t.Helper()
	o, err := redis.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	defer client.Close()
	if got := client.Get(t.Context(), "k").Val(); got != "v" {
		t.Errorf("by URL: k = %q", got)
	}
	if o.Password != "" && strings.Contains(s.Target().String(), o.Password) {
		t.Error("Target shows the password")
	}
}

func checkExpiry(t *testing.T, c redis.UniversalClient) {
	t.Helper()
	if err := c.Set(t.Context(), "brief", "v", 50*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a key to expire", func() bool { return c.Exists(t.Context(), "brief").Val() == 0 })
	if c.Exists(t.Context(), "k").Val() != 1 {
		t.Error("a key of an hour expired as well")
	}
}

func TestMiniredisAsksForItsPassword(t *testing.T) {
	t.Parallel()
	s, err := embedded.Start(t.Context(), embedded.Options{ForceMiniredis: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	o, err := redis.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	stranger := redis.NewClient(&redis.Options{Addr: o.Addr})
	defer stranger.Close()
	if err := stranger.Get(t.Context(), "k").Err(); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("without password: %v", err)
	}
}

func TestFolderIsPrivate(t *testing.T) {
	t.Parallel()
	needRedisServer(t)
	dir := shortDir(t)
	s, err := embedded.Start(t.Context(), embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	info, err := os.Stat(filepath.Join(dir, entries(t, dir)[0]))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	needRedisServer(t)
	s, err := embedded.Start(t.Context(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn := s.Target().Dial(redisconn.Options{})
	defer conn.Close()
	for name, want := range map[string]string{"maxmemory-policy": "noeviction", "appendonly": "no", "save": "", "port": "0"} {
		got, err := conn.Plain().ConfigGet(t.Context(), name).Result()
		if err != nil || got[name] != want {
			t.Errorf("%s = %q, %v; want %q", name, got[name], err, want)
		}
	}
}

// A process that is killed leaves no server, and its folder goes at the next
// start, while the folder of a live process stays.
func TestKilledProcessTakesItsServerAlong(t *testing.T) {
	t.Parallel()
	needRedisServer(t)
	dir := shortDir(t)
	live, err := embedded.Start(t.Context(), embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	socket := startAndKill(t, dir)
	eventually(t, "the killed process's server to end", func() bool { return !listens(socket) })

	next, err := embedded.Start(t.Context(), embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	left := entries(t, dir)
	if len(left) != 2 || slices.Contains(left, filepath.Base(filepath.Dir(socket))) {
		t.Errorf("folders left: %q, want those of the two live servers", left)
	}
	if !listens(strings.TrimPrefix(live.URL(), "unix://")) {
		t.Error("the live server was swept away")
	}
}

// startAndKill runs a process that starts a server, kills it as soon as the
// server listens, and returns the server's socket.
func startAndKill(t *testing.T, dir string) string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	socket, err := bufio.NewReader(out).ReadString('\n')
	socket = strings.TrimSpace(socket)
	if err != nil || !listens(socket) {
		t.Errorf("the child printed %q, %v", socket, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Error(err)
	}
	child.Wait()
	return socket
}

// Where the kernel does not end an orphan, the next start does.
func TestOrphanIsShutDown(t *testing.T) {
	t.Parallel()
	needRedisServer(t)
	dir := shortDir(t)
	abandoned := filepath.Join(dir, "muster-redis-orphan")
	if err := os.Mkdir(abandoned, 0o700); err != nil {
		t.Fatal(err)
	}
	orphan, err := embedded.Run(t.Context(), abandoned)
	if err != nil {
		t.Fatal(err)
	}
	defer orphan.Kill()
	s, err := embedded.Start(t.Context(), embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	select {
	case <-orphan.Exited():
	case <-time.After(20 * time.Second):
		t.Error("the orphan still runs")
	}
	if left := entries(t, dir); len(left) != 1 {
		t.Errorf("folders left: %q, want one", left)
	}
}

func TestRunSaysWhyTheServerEnded(t *testing.T) {
	t.Parallel()
	needRedisServer(t)
	_, err := embedded.Run(t.Context(), shortDir(t), "--no-such-setting", "1")
	if err == nil || !strings.Contains(err.Error(), "no-such-setting") || !strings.Contains(err.Error(), "ended at once") {
		t.Errorf("error = %v, want the server's own words", err)
	}
}

func TestRunRefusesALongPath(t *testing.T) {
	t.Parallel()
	needRedisServer(t)
	_, err := embedded.Run(t.Context(), filepath.Join(shortDir(t), strings.Repeat("x", 100)))
	if err == nil || !strings.Contains(err.Error(), "TMPDIR") {
		t.Errorf("error = %v, want one about the path's length", err)
	}
}

func TestStartHonoursItsContext(t *testing.T) {
	t.Parallel()
	needRedisServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := shortDir(t)
	s, err := embedded.Start(ctx, embedded.Options{Dir: dir})
	if err == nil {
		s.Close()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the cancellation", err)
	}
	if left := entries(t, dir); len(left) != 0 {
		t.Errorf("a failed start left %q", left)
	}
}

func TestAServerThatEndsUnaskedSaysHow(t *testing.T) {
	t.Parallel()
	needRedisServer(t)
	s, err := embedded.Start(t.Context(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn := s.Target().Dial(redisconn.Options{})
	defer conn.Close()
	pid, err := conn.Plain().Info(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	_, pid, _ = strings.Cut(pid, "process_id:")
	var n int
	fmt.Sscan(pid, &n)
	if err := syscall.Kill(n, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Ended():
	case <-time.After(20 * time.Second):
		t.Fatal("its end was not noticed")
	}
	if err := s.Close(); err != nil {
		t.Errorf("close after the end: %v", err)
	}
	if cause := s.Cause(); cause == nil || !strings.Contains(cause.Error(), "the private redis-server has ended (signal: killed)") {
		t.Errorf("cause = %v", cause)
	}
}

func TestAServerThatWasClosedHasNotEndedUnasked(t *testing.T) {
	t.Parallel()
	for _, mini := range []bool{true, false} {
		s, err := embedded.Start(t.Context(), embedded.Options{ForceMiniredis: mini})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil || s.Cause() != nil {
			t.Errorf("%s: close: %v; cause: %v", s.Kind(), err, s.Cause())
		}
	}
}
