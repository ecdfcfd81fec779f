package isolate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// childArg makes the test's binary a child: it answers a question, in the way that the
// question's unit says.
const childArg = "answer"

// parentArg makes it one that asks a child about a unit that does what the next argument
// says.
const parentArg = "ask"

const limit = 1 << 20

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == parentArg {
		task, unit, shared := about(os.Args[2])
		_, err := decider.Decide(context.Background(), task, unit, shared)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	if len(os.Args) > 1 && os.Args[1] == childArg {
		if err := Answer(context.Background(), os.Stdin, os.Stdout, check.Kinds{actor{}}, limit); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	// The race detector sleeps for a second at the end of each child.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// actor is a kind of check whose units say what happens: the first word of the file "do" is a
// name in acts, the rest its argument.
type actor struct{}

func (actor) Name() string                        { return "actor" }
func (actor) Engine() string                      { return "actor-1" }
func (actor) Rules() []verdict.Rule               { return nil }
func (actor) Joins() []verdict.Join               { return nil }
func (actor) Traits() check.Traits                { return check.Traits{} }
func (actor) Findings() []verdict.Finding         { return nil }
func (actor) Regions() []string                   { return []string{"here"} }
func (actor) Region(name string) (string, bool)   { return name, true }
func (a actor) Open(fs.FS) (check.Session, error) { return a, nil }

func (actor) Check(ctx context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	text, err := fs.ReadFile(u.Files, "do")
	if err != nil {
		return verdict.Decision{}, err
	}
	what, argument, _ := strings.Cut(string(text), " ")
	return acts[what](ctx, argument, verdict.Decision{Regions: regions})
}

var acts = map[string]func(ctx context.Context, argument string, d verdict.Decision) (verdict.Decision, error){
	"decide": func(_ context.Context, _ string, d verdict.Decision) (verdict.Decision, error) { return d, nil },
	"find": func(_ context.Context, text string, d verdict.Decision) (verdict.Decision, error) {
		d.Findings = []verdict.Finding{{Rule: "X1", Severity: verdict.Error, Message: text}}
		return d, nil
	},
	"err": func(_ context.Context, text string, d verdict.Decision) (verdict.Decision, error) {
		return d, errors.New(text)
	},
	"panic": func(_ context.Context, text string, _ verdict.Decision) (verdict.Decision, error) { panic(text) },
	"kill": func(context.Context, string, verdict.Decision) (verdict.Decision, error) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	},
	"say": func(_ context.Context, text string, _ verdict.Decision) (verdict.Decision, error) {
		fmt.Fprintf(os.Stderr, "first\n%s%s\n", strings.Repeat("x", 2*4096)+"\n", text)
		os.Exit(7)
		return verdict.Decision{}, nil
	},
	"recurse": func(context.Context, string, verdict.Decision) (verdict.Decision, error) {
		debug.SetMaxStack(1 << 20)
		return verdict.Decision{}, fmt.Errorf("%d", recurse(1))
	},
	"crash": func(_ context.Context, text string, _ verdict.Decision) (verdict.Decision, error) {
		go panic(text)
		select {}
	},
	"spoil": func(_ context.Context, text string, _ verdict.Decision) (verdict.Decision, error) {
		fmt.Println(text)
		os.Exit(0)
		return verdict.Decision{}, nil
	},
	"flood": func(context.Context, string, verdict.Decision) (verdict.Decision, error) {
		for chunk := make([]byte, 1<<20); ; {
			if _, err := os.Stdout.Write(chunk); err != nil {
				os.Exit(0)
			}
		}
	},
	"stop": func(context.Context, string, verdict.Decision) (verdict.Decision, error) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {}
	},
	// once dies unless the file is there, and makes it.
	"once": func(_ context.Context, file string, d verdict.Decision) (verdict.Decision, error) {
		if _, err := os.Stat(file); err == nil {
			return d, nil
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			return d, err
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	},
	// hang writes the child's process ID into a file and never returns.
	"hang": func(_ context.Context, file string, d verdict.Decision) (verdict.Decision, error) {
		if err := os.WriteFile(file, fmt.Append(nil, os.Getpid()), 0o600); err != nil {
			return d, err
		}
		select {}
	},
	"oom": func(_ context.Context, _ string, d verdict.Decision) (verdict.Decision, error) {
		score, err := os.ReadFile("/proc/self/oom_score_adj")
		d.Findings = []verdict.Finding{{Rule: "X1", Severity: verdict.Error, Message: strings.TrimSpace(string(score))}}
		return d, err
	},
	"input": func(_ context.Context, _ string, d verdict.Decision) (verdict.Decision, error) {
		rest, err := io.ReadAll(os.Stdin)
		if len(rest) > 0 {
			err = fmt.Errorf("%d bytes follow the question", len(rest))
		}
		return d, err
	},
}

// recurse ends with the stack.
func recurse(n int) int {
	if n < 0 {
		return 0
	}
	return recurse(n+1) + 1
}

func pack(path, text string) bundle.Bundle {
	b, err := bundle.New([]bundle.Entry{{Path: path, Data: []byte(text)}})
	if err != nil {
		panic(err) // no test has a path that is none
	}
	return b
}

// decider asks this binary.
var decider = Decider{Args: []string{childArg}, Log: slog.New(slog.DiscardHandler)}

// about is a task whose unit does something, with its bundles.
func about(do string) (task tasks.Task, unit, shared []byte) {
	u, s := pack("do", do), pack("conf", "")
	return tasks.Task{Run: "r", Unit: "billing", Digest: u.Digest(), Shared: s.Digest(), Checker: "actor",
		Regions: []string{"here"}, Attempt: 1, TimeoutMS: 10_000}, u.Pack(), s.Pack()
}

// decide decides a unit that does something in a child.
func decide(t *testing.T, do string) (verdict.Verdict, error) {
	t.Helper()
	task, unit, shared := about(do)
	return decider.Decide(t.Context(), task, unit, shared)
}

// TestAVerdictIsThatOfThisProcess: the child says what would be said here.
func TestAVerdictIsThatOfThisProcess(t *testing.T) {
	t.Parallel()
	for _, do := range []string{"decide", "find \xff no text", "find it", "input"} {
		got, err := decide(t, do)
		task, unit, shared := about(do)
		want, wantErr := DecideTask(t.Context(), check.Kinds{actor{}}, task, unit, shared, limit)
		if do == "input" {
			want, wantErr = got, nil // the test's own standard input is its caller's
		}
		if err != nil || wantErr != nil || got.Fingerprint() != want.Fingerprint() || got.Parts[0].Engine != "actor-1" {
			t.Errorf("%s: %+v, %v; want %+v, %v", do, got, err, want, wantErr)
		}
	}
}

// TestWhatCannotBeDecidedIsNoDeath: the child lives to say so.
func TestWhatCannotBeDecidedIsNoDeath(t *testing.T) {
	t.Parallel()
	for do, want := range map[string]string{"err vault is away": "vault is away", "panic oh no": "the checker panicked: oh no"} {
		v, err := decide(t, do)
		if died := (*DeathError)(nil); err == nil || errors.As(err, &died) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q that tells of no death", do, err, want)
		}
		if err != nil && (v.Kind != verdict.Failed || v.Cause != err.Error() || v.Unit != "billing") {
			t.Errorf("%s: with it comes %+v, want the failed verdict that says the same", do, v)
		}
	}
}

