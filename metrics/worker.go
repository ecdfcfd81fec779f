package metrics

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed306eabeb/muster/worker"
)

// How many values of a label a worker counts: kinds and checks have the names that repositories give
// them, and tasks may name commands that nobody offers.
const (
	maxKinds    = 100
	maxChecks   = 100
	maxOutcomes = 20
)

// nativeFactor is by how much a bucket of a native histogram is wider than the one before.
const nativeFactor = 1.1

// maxNative bounds the buckets of a native histogram.
const maxNative = 100

// checkBuckets are from a check of a small file to a command that takes its time.
var checkBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// tripBuckets are from a Redis beside the worker to one that does not answer any more.
var tripBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15}

// Worker counts what a worker does. It is a worker.Observer and a prometheus.Collector, and safe for
// concurrent use.
type Worker struct {
	tasks    *family[taskKey, prometheus.Counter]
	checks   *family[string, prometheus.Observer]
	commands *family[commandKey, prometheus.Counter]
	errors   *family[string, prometheus.Counter]
	cache    map[worker.CacheResult]prometheus.Counter
	trips    prometheus.Histogram
	vectors  []prometheus.Collector
	source   atomic.Pointer[source]
}

type taskKey struct {
	kind   string
	result worker.Result
}

type commandKey struct {
	command string
	outcome worker.Outcome
}

// source is what tells of its own what it has under way, as a *worker.Worker does.
type source struct {
	stats     func() worker.Stats
	heartbeat func() time.Time
}

// NewWorker makes one that has counted nothing.
func NewWorker() *Worker {
	tasks := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "muster_tasks_total", Help: "Deliveries of tasks, by the kind of their unit and by what became of them."}, []string{"kind", "result"})
	checks := prometheus.NewHistogramVec(seconds("muster_check_seconds", "How long checks took, by their name; command/NAME is one that runs a command.", checkBuckets), []string{"check"})
	commands := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "muster_commands_total", Help: "Runs of commands, by what became of them: ok, invalid (errors were found), and else why there is no answer."}, []string{"command", "outcome"})
	errs := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "muster_redis_errors_total", Help: "What was sent to Redis and came to nothing: timeout, network, or reply for an error that Redis replied."}, []string{"reason"})
	lookups := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "muster_cache_lookups_total", Help: "Decisions that were looked up in the cache: hit, miss, or bad for what is there and no worker has written."}, []string{"result"})
	ofCache := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	w := &Worker{
		cache: map[worker.CacheResult]prometheus.Counter{
			worker.CacheHit: lookups.WithLabelValues("hit"), worker.CacheMiss: lookups.WithLabelValues("miss"), worker.CacheBad: lookups.WithLabelValues("bad"),
			worker.CacheWritten: ofCache("muster_cache_written_total", "Entries that were written into the cache: decisions, and names of files."),
			worker.CacheDropped: ofCache("muster_cache_dropped_total", "Entries that were not written: too many waited, or the cache did not take them."),
			worker.CacheRefused: ofCache("muster_cache_refused_total", "Tasks of runs that name cache domains and not that of this worker: nothing of them is kept."),
			worker.CacheError:   ofCache("muster_cache_errors_total", "Calls of the cache that came to nothing: units are decided without it then."),
		},
		tasks: newFamily(maxKinds*8, func(k taskKey) prometheus.Counter { return tasks.WithLabelValues(fit(k.kind), string(k.result)) },
			func(k taskKey) taskKey { return taskKey{other, k.result} }),
		checks: newFamily(maxChecks, func(check string) prometheus.Observer { return checks.WithLabelValues(fit(check)) }, func(string) string { return other }),
		commands: newFamily(maxCommands, func(k commandKey) prometheus.Counter {
			return commands.WithLabelValues(fit(k.command), fit(string(k.outcome)))
		}, func(k commandKey) commandKey { return commandKey{other, k.outcome} }),
		errors:  newFamily(maxOutcomes, func(reason string) prometheus.Counter { return errs.WithLabelValues(reason) }, func(string) string { return other }),
		trips:   prometheus.NewHistogram(seconds("muster_redis_round_trip_seconds", "How long replies of Redis took, from when they were asked for.", tripBuckets)),
		vectors: []prometheus.Collector{tasks, checks, commands, errs},
	}
	w.vectors = append(w.vectors, w.trips, lookups)
	for _, r := range []worker.CacheResult{worker.CacheWritten, worker.CacheDropped, worker.CacheRefused, worker.CacheError} {
		w.vectors = append(w.vectors, w.cache[r])
	}
	for _, reason := range []string{faultTimeout, faultNetwork, faultReply} {
		w.errors.of(reason) // which is 0, and not absent
	}
	return w
}

