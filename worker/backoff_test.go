package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// reply is an error that Redis answers.
type reply string

func (r reply) Error() string { return string(r) }
func (reply) RedisError()     {}

const full = reply("OOM command not allowed when used memory > 'maxmemory'. script: 0a1b, on @user_script:3.")

// scripted answers every script with err and notes when it was asked.
type scripted struct {
	redis.UniversalClient
	err   error
	asked []time.Time
}

func (s *scripted) EvalSha(ctx context.Context, _ string, _ []string, _ ...any) *redis.Cmd {
	s.asked = append(s.asked, time.Now())
	cmd := redis.NewCmd(ctx)
	cmd.SetErr(s.err)
	return cmd
}

func (s *scripted) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return s.EvalSha(ctx, script, keys, args...)
}

func (s *scripted) HGet(ctx context.Context, _, _ string) *redis.StringCmd {
	return redis.NewStringCmd(ctx)
}

var fetchKeys = []string{"asynq:{muster-ci}:pending", "asynq:{muster-ci}:paused", "asynq:{muster-ci}:active", "asynq:{muster-ci}:lease"}

// virtual runs f where time passes only while all goroutines wait.
func virtual(t *testing.T, f func(t *testing.T, s *scripted, b *fetchBackoff)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		f(t, s, &fetchBackoff{UniversalClient: s, empty: &emptyQueues{}, stopping: make(chan struct{})})
	})
}

func TestFetchWaitsLongerAfterEachFailure(t *testing.T) {
	virtual(t, func(t *testing.T, s *scripted, b *fetchBackoff) {
		s.err = full
		for range 7 {
			b.EvalSha(t.Context(), "0a1b", fetchKeys)
		}
		for i, span := range []time.Duration{200, 400, 800, 1600, 2000, 2000} {
			span *= time.Millisecond
			if got := s.asked[i+1].Sub(s.asked[i]); got < span/2 || got > span {
				t.Errorf("wait %d is %s, want %s to %s", i+1, got, span/2, span)
			}
		}
		s.err = nil
		b.EvalSha(t.Context(), "0a1b", fetchKeys)
		before := time.Now()
		b.EvalSha(t.Context(), "0a1b", fetchKeys)
		if waited := time.Since(before); waited != 0 {
			t.Errorf("after a success the next fetch waits %s", waited)
		}
		s.err = full
		b.EvalSha(t.Context(), "0a1b", fetchKeys)
		before = time.Now()
		b.EvalSha(t.Context(), "0a1b", fetchKeys)
		if waited := time.Since(before); waited > firstWait {
			t.Errorf("after a success and a failure the next fetch waits %s, want %s at most", waited, firstWait)
		}
	})
}

func TestWhatAFetchWaitsAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		err   error
		waits bool
	}{
		{"a task", nil, false},
		{"no task", redis.Nil, false},
		{"unknown script", reply("NOSCRIPT No matching script. Please use EVAL."), false},
		{"full", full, true},
		{"full, in the words of Redis 6", reply("ERR Error running script (call to f_0a1b): @user_script:3: -OOM command not allowed"), true},
		{"replica", reply("READONLY You can't write against a read only replica."), true},
		{"loading", reply("LOADING Redis is loading the dataset in memory"), true},
		{"cannot save", reply("MISCONF Redis is configured to save RDB snapshots"), true},
		{"not there", fmt.Errorf("dial: %w", syscall.ECONNREFUSED), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			virtual(t, func(t *testing.T, s *scripted, b *fetchBackoff) {
				s.err = tt.err
				first := b.EvalSha(t.Context(), "0a1b", fetchKeys)
				if !errors.Is(first.Err(), tt.err) {
					t.Errorf("the error became %v", first.Err())
				}
				b.Eval(t.Context(), "return nil", fetchKeys)
				if waited := s.asked[1].After(s.asked[0]); waited != tt.waits {
					t.Errorf("the next fetch waits: %t, want %t", waited, tt.waits)
				}
			})
		})
	}
}

func TestFetchesStayBelowTwentyASecond(t *testing.T) {
	virtual(t, func(t *testing.T, s *scripted, b *fetchBackoff) {
		// The worst case: with two queues and one of them paused, every second
		// fetch works.
		for start := time.Now(); time.Since(start) < time.Minute; {
			s.err = full
			b.EvalSha(t.Context(), "0a1b", fetchKeys)
			s.err = redis.Nil
			b.EvalSha(t.Context(), "0a1b", fetchKeys)
		}
		for i := 20; i < len(s.asked); i++ {
			if span := s.asked[i].Sub(s.asked[i-20]); span < time.Second {
				t.Fatalf("20 fetches within %s", span)
			}
		}
	})
}

func TestOtherCommandsDoNotWait(t *testing.T) {
	virtual(t, func(t *testing.T, s *scripted, b *fetchBackoff) {
		s.err = full
		for range 5 {
			b.EvalSha(t.Context(), "0a1b", fetchKeys)
		}
		before := time.Now()
		q := "asynq:{muster-ci}:"
		for _, keys := range [][]string{
			nil,
			{q + "t:1", q + "pending"},
			{q + "active", q + "lease", q + "pending", q + "t:1"},
			{q + "pending", q + "paused", q + "active", "asynq:{muster-audit}:lease"},
			{q + "pending", q + "paused", q + "active", q + "lease", q + "t:1"},
			{"mine:{muster-ci}:pending", "mine:{muster-ci}:paused", "mine:{muster-ci}:active", "mine:{muster-ci}:lease"},
			{"muster:run:{r}", "muster:run:{r}:services", "muster:run:{r}:events", "muster:run:{r}:verdicts"},
		} {
			b.EvalSha(t.Context(), "2c3d", keys)
			b.Eval(t.Context(), "return 1", keys)
		}
		b.HGet(t.Context(), "k", "f")
		if waited := time.Since(before); waited != 0 {
			t.Errorf("other commands waited %s", waited)
		}
	})
}

