package worker

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
)

const (
	// maxWaiting is how many verdicts may wait to be written; checks wait while there are
	// so many.
	maxWaiting = 4 * ledger.MaxRecorded
	// maxWrites is how many writes are in progress at once: enough that a distant Redis
	// does not bound a worker's throughput.
	maxWrites = 8
	// writePace is the least time between two writes, so that a busy worker's verdicts
	// share a write. A lone verdict does not wait.
	writePace = 5 * time.Millisecond
	// writeTimeout bounds one try to write verdicts.
	writeTimeout = 10 * time.Second
)

// recorder writes a worker's verdicts to the ledger behind the checks that make them: a
// slot is free for the next check while verdicts travel, and many of them share a round
// trip. It repeats what Redis does not take. A task may be gone from the queue before its
// verdict is written. If the worker dies in between, the attempt is still begun in the
// ledger, and is lost like any other attempt of a dead worker. It is safe for concurrent
// use.
type recorder struct {
	ledger  *ledger.Ledger
	log     *slog.Logger
	waiting chan recording
	giveUp  context.CancelFunc
	done    chan struct{}

	mu     sync.Mutex
	recent []recorded // oldest first
	bytes  int        // of their bodies
}

// recorded is a verdict that Redis has taken.
type recorded struct {
	recording
	at time.Time
}

const (
	// recentSpan and recentBytes bound what a recorder remembers: more than the two seconds
	// of acknowledged writes that a Redis may lose that syncs its file every second.
	recentSpan  = 10 * time.Second
	recentBytes = 4 << 20
)

// recording is a verdict of a run that waits to be written.
type recording struct {
	run   id.Run
	entry ledger.Entry
}

// startRecorder starts a recorder. The caller must call close.
func startRecorder(ctx context.Context, l *ledger.Ledger, log *slog.Logger) *recorder {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &recorder{ledger: l, log: log, waiting: make(chan recording, maxWaiting), giveUp: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.run(ctx)
	}()
	return r
}

// Record takes charge of a verdict. It waits for room, until ctx ends. It must not be
// called after close.
func (r *recorder) Record(ctx context.Context, run id.Run, e ledger.Entry) error {
	select {
	case r.waiting <- recording{run, e}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close waits until all verdicts are written, for at most patience.
func (r *recorder) close(patience time.Duration) {
	close(r.waiting)
	late := time.AfterFunc(patience, r.giveUp)
	<-r.done
	late.Stop()
	r.giveUp()
}

// run writes the verdicts that wait, until waiting is closed.
func (r *recorder) run(ctx context.Context) {
	var writes errgroup.Group
	writes.SetLimit(maxWrites)
	defer writes.Wait() // no write returns an error
	for last := (time.Time{}); ; {
		first, ok := <-r.waiting
		if !ok {
			return
		}
		_ = ledger.Sleep(ctx, writePace-time.Since(last)) // once writing is given up, the rest is still logged as lost
		last = time.Now()
		for run, entries := range r.gather(first) {
			writes.Go(func() error { r.write(ctx, run, entries); return nil })
		}
	}
}

// gather takes the verdicts that wait after first, as many as one write holds, and groups
// all of them by run.
func (r *recorder) gather(first recording) map[id.Run][]ledger.Entry {
	all := map[id.Run][]ledger.Entry{first.run: {first.entry}}
	for range ledger.MaxRecorded - 1 {
		select {
		case next, ok := <-r.waiting:
			if !ok {
				return all
			}
			all[next.run] = append(all[next.run], next.entry)
		default:
			return all
		}
	}
	return all
}

// write writes verdicts of a run until Redis has taken them or they are given up.
func (r *recorder) write(ctx context.Context, run id.Run, entries []ledger.Entry) {
	var answers []ledger.Answer
	err := ledger.Retry(ctx, func(ctx context.Context) (err error) {
		ctx, cancel := context.WithTimeout(ctx, writeTimeout)
		defer cancel()
		answers, err = r.ledger.RecordAll(ctx, run, entries)
		return err
	}, func(err error) {
		r.log.Warn("verdicts not written, will be tried again", "run", run, "verdicts", len(entries), "err", err)
	})
	if err != nil {
		r.log.Error("verdicts lost: their units will be verified again", "run", run, "verdicts", len(entries), "err", err)
		return
	}
	for i, a := range answers {
		a.Log(r.log, run, entries[i].Unit)
		if a == ledger.Recorded {
			r.remember(recording{run, entries[i]})
		}
	}
}

// remember keeps a verdict for a while, and forgets the oldest.
func (r *recorder) remember(one recording) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.recent = append(r.recent, recorded{one, now})
	r.bytes += len(one.entry.Body)
	old := 0
	for old < len(r.recent) && (now.Sub(r.recent[old].at) > recentSpan || r.bytes > recentBytes) {
		r.bytes -= len(r.recent[old].entry.Body)
		old++
	}
	r.recent = r.recent[old:]
}

// repeat writes the verdicts of the last seconds again: another Redis answers than before, and
// may lack them. Where they are known it changes nothing. Each is written for as long as ctx
// lives.
func (r *recorder) repeat(ctx context.Context) {
	r.mu.Lock()
	byRun := map[id.Run][]ledger.Entry{}
	for _, one := range r.recent {
		byRun[one.run] = append(byRun[one.run], one.entry)
	}
	r.mu.Unlock()
	for run, entries := range byRun {
		for some := range slices.Chunk(entries, ledger.MaxRecorded) {
			r.write(ctx, run, some)
		}
	}
}
