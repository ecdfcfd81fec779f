//go:build linux

package faults

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/test/trouble/steps"
)

// stepsYAML gives each folder one check, the command that takes its steps.
const stepsYAML = `muster: 1
units:
  unit:
    at: units/*/
    checks: [{run: steps, in: do}]
`

// stepsDefinition says what the command is: its program, a mark of its processes, the folder of
// the gates, twice, and its time.
const stepsDefinition = `muster: 1
commands:
  steps:
    run: [%q, "--mark=%s", "{files}"]
    dir: root
    env: {%s: %q}
    read: [%[4]q]
    exit: {clean: [0], findings: [1]}
    output: {format: regex, pattern: '^(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<severity>error): (?P<message>.*)$'}
    timeout: %[5]s
`

// commandTimeout is what a command may take unless a row says otherwise.
const commandTimeout = 30 * time.Second

// offers lets workers that are started from now on offer the command.
func (w *world) offers(timeout time.Duration) {
	w.t.Helper()
	if w.mark == "" {
		w.mark = fmt.Sprintf("steps-%016x", rand.Uint64())
		w.gates = filepath.Join(programs, w.mark) // a test's temporary folder is closed to the command's user
		if err := os.Mkdir(w.gates, 0o755); err != nil {
			w.t.Fatal(err)
		}
	}
	w.offer = filepath.Join(w.t.TempDir(), "commands.yaml")
	text := fmt.Sprintf(stepsDefinition, filepath.Join(programs, "steps"), w.mark, steps.GatesEnv, w.gates, timeout)
	if err := os.WriteFile(w.offer, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// offering are the arguments of a worker that offers the command, if there is one, as often at
// once as it makes other checks.
func (w *world) offering(args []string) []string {
	if w.offer == "" {
		return args
	}
	if i := slices.Index(args, "--concurrency"); i >= 0 {
		args = append(args, "--command-slots", args[i+1])
	}
	return append(args, "--commands", w.offer)
}

// orphansAfter is how long a process of a command may outlive its worker.
const orphansAfter = 5 * time.Second

// noOrphans waits until no process of a command is there whose worker is gone.
func (w *world) noOrphans() (took time.Duration) {
	w.t.Helper()
	begin := time.Now()
	await(w.t, orphansAfter, "no process of a command without a worker", func() bool { return len(w.orphans()) == 0 })
	return time.Since(begin)
}

// orphans are the processes of the world's commands that do not descend from this one, as those
// do whose worker lives.
func (w *world) orphans() (pids []int) {
	return slices.DeleteFunc(w.ofCommands(), func(pid int) bool { return descends(pid, os.Getpid()) })
}

// ofCommands are the processes of the world's commands.
func (w *world) ofCommands() (pids []int) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		text, _ := os.ReadFile(path) // nothing of a process that has ended
		if strings.Contains(string(text), w.mark) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// descends says whether a process comes from another one. One that ends meanwhile does.
func descends(pid, from int) bool {
	for pid > 1 {
		if pid == from {
			return true
		}
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return true
		}
		_, rest, _ := strings.Cut(string(text), ") ") // the name before it may have anything
		fields := strings.Fields(rest)
		if len(fields) < 2 || fields[0] == "Z" {
			return true
		}
		pid, _ = strconv.Atoi(fields[1])
	}
	return false
}

// restartAmidCommands ends workers while they have commands under way.
func restartAmidCommands(t *testing.T, f *figures) {
	w := newWorldOf(t, offered)
	w.crowd(60, "sleep 2s")
	w.restartInTurn(f)
	f.took("last worker's end to no process of a command", w.noOrphans())
}

// killedRedisAmidCommands kills Redis while commands of 2 s are under way.
func killedRedisAmidCommands(t *testing.T, f *figures) {
	w := newWorldOf(t, offered, keepFile...)
	w.crowd(24, "sleep 2s")
	w.worker("--concurrency", "4")
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(8)
	w.redisDies(e, f, "start to last verdict", len(w.units), 2*2*time.Second+tail)
}

// deadlyCommands has commands that die, or kill all that they can. No worker dies of them, and
// the units beside them get their true verdicts.
func deadlyCommands(t *testing.T, f *figures) {
	w := newWorldOf(t, offered)
	w.crowd(24, "sleep 2s")
	except := map[string]string{}
	for i, step := range []string{"kill", "kill-parent", "kill-all", "panic"} {
		name := unitName(3 + 5*i)
		w.unit(name, "sleep 20ms", step)
		except[w.called(name)] = "failed"
	}
	stop := w.keep("--concurrency", "8")
	begin := time.Now()
	o := w.enqueue().outcome(long)
	f.took(fmt.Sprintf("whole run with %d of %d", len(except), len(w.units)), time.Since(begin))
	deaths := stop()
	f.note("workers killed", float64(deaths), "")
	w.truth(o, except)
	for name := range except {
		r, _ := o.err(name)
		f.note("attempts of "+w.units[name], float64(w.attempts()[name]), "")
		if !strings.Contains(r.Cause, "steps") {
			t.Errorf("the cause of %s is %q, and does not name the command", name, r.Cause)
		}
	}
	if o.Exit != 3 || deaths > 0 {
		t.Errorf("exit %d, want 3; %d workers died", o.Exit, deaths)
	}
	w.noOrphans()
}

// hangingCommand has as many hanging commands as the worker has slots, before all others: once the
// command's own time ends them, and once that of the unit. Each has left a process behind.
func hangingCommand(t *testing.T, f *figures) {
	for _, c := range []struct {
		what    string
		command time.Duration
		args    []string
	}{{"of the command", 500 * time.Millisecond, nil}, {"of the unit", commandTimeout, []string{"--unit-timeout", "500ms"}}} {
		t.Run(c.what, func(t *testing.T) {
			w := newWorldOf(t, offered)
			w.offers(c.command)
			except := map[string]string{}
			for i := range 2 {
				name := fmt.Sprintf("a-hanging-%d", i)
				w.unit(name, "leave 1h", "hang")
				except[w.called(name)] = "failed"
			}
			w.crowd(16)
			w.worker("--concurrency", "2")
			begin := time.Now()
			o := w.enqueue(c.args...).outcome(long)
			f.took("whole run with two units that hang at a timeout of 0.5 s "+c.what, time.Since(begin))
			w.truth(o, except)
			for name := range except {
				if r, _ := o.err(name); !strings.Contains(r.Cause, "500ms") {
					t.Errorf("the cause of %s is %q and does not name the timeout", name, r.Cause)
				}
			}
			if o.Exit != 3 {
				t.Errorf("exit %d, want 3", o.Exit)
			}
			await(t, orphansAfter, "no process of a command", func() bool { return len(w.ofCommands()) == 0 })
		})
	}
}

// killedInCommands kills ten workers one after the other, each in a command that has started a
// program in a session of its own.
func killedInCommands(t *testing.T, f *figures) {
	const victims = 10
	w := newWorldOf(t, offered)
	w.crowd(victims, "leave 1h", "wait gate")
	e := w.enqueue()
	var all []*process
	for range victims {
		all = append(all, w.worker("--concurrency", "1"))
	}
	for _, p := range all {
		w.begun(p, 1)
		await(t, long, "a command of "+p.String(), func() bool {
			return slices.ContainsFunc(w.ofCommands(), func(pid int) bool { return descends(pid, p.PID()) })
		})
	}
	before := boxes(all)
	if len(before) != victims {
		t.Fatalf("%d workers have %d folders", victims, len(before))
	}
	for _, p := range all {
		p.kill()
		f.took("kill to no process of its command", w.noOrphans())
	}
	w.open("gate")
	w.worker("--concurrency", fmt.Sprint(victims))
	f.note("folders left after the next start", float64(len(left(before))), "")
	if all := left(before); len(all) > 0 {
		t.Errorf("folders of commands are left: %v", all)
	}
	o := e.outcome(long)
	w.truth(o, nil)
	if h := w.header(); h.Decided != victims || h.Duplicates+h.Contradictions > 0 {
		t.Errorf("%d decided, %d duplicates, %d contradictions; want %d and none", h.Decided, h.Duplicates, h.Contradictions, victims)
	}
	f.note("workers killed", victims, "")
}

// boxes are the folders in which workers run commands: each holds a lock on a file in its own.
func boxes(workers []*process) (dirs []string) {
	for _, p := range workers {
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.PID()))
		for _, file := range files {
			if at, err := os.Readlink(file); err == nil && strings.HasPrefix(filepath.Base(filepath.Dir(at)), "muster-box-") {
				dirs = append(dirs, filepath.Dir(at))
			}
		}
	}
	return dirs
}

// left are those of folders that are there and that nobody has locked.
func left(dirs []string) (all []string) {
	for _, dir := range dirs {
		lock, err := os.Open(filepath.Join(dir, "lock"))
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			all = append(all, dir)
		}
		_ = lock.Close()
	}
	return all
}