func TestTwoDeathsSayHow(t *testing.T) {
	t.Parallel()
	const twice = "2 processes died while each verified this unit and nothing else: "
	for do, want := range map[string]string{
		"kill":          twice + "signal: killed",
		"say last word": twice + "exit status 7: last word",
		"say \xff":      twice + "exit status 7: \uFFFD",
		"crash oh no":   twice + "exit status 2: panic: oh no",
		"recurse":       twice + "exit status 2: fatal error: stack overflow",
		"spoil no JSON": twice + "its answer cannot be read: invalid character",
		`spoil {}`:      twice + "its answer cannot be read: ",
		"flood":         "its answer cannot be read: it is longer than 32 MiB",
	} {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			_, err := decide(t, do)
			died := (*DeathError)(nil)
			if !errors.As(err, &died) || len(died.Deaths) != 2 || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want two deaths with %q", err, want)
			}
		})
	}
}

func TestASecondChildMayDecide(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	task, unit, shared := about("once " + filepath.Join(t.TempDir(), "been"))
	d := Decider{Args: []string{childArg}, Log: slog.New(slog.NewTextHandler(&log, nil))}
	v, err := d.Decide(t.Context(), task, unit, shared)
	if err != nil || v.Kind != verdict.OK {
		t.Errorf("the second child came to %+v, %v", v, err)
	}
	if n := strings.Count(log.String(), "signal: killed"); n != 1 {
		t.Errorf("the log tells of %d deaths, want 1:\n%s", n, log.String())
	}
}

