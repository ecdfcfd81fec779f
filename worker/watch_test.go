package worker

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/tasks"
)

// crowd is servers that fetch as those of asynq do, from a Redis a round trip away.
type crowd struct {
	redis.UniversalClient
	servers  sync.WaitGroup
	stopping chan struct{}

	mu      sync.Mutex
	waiting int           // tasks
	calls   int           // fetches, and looks at all queues
	last    time.Time     // the last one
	gap     time.Duration // the longest between two
	took    []int         // server → tasks
	fails   error         // answered instead
}

const (
	roundTrip = time.Millisecond
	watchers  = 8
	pause     = 50 * time.Millisecond
)

func (c *crowd) EvalSha(ctx context.Context, _ string, keys []string, server ...any) *redis.Cmd {
	time.Sleep(roundTrip)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.called()
	switch {
	case c.fails != nil:
		return answer(ctx, c.fails)
	case c.waiting == 0 || keys[0] != fetchKeys[0]:
		return answer(ctx, redis.Nil)
	}
	c.waiting--
	c.took[server[0].(int)]++
	return redis.NewCmd(ctx)
}

func (c *crowd) pending(context.Context) bool {
	time.Sleep(roundTrip)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.called()
	return c.fails != nil || c.waiting > 0
}

// called notes a call, under the lock.
func (c *crowd) called() {
	c.calls++
	if !c.last.IsZero() {
		c.gap = max(c.gap, time.Since(c.last))
	}
	c.last = time.Now()
}

// start starts them, with two queues.
func (c *crowd) start() {
	c.stopping = make(chan struct{})
	c.took = make([]int, watchers)
	empty, w := &emptyQueues{}, newWatch(pause, c.pending)
	var other []string
	for _, key := range fetchKeys {
		other = append(other, strings.Replace(key, tasks.QueueCI, tasks.QueueAudit, 1))
	}
	for i := range watchers {
		b := &fetchBackoff{UniversalClient: c, empty: empty, stopping: c.stopping, turn: &turn{watch: w, queues: 2}}
		c.servers.Go(func() {
			for !isClosed(c.stopping) {
				if b.EvalSha(context.Background(), "0a1b", fetchKeys, i).Err() == redis.Nil && b.EvalSha(context.Background(), "0a1b", other, i).Err() == redis.Nil {
					time.Sleep(laneRest)
				}
			}
		})
	}
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// put puts tasks into the first queue, and says how many calls there were until then.
func (c *crowd) put(n int) (calls int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting, c.gap = c.waiting+n, 0
	return c.calls
}

func (c *crowd) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting
}

// drain is how long it takes until no task waits, a minute if some do then.
func (c *crowd) drain() time.Duration {
	began := time.Now()
	for c.left() > 0 && time.Since(began) < time.Minute {
		time.Sleep(roundTrip)
	}
	return time.Since(began)
}

// longest is the longest time in which nobody looked, since the last call of put.
func (c *crowd) longest() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gap
}

// fail makes each fetch fail from now on, nil none.
func (c *crowd) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fails = err
}

// TestOneServerLooksForAll: an idle process calls as one server does, and all are at work when there is some.
func TestOneServerLooksForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &crowd{}
		c.start()
		time.Sleep(time.Second) // of virtual time
		before := c.put(0)
		time.Sleep(10 * time.Second)
		if gap := c.longest(); gap > 2*pause+laneRest+5*roundTrip { // the looks of the next server begin after its own pause
			t.Errorf("nobody looked for %s", gap)
		}
		if calls := c.put(0) - before; calls < 180 || calls > 200 {
			t.Errorf("%d calls in ten idle seconds, want one each %s", calls, pause)
		}

		c.put(watchers)
		if took, most := c.drain(), pause+3*roundTrip; took > most {
			t.Errorf("%d tasks were fetched after %s by %v, want %s", watchers, took, c.took, most)
		}
		time.Sleep(2 * busyFor)
		c.put(200)
		if took, most := c.drain(), pause+(200/watchers+10)*roundTrip; took > most {
			t.Errorf("200 tasks were fetched after %s by %v, want %s", took, c.took, most)
		}

		before = c.put(0)
		for range 100 {
			c.put(1)
			if took := c.drain(); took > 2*quickLook+4*roundTrip { // two pauses where another server begins to look
				t.Errorf("a task was fetched after %s", took)
			}
			time.Sleep(2 * pause)
		}
		if calls, most := c.put(0)-before, int(100*2*pause/quickLook)+4*100; calls > most {
			t.Errorf("%d calls for 100 tasks one after the other, want %d at most", calls, most)
		}

		began := time.Now()
		close(c.stopping)
		c.servers.Wait()
		if took := time.Since(began); took > laneRest+2*roundTrip {
			t.Errorf("it took %s to stop", took)
		}
	})
}

// TestAllServersLookAgainAfterAFailure: those whose fetch failed do not wait for the others.
func TestAllServersLookAgainAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &crowd{}
		c.start()
		time.Sleep(time.Second)
		c.fail(full)
		time.Sleep(time.Minute)
		c.fail(nil)
		c.put(1)
		time.Sleep(lastWait + 5*roundTrip)
		if c.left() > 0 {
			t.Error("nobody looked after Redis had recovered")
		}
		close(c.stopping)
		c.servers.Wait()
	})
}
