//go:build linux

package faults

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// movedRedis makes Redis forget its scripts, refuse to write, and fail over to its
// replica, each amid a run.
func movedRedis(t *testing.T, f *figures) {
	t.Run("scripts", func(t *testing.T) { forgottenScripts(t, f) })
	t.Run("readonly", func(t *testing.T) { readOnly(t, f) })
	t.Run("failover", func(t *testing.T) { failover(t, f) })
}

func forgottenScripts(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(200, "sleep 10ms")
	w.worker("--concurrency", "4")
	e := w.enqueue()
	for n := 20; n <= 160; n += 20 {
		w.decided(n)
		if err := w.plain().ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	flushed := time.Now()
	o := e.outcome(long)
	f.took("last SCRIPT FLUSH to last verdict", time.Since(flushed))
	w.truth(o, nil)
	if again := w.reissued(); len(again) > 0 {
		t.Errorf("issued again for the lack of a script: %v", again)
	}
}

func readOnly(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(200, "sleep 10ms")
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(20)
	replicaOf := func(host, port string) {
		if err := w.plain().Do(t.Context(), "REPLICAOF", host, port).Err(); err != nil {
			t.Fatal(err)
		}
	}
	replicaOf("127.0.0.1", "1")
	lasts(t, 2*time.Second)
	replicaOf("NO", "ONE")
	writable := time.Now()
	o := e.outcome(long)
	f.took("2 s of READONLY: writable to last verdict", time.Since(writable))
	w.truth(o, nil)
	if took := time.Since(writable); took > tail {
		t.Errorf("the run ended %s after Redis took writes again, want %s at most", took, tail)
	}
}

// sentinels is a master with a replica, watched by three Sentinels.
type sentinels struct {
	master *process
	url    string
}

// failover kills the master. The replica is a moment behind: the verdicts that the
// master had not passed on are written again; a run that has lost more must end
// loudly.
func failover(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(400, "sleep 10ms")
	s := startSentinels(t)
	w.url, w.conn = s.url, connect(t, s.url)
	w.books = booksOf(w.conn)
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(40)
	s.master.kill()
	killed := time.Now()
	o := e.outcome(long)
	f.took("master's death to the run's end", time.Since(killed))
	if !o.Complete {
		w.invariant(o)
		f.note("failovers that lost writes and ended with exit 3", 1, "")
		return
	}
	w.truth(o, nil)
	if took := time.Since(killed); took > 2*tail {
		t.Errorf("the run ended %s after the master's death, want %s at most", took, 2*tail)
	}
}

func startSentinels(t *testing.T) sentinels {
	t.Helper()
	server, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal(err)
	}
	ports := freePorts(t, 5)
	node := func(port string, more ...string) *process {
		args := append([]string{"--port", port, "--dir", t.TempDir(), "--save", "", "--repl-diskless-sync-delay", "0"}, more...)
		p := launch(t, nil, server, args...)
		p.says("Ready to accept connections", long)
		return p
	}
	s := sentinels{master: node(ports[0])}
	node(ports[1], "--replicaof", "127.0.0.1 "+ports[0]).says("Finished with success", long)
	for _, port := range ports[2:] {
		file := filepath.Join(t.TempDir(), "sentinel.conf")
		text := fmt.Sprintf("port %s\nsentinel monitor main 127.0.0.1 %s 2\nsentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 5000\n", port, ports[0])
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		launch(t, nil, server, file, "--sentinel").says("+slave", long)
	}
	s.url = fmt.Sprintf("redis-sentinel://127.0.0.1:%s,127.0.0.1:%s,127.0.0.1:%s/0?master=main", ports[2], ports[3], ports[4])
	return s
}

// freePorts finds ports that nobody listens on. Sentinels need to know them before
// anybody does.
func freePorts(t *testing.T, n int) []string {
	t.Helper()
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, port)
	}
	return ports
}