// TestAChildThatDoesNotAnswerIsKilled: that says nothing of the service but its time.
func TestAChildThatDoesNotAnswerIsKilled(t *testing.T) {
	t.Parallel()
	task, unit, shared := about("stop")
	task.TimeoutMS = 500
	hasty := decider
	hasty.Grace = 300 * time.Millisecond
	_, err := hasty.Decide(t.Context(), task, unit, shared)
	if died := (*DeathError)(nil); err == nil || errors.As(err, &died) || !strings.Contains(err.Error(), "did not answer within 800ms") {
		t.Errorf("error %v, want one that names the time", err)
	}
}

// TestAChildEndsWithItsContext, and is no death then.
func TestAChildEndsWithItsContext(t *testing.T) {
	t.Parallel()
	began := filepath.Join(t.TempDir(), "began")
	task, unit, shared := about("hang " + began)
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	var watch sync.WaitGroup
	watch.Go(func() {
		look := time.NewTicker(time.Millisecond)
		defer look.Stop()
		for ctx.Err() == nil {
			<-look.C
			if text, err := os.ReadFile(began); err == nil && len(text) > 0 {
				cancel(enough)
			}
		}
	})
	_, err := decider.Decide(ctx, task, unit, shared)
	cancel(nil)
	watch.Wait()
	if !errors.Is(err, enough) {
		t.Errorf("error %v, want the context's cause", err)
	}
	text, err := os.ReadFile(began)
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	fmt.Sscan(string(text), &pid)
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the child %d is still there: %v", pid, err)
	}
}

func TestAChildThatCannotBeStartedIsNoDeath(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	task, unit, shared := about("decide")
	_, err := decider.Decide(ctx, task, unit, shared)
	if died := (*DeathError)(nil); !errors.Is(err, context.Canceled) || errors.As(err, &died) {
		t.Errorf("error %v, want the context's", err)
	}
}

// TestTheBytesMustBeThoseOfTheTask: a child trusts its question no more than a worker
// trusts Redis.
func TestTheBytesMustBeThoseOfTheTask(t *testing.T) {
	t.Parallel()
	task, unit, shared := about("decide")
	for name, swap := range map[string][2][]byte{"the unit's": {shared, shared}, "the shared files'": {unit, unit}} {
		if _, err := DecideTask(t.Context(), check.Kinds{actor{}}, task, swap[0], swap[1], limit); err == nil {
			t.Errorf("other bytes than %s are checked", name)
		}
	}
	task.Checker = "terraform"
	if _, err := DecideTask(t.Context(), check.Kinds{actor{}}, task, unit, shared, limit); err == nil || !strings.Contains(err.Error(), `"terraform"`) {
		t.Errorf("error %v, want one that names the check", err)
	}
}

// TestAQuestionThatCannotBeReadHasNoAnswer.
func TestAQuestionThatCannotBeReadHasNoAnswer(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := Answer(t.Context(), strings.NewReader("what?"), &out, nil, limit); err == nil || out.Len() > 0 {
		t.Errorf("error %v and the answer %q", err, out.String())
	}
}