// seconds describes a histogram of times, native and with buckets for those who do not ask for it.
func seconds(name, help string, buckets []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: nativeFactor, NativeHistogramMaxBucketNumber: maxNative, NativeHistogramMinResetDuration: time.Hour}
}

// TaskEnded is worker.Observer's.
func (w *Worker) TaskEnded(kind string, r worker.Result) { w.tasks.of(taskKey{kind, r}).Inc() }

// CheckEnded is worker.Observer's.
func (w *Worker) CheckEnded(check string, took time.Duration) {
	w.checks.of(check).Observe(took.Seconds())
}

// CommandEnded is worker.Observer's.
func (w *Worker) CommandEnded(command string, o worker.Outcome) {
	w.commands.of(commandKey{command, o}).Inc()
}

// CacheEnded is worker.Observer's.
func (w *Worker) CacheEnded(r worker.CacheResult, n int) { w.cache[r].Add(float64(n)) }

// Why Redis came to nothing.
const (
	faultTimeout = "timeout"
	faultNetwork = "network"
	faultReply   = "reply"
)

// RedisReplied counts a reply, or that there was none. It is a redisconn.Observer.
func (w *Worker) RedisReplied(took time.Duration, err error) {
	if err == nil {
		w.trips.Observe(took.Seconds())
		return
	}
	w.errors.of(faultOf(err)).Inc()
}

func faultOf(err error) string {
	late, replied := net.Error(nil), interface{ RedisError() }(nil)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &late) && late.Timeout():
		return faultTimeout
	case errors.As(err, &replied):
		return faultReply
	}
	return faultNetwork
}

// Watch makes the metrics tell what a worker has under way, once it has started.
func (w *Worker) Watch(of *worker.Worker) {
	w.source.Store(&source{of.Stats, of.LastHeartbeat})
}

// What a worker has under way.
var (
	ofSlot       = []string{"kind", "state"}
	slots        = prometheus.NewDesc("muster_slots", "Slots of this worker, busy and free ones: quick ones are those of checks that run no command.", ofSlot, nil)
	prefetched   = prometheus.NewDesc("muster_tasks_prefetched", "Tasks that are begun and wait for a quick slot.", nil, nil)
	waiting      = prometheus.NewDesc("muster_tasks_waiting", "Tasks of lanes that are begun and wait for a slot of their commands.", nil, nil)
	running      = prometheus.NewDesc("muster_command_running", "Runs of an offered command under way.", ofCommand, nil)
	offered      = prometheus.NewDesc("muster_command_offered", "How many runs of an offered command this worker allows at once.", ofCommand, nil)
	lanesServed  = prometheus.NewDesc("muster_lanes_served", "Lanes of commands that this worker takes tasks from.", nil, nil)
	lastBeatTime = prometheus.NewDesc("muster_last_heartbeat_timestamp_seconds", "When Redis last took a heartbeat of this worker.", nil, nil)
)

// Describe is prometheus.Collector's.
func (w *Worker) Describe(ch chan<- *prometheus.Desc) {
	for _, v := range w.vectors {
		v.Describe(ch)
	}
	for _, d := range []*prometheus.Desc{slots, prefetched, waiting, running, offered, lanesServed, lastBeatTime} {
		ch <- d
	}
}

// Collect is prometheus.Collector's.
func (w *Worker) Collect(ch chan<- prometheus.Metric) {
	for _, v := range w.vectors {
		v.Collect(ch)
	}
	if of := w.source.Load(); of != nil {
		of.collect(ch)
	}
}

func (s *source) collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	now := s.stats()
	pair := func(kind string, all, taken int) {
		gauge(slots, float64(taken), kind, "busy")
		gauge(slots, float64(max(0, all-taken)), kind, "free")
	}
	pair("quick", now.Slots, now.Taken)
	pair("command", now.CommandSlots, now.CommandsTaken)
	gauge(prefetched, float64(now.Prefetched))
	gauge(waiting, float64(now.Waiting))
	for name, c := range now.Commands {
		gauge(running, float64(c.Taken), fit(name))
		gauge(offered, float64(c.Slots), fit(name))
	}
	gauge(lanesServed, float64(len(now.Lanes)))
	if beat := s.heartbeat(); !beat.IsZero() {
		gauge(lastBeatTime, float64(beat.UnixMilli())/1e3)
	}
}
