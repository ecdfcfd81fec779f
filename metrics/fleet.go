package metrics

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed306eabeb/muster/ledger"
)

const (
	// freshFor is how long a look at Redis serves all who ask.
	freshFor = 2 * time.Second
	// lookTimeout bounds one look. It is less than the ten seconds that Prometheus waits unless it
	// is told otherwise, so that it hears that Redis does not answer.
	lookTimeout = 5 * time.Second
)

// Fleet tells what a Redis knows of runs and workers. It looks when it is asked, one look at a time,
// and tells nothing but that it could not look where Redis does not answer. It is a
// prometheus.Collector, and safe for concurrent use.
type Fleet struct {
	ledger *ledger.Ledger
	// silence is after how long a worker that was not heard counts as dead.
	silence time.Duration
	log     *slog.Logger

	mu     sync.Mutex
	runs   *ledger.OpenRuns
	last   picture
	looked time.Time // when last ended
	err    error     // of that look
	took   time.Duration
}

// NewFleet makes one for a Redis.
func NewFleet(l *ledger.Ledger, silence time.Duration, log *slog.Logger) *Fleet {
	return &Fleet{ledger: l, silence: silence, log: log, runs: l.OpenRuns()}
}

// look is what Redis knows now, or knew a moment ago.
func (f *Fleet) look() (picture, time.Duration, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.looked.IsZero() && time.Since(f.looked) < freshFor {
		return f.last, f.took, f.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	begun, was := time.Now(), f.err
	f.last, f.err = f.read(ctx)
	f.looked, f.took = time.Now(), time.Since(begun)
	switch {
	case f.err != nil && was == nil:
		f.log.Warn("Redis could not be read: the metrics are without it", "err", f.err)
	case f.err == nil && was != nil:
		f.log.Info("Redis is read again")
	}
	return f.last, f.took, f.err
}

// read asks Redis, in a few round trips.
func (f *Fleet) read(ctx context.Context) (picture, error) {
	workers, err := f.ledger.Workers(ctx, f.silence)
	if err != nil {
		return picture{}, err
	}
	announced, err := f.ledger.Announced(ctx)
	if err != nil {
		return picture{}, err
	}
	runs, err := f.runs.Read(ctx)
	if err != nil {
		return picture{}, err
	}
	return newPicture(workers, announced, runs), nil
}

// label names, in the order of the descriptions.
var (
	ofLane    = []string{"queue", "lane"}
	ofCommand = []string{"command"}
)

// What a Fleet tells.
var (
	up          = prometheus.NewDesc("muster_up", "1 if the last look at Redis has succeeded, else 0; what Redis knows is left out then.", nil, nil)
	lookSeconds = prometheus.NewDesc("muster_look_seconds", "How long the last look at Redis took.", nil, nil)
	runsOpen    = prometheus.NewDesc("muster_runs", "Runs that have not ended, by state: open and sealed ones are looked after; abandoned, unfollowed and overdue ones are not.", []string{"queue", "state"}, nil)
	expected    = prometheus.NewDesc("muster_units_expected", "Units listed so far, of runs that are looked after.", ofLane, nil)
	decided     = prometheus.NewDesc("muster_units_decided", "Units with a verdict, of runs that are looked after.", ofLane, nil)
	undecided   = prometheus.NewDesc("muster_units_undecided", "Units without a verdict, of runs that are looked after: the backlog, whether in the queue or not.", ofLane, nil)
	stranded    = prometheus.NewDesc("muster_units_stranded", "Units without a verdict, of runs that nobody looks after: workers do not decide them.", ofLane, nil)
	oldest      = prometheus.NewDesc("muster_oldest_undecided_seconds", "Time since the start of the oldest run that is looked after and has undecided units; 0 for none.", ofLane, nil)
	laneWorkers = prometheus.NewDesc("muster_lane_workers", "Live workers that can take tasks of the lane.", ofLane, nil)
	laneSlots   = prometheus.NewDesc("muster_lane_slots", "Tasks of the lane that live workers can work on at once. Lanes share slots.", ofLane, nil)
	workersLive = prometheus.NewDesc("muster_workers", "Live workers.", nil, nil)
	versions    = prometheus.NewDesc("muster_worker_versions", "Live workers, by the version that they tell.", []string{"version"}, nil)
	cmdWorkers  = prometheus.NewDesc("muster_command_workers", "Live workers that offer the command.", ofCommand, nil)
	cmdSlots    = prometheus.NewDesc("muster_command_slots", "How often live workers can run the command at once. Commands share slots.", ofCommand, nil)
	cmdEngines  = prometheus.NewDesc("muster_command_engines", "Different engines of the command that live workers offer: more than 1 may decide differently.", ofCommand, nil)
)

// Describe is prometheus.Collector's.
func (f *Fleet) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{up, lookSeconds, runsOpen, expected, decided, undecided, stranded, oldest, laneWorkers, laneSlots, workersLive, versions, cmdWorkers, cmdSlots, cmdEngines} {
		ch <- d
	}
}

// Collect is prometheus.Collector's.
func (f *Fleet) Collect(ch chan<- prometheus.Metric) {
	p, took, err := f.look()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(lookSeconds, took.Seconds())
	if err != nil {
		gauge(up, 0)
		return
	}
	gauge(up, 1)
	p.tell(gauge)
}

// Look looks once, so that a mistake shows before anybody asks.
func (f *Fleet) Look() error {
	if _, _, err := f.look(); err != nil {
		return fmt.Errorf("read what Redis knows of runs and workers: %w", err)
	}
	return nil
}
