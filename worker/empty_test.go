package worker

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/tasks"
)

func TestWhichQueuesAreVacant(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	type look struct {
		queue string
		found bool
		then  time.Duration // until the next look
	}
	for _, tt := range []struct {
		name  string
		looks []look
		empty string // of a, b and c
	}{
		{"nothing is known", nil, ""},
		{"all are empty", []look{{"a", false, 0}, {"b", false, 0}}, ""},
		{"one is busy, another was not looked at", []look{{"a", true, 0}}, ""},
		{"one is busy, two are empty", []look{{"b", false, 0}, {"c", false, 0}, {"a", true, 0}}, "bc"},
		{"in the other order", []look{{"a", true, 0}, {"b", false, 0}}, "b"},
		{"the busy one is empty now", []look{{"b", false, 0}, {"a", true, 0}, {"a", false, 0}}, "b"},
		{"what was empty some time ago", []look{{"b", false, 4 * ms}, {"a", true, 0}}, "b"},
		{"what was empty long ago", []look{{"b", false, 5 * ms}, {"a", true, 0}}, ""},
		{"what was busy some time ago", []look{{"a", true, 0}, {"b", false, 4 * ms}}, "b"},
		{"what was busy long ago", []look{{"a", true, 1 * ms}, {"b", false, 4 * ms}}, ""},
		{"both are busy", []look{{"b", false, 0}, {"b", true, 0}, {"a", true, 0}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var e emptyQueues
				for _, l := range tt.looks {
					e.note(l.queue, l.found)
					time.Sleep(l.then) // of virtual time
				}
				got := ""
				for _, q := range []string{"a", "b", "c"} {
					if e.skip(q) {
						got += q
					}
				}
				if got != tt.empty {
					t.Errorf("vacant are %q, want %q", got, tt.empty)
				}
			})
		})
	}
}

func TestAVacantQueueIsNotAskedFor(t *testing.T) {
	virtual(t, func(t *testing.T, s *scripted, b *fetchBackoff) {
		var audit []string
		for _, k := range fetchKeys {
			audit = append(audit, strings.Replace(k, tasks.QueueCI, tasks.QueueAudit, 1))
		}
		ask := func(keys []string, answer error, asked int) {
			t.Helper()
			s.asked, s.err = nil, answer
			cmd := b.EvalSha(t.Context(), "0a1b", keys)
			if len(s.asked) != asked || cmd.Err() != answer {
				t.Errorf("Redis was asked %d times and the answer is %v, want %d times and %v", len(s.asked), cmd.Err(), asked, answer)
			}
		}
		ask(audit, redis.Nil, 1)
		ask(audit, redis.Nil, 1)
		ask(fetchKeys, nil, 1)
		ask(audit, redis.Nil, 0)
		ask(fetchKeys, redis.Nil, 1)
		ask(fetchKeys, redis.Nil, 1)
		ask(audit, redis.Nil, 0)
		time.Sleep(emptyFor)
		ask(audit, redis.Nil, 1)
		ask(fetchKeys, nil, 1)
		ask(audit, redis.Nil, 0)
		time.Sleep(emptyFor)
		ask(fetchKeys, full, 1)
		ask(audit, nil, 1)
	})
}