func TestStoppingEndsTheWait(t *testing.T) {
	virtual(t, func(t *testing.T, s *scripted, b *fetchBackoff) {
		stop := make(chan struct{})
		b.stopping, s.err = stop, full
		b.EvalSha(t.Context(), "0a1b", fetchKeys)
		time.AfterFunc(50*time.Millisecond, func() { close(stop) })
		before := time.Now()
		cmd := b.EvalSha(t.Context(), "0a1b", fetchKeys)
		if waited := time.Since(before); waited != 50*time.Millisecond {
			t.Errorf("the wait ended after %s, want with the stop", waited)
		}
		if !errors.Is(cmd.Err(), redis.Nil) || len(s.asked) != 1 {
			t.Errorf("Redis was asked %d times and the answer is %v, want no second question and no task", len(s.asked), cmd.Err())
		}
	})
}

// replica makes a client whose Redis answers PING and refuses everything else,
// without a connection.
type replica struct{ redis.Hook }

func (replica) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(_ context.Context, cmd redis.Cmder) error {
		if cmd.Name() != "ping" {
			cmd.SetErr(reply("READONLY You can't write against a read only replica."))
		}
		return cmd.Err()
	}
}

func (replica) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (replica) DialHook(next redis.DialHook) redis.DialHook { return next }

func TestShutdownDoesNotWaitToFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", Dialer: func(context.Context, string, string) (net.Conn, error) {
			return nil, syscall.ECONNREFUSED
		}})
		defer client.Close()
		client.AddHook(replica{})
		h := NewHandler(HandlerOptions{Name: "w", Attempts: &notes{}, Recorder: &notes{}, Concurrency: 16, Log: slog.New(slog.DiscardHandler)})
		s, err := StartServers(h, FetchOptions{Redis: client, Queues: tasks.DefaultQueues(), Fetchers: 16,
			Poll: time.Millisecond, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // of virtual time: every server is in its longest wait
		start := time.Now()
		s.Shutdown()
		if took := time.Since(start); took > lastWait/2 {
			t.Errorf("16 servers took %s to stop", took)
		}
	})
}

// TestServersSpareAFailingRedis holds the back-off to what asynq really sends.
func TestServersSpareAFailingRedis(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		fail     []any
		mend     []any
		attempts int // that one fetch may make: go-redis repeats some itself
	}{
		{"full", []any{"config", "set", "maxmemory", 1}, []any{"config", "set", "maxmemory", 0}, 1},
		{"replica", []any{"replicaof", "127.0.0.1", 1}, []any{"replicaof", "no", "one"}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			conn := redistest.Dial(t, redistest.Server(t))
			decided := make(chan struct{})
			b := newBench(t, func(context.Context) (verdict.Decision, error) {
				close(decided)
				return verdict.Decision{}, nil
			})
			b.push(t, tasks.NewClient(conn.Bulk(), conn.Plain()))
			do(t, conn, tt.fail...)
			s := startTwo(t, b.Handler, conn)
			start := time.Now()
			n := len(s.all) - 1 // the one that prefetches wants no task
			refused := awaitRefusals(t, conn, 3*n*tt.attempts)
			if most := int(20*float64(n)*time.Since(start).Seconds()) + n*tt.attempts; refused > most {
				t.Errorf("%d servers asked %d times in %s, want %d at most", n, refused, time.Since(start), most)
			}
			do(t, conn, tt.mend...)
			select {
			case <-decided:
			case <-time.After(10 * time.Second):
				t.Error("no task was fetched after Redis had recovered")
			}
			s.Shutdown()
		})
	}
}

// slotWait is what the handlers of these tests wait for a slot, at most; quick is the
// pace of their servers.
const slotWait = 100 * time.Millisecond

var quick = func() Timing {
	t := DefaultTiming()
	t.SlotWait, t.Retry, t.Forward, t.Quarantine = slotWait, 20*time.Millisecond, 20*time.Millisecond, 20*time.Millisecond
	return t
}()

func startTwo(t *testing.T, h *Handler, conn *redisconn.Conn) *Servers {
	t.Helper()
	s, err := StartServers(h, FetchOptions{Redis: conn.Bulk(), Queues: tasks.DefaultQueues(), Fetchers: 2, Timing: quick, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func do(t *testing.T, conn *redisconn.Conn, command ...any) {
	t.Helper()
	if err := conn.Plain().Do(t.Context(), command...).Err(); err != nil {
		t.Fatalf("%v: %v", command, err)
	}
}

// awaitRefusals waits until Redis has refused the fetching script's write n times
// and returns how often it was.
func awaitRefusals(t *testing.T, conn *redisconn.Conn, n int) int {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-look.C {
		info, err := conn.Plain().Info(t.Context(), "commandstats").Result()
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		if _, line, ok := strings.Cut(info, "cmdstat_rpoplpush:"); ok {
			line, _, _ = strings.Cut(line, "\r\n")
			_, line, _ = strings.Cut(line, "rejected_calls=")
			fmt.Sscan(strings.ReplaceAll(line, ",", " "), &got)
		}
		if got >= n {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("Redis refused %d fetches, want %d", got, n)
		}
	}
}
