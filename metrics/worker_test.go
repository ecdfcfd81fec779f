package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/metrics"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/worker"
)

var (
	_ worker.Observer    = (*metrics.Worker)(nil)
	_ redisconn.Observer = (*metrics.Worker)(nil).RedisReplied
)

// TestWorkerCounts: what it is told of, under bounded names.
func TestWorkerCounts(t *testing.T) {
	t.Parallel()
	w := metrics.NewWorker()
	r := metrics.NewRegistry("v1")
	r.MustRegister(w)
	w.TaskEnded("chart", worker.TaskOK)
	w.TaskEnded("chart", worker.TaskOK)
	w.TaskEnded("", worker.TaskRefused)
	w.TaskEnded("broken \xff", worker.TaskOK)
	w.CheckEnded("declared", 300*time.Microsecond)
	w.CheckEnded("command/helm-lint", 20*time.Second)
	w.CommandEnded("helm-lint", worker.CommandTimeout)
	w.RedisReplied(time.Millisecond, nil)
	w.CacheEnded(worker.CacheHit, 2)
	w.CacheEnded(worker.CacheWritten, 3)
	w.CacheEnded(worker.CacheDropped, 4)
	w.CacheEnded(worker.CacheRefused, 1)
	w.CacheEnded(worker.CacheError, 1)
	got := read(t, r)
	for series, want := range map[string]string{
		`muster_tasks_total{kind="chart",result="ok"}`:                   "2",
		`muster_tasks_total{kind="",result="refused"}`:                   "1",
		"muster_tasks_total{kind=\"broken \uFFFD\",result=\"ok\"}":       "1",
		`muster_check_seconds_bucket{check="declared",le="0.00025"}`:     "0",
		`muster_check_seconds_bucket{check="declared",le="0.0005"}`:      "1",
		`muster_check_seconds_bucket{check="command/helm-lint",le="10"}`: "0",
		`muster_check_seconds_bucket{check="command/helm-lint",le="30"}`: "1",
		`muster_check_seconds_sum{check="command/helm-lint"}`:            "20",
		`muster_commands_total{command="helm-lint",outcome="timeout"}`:   "1",
		`muster_redis_round_trip_seconds_count`:                          "1",
		`muster_cache_lookups_total{result="hit"}`:                       "2",
		`muster_cache_lookups_total{result="miss"}`:                      "0",
		`muster_cache_lookups_total{result="bad"}`:                       "0",
		`muster_cache_written_total`:                                     "3",
		`muster_cache_dropped_total`:                                     "4",
		`muster_cache_refused_total`:                                     "1",
		`muster_cache_errors_total`:                                      "1",
		`muster_redis_errors_total{reason="reply"}`:                      "0",
		`muster_redis_errors_total{reason="timeout"}`:                    "0",
		`muster_redis_errors_total{reason="network"}`:                    "0",
	} {
		if got[series] != want {
			t.Errorf("%s is %q, want %q", series, got[series], want)
		}
	}
}

// TestNamesAreBounded: repositories may name as many kinds and checks as they like.
func TestNamesAreBounded(t *testing.T) {
	t.Parallel()
	w := metrics.NewWorker()
	r := metrics.NewRegistry("v1")
	r.MustRegister(w)
	for i := range 3000 {
		w.TaskEnded(fmt.Sprint("kind", i), worker.TaskOK)
		w.CheckEnded(fmt.Sprint("check", i), time.Second)
		w.CommandEnded(fmt.Sprint("command", i), worker.CommandOK)
	}
	counts, sum := map[string]int{}, 0
	for series, value := range read(t, r) {
		name, _, _ := strings.Cut(series, "{")
		counts[name]++
		if n := 0; name == "muster_tasks_total" {
			_, err := fmt.Sscan(value, &n)
			must(t, err)
			sum += n
		}
	}
	for name, most := range map[string]int{"muster_tasks_total": 801, "muster_check_seconds_count": 101, "muster_commands_total": 201} {
		if counts[name] < 50 || counts[name] > most {
			t.Errorf("%s has %d series, want at most %d", name, counts[name], most)
		}
	}
	if sum != 3000 {
		t.Errorf("%d tasks are counted, want all", sum)
	}
}

// TestRedisFaults: by what was wrong.
func TestRedisFaults(t *testing.T) {
	t.Parallel()
	c := redistest.Dial(t, redistest.Mini(t))
	must(t, c.Plain().Set(t.Context(), "a", "b", 0).Err())
	for reason, err := range map[string]error{
		"reply":   c.Plain().LPush(t.Context(), "a", "b").Err(),
		"timeout": &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded},
		"network": &net.OpError{Op: "dial", Err: errors.New("connection refused")},
	} {
		w := metrics.NewWorker()
		r := metrics.NewRegistry("v1")
		r.MustRegister(w)
		w.RedisReplied(time.Millisecond, err)
		if got := read(t, r); got[fmt.Sprintf("muster_redis_errors_total{reason=%q}", reason)] != "1" || got["muster_redis_round_trip_seconds_count"] != "0" {
			t.Errorf("%v counts as %v", err, got)
		}
	}
	w := metrics.NewWorker()
	w.RedisReplied(time.Second, context.DeadlineExceeded)
	w.RedisReplied(time.Second, redis.ErrClosed)
}

// BenchmarkTask is what is counted of one task of a quick check, its clock included.
func BenchmarkTask(b *testing.B) {
	w := metrics.NewWorker()
	for b.Loop() {
		w.CheckEnded("declared", 80*time.Microsecond)
		w.TaskEnded("port", worker.TaskOK)
		for range 3 { // fetched, begun, done; verdicts share a write
			begun := time.Now()
			w.RedisReplied(time.Since(begun), nil)
		}
	}
}
