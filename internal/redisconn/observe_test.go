package redisconn_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/test/redistest"
)

// seen is an observer that writes down what it is told.
type seen struct {
	mu    sync.Mutex
	times int
	wrong []string
}

func (s *seen) tell(_ time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times++
	if err != nil {
		s.wrong = append(s.wrong, err.Error())
	}
}

// told is what the observer was told since the last look, but for the first words of a connection.
func (s *seen) told() (times int, wrong string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	times, wrong = s.times, strings.Join(s.wrong, "\n")
	s.times, s.wrong = 0, nil
	return times, wrong
}

// TestAnObserverIsToldOfFaults: whichever client a command goes through.
func TestAnObserverIsToldOfFaults(t *testing.T) {
	t.Parallel()
	server := redistest.Process(t)
	target, err := redisconn.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	var s seen
	c := target.Dial(redisconn.Options{Observe: s.tell})
	t.Cleanup(func() { c.Close() })
	script := redis.NewScript("return redis.error_reply('ERR told so')")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	clients := map[string]redis.UniversalClient{"plain": c.Plain(), "bulk": c.Bulk()}
	for name, client := range clients {
		_ = client.Ping(t.Context()).Err()
		for _, step := range []struct {
			name string
			do   func()
			want string // part of what was wrong, "" for nothing
		}{
			{"a reply", func() { client.Set(t.Context(), "a", "b", 0) }, ""},
			{"nothing there", func() { client.Get(t.Context(), "nosuch") }, ""},
			{"an unknown script", func() { client.EvalSha(t.Context(), strings.Repeat("0", 40), nil) }, ""},
			{"nobody waits", func() { client.Get(gone, "a") }, ""},
			{"a script's refusal", func() { script.Eval(t.Context(), client, nil) }, "told so"},
			{"a wrong type", func() { client.LPush(t.Context(), "a", "b") }, "WRONGTYPE"},
			{"one of several", func() {
				_, _ = client.Pipelined(t.Context(), func(p redis.Pipeliner) error {
					p.Get(t.Context(), "nosuch")
					p.LPush(t.Context(), "a", "b")
					return nil
				})
			}, "WRONGTYPE"},
		} {
			s.told()
			step.do()
			times, wrong := s.told()
			if (wrong == "") != (step.want == "") || !strings.Contains(wrong, step.want) || times == 0 && step.name != "nobody waits" {
				t.Errorf("%s, %s: %d times, wrong is %q, want %q", name, step.name, times, wrong, step.want)
			}
		}
	}
	server.Kill()
	for name, client := range clients {
		s.told()
		_ = client.Ping(t.Context()).Err()
		if _, wrong := s.told(); wrong == "" {
			t.Errorf("%s: nothing is wrong without Redis", name)
		}
	}
}
