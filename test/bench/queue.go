//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/worker"
)

// This file is all that the bench does with muster's packages in its own process;
// everything else it measures from outside.

var quiet = slog.New(slog.DiscardHandler)

// task is one as a run pushes it.
func task(i int) tasks.Task {
	digest := id.Digest(fmt.Sprintf("%064x", i))
	return tasks.Task{Run: "20260102-150405-abcdef", Unit: id.Unit(fmt.Sprintf("payments-ledger-%06d", i)), Digest: digest,
		Shared: id.Digest(strings.Repeat("5", len(digest))), Checker: "shipcat", Regions: []string{"dev-uk", "dev-global", "preprod-uk"},
		Attempt: 1, TimeoutMS: 30_000}
}

// push enqueues n tasks as a run does.
func push(ctx context.Context, conn *redisconn.Conn, n int) error {
	client := tasks.NewClient(conn.Bulk(), conn.Plain())
	failed := make(chan error, run.Feeders)
	next := make(chan int)
	var wg sync.WaitGroup
	for range run.Feeders {
		wg.Go(func() {
			var err error
			for i := range next {
				if err == nil {
					err = client.Push(ctx, tasks.QueueCI, task(i))
				}
			}
			failed <- err
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	close(failed)
	var all error
	for err := range failed {
		all = errors.Join(all, err)
	}
	return all
}

// refusing is a ledger that never gives leave: a task ends when it has begun.
type refusing struct{ begun func() }

func (r refusing) Begin(context.Context, ledger.BeginRequest) (ledger.Grant, error) {
	r.begun()
	return ledger.Grant{Answer: ledger.Decided}, nil
}

func (refusing) Record(context.Context, id.Run, ledger.Entry) error          { return nil }
func (refusing) Release(context.Context, id.Run, id.Unit, id.Delivery) error { return nil }
func (refusing) BundleMissing(context.Context, id.Run, id.Unit, int) error   { return nil }

// fetch starts the servers of a worker whose tasks do nothing but tell begun.
func fetch(conn *redisconn.Conn, concurrency int, begun func()) (stop func(), err error) {
	h := worker.NewHandler(worker.HandlerOptions{Name: "bench", Attempts: refusing{begun}, Recorder: refusing{}, Concurrency: concurrency,
		UnitLimit: fleet.MostUnit, SlotWait: time.Second, Log: quiet})
	servers, err := worker.StartServers(h, worker.FetchOptions{Redis: conn.Bulk(), Queues: tasks.DefaultQueues(),
		Fetchers: worker.FetchersFor(concurrency), ShutdownTimeout: time.Second, Log: quiet})
	if err != nil {
		return nil, err
	}
	return servers.Shutdown, nil
}

// verify runs units of a repository, all if there is none, as `enqueue run`
// does, and tells of each event. A run that ctx ends is no error.
func verify(ctx context.Context, conn *redisconn.Conn, dir string, units []id.Unit, observe func(run.Event)) (run.Result, error) {
	what := config.Builtin()[0]
	checkout, err := worktree.Open(dir, what.Layout)
	if err != nil {
		return run.Result{}, err
	}
	defer checkout.Close()
	s := scope.Scope{Fleet: checkout, Checks: what.Checks}
	if len(units) > 0 {
		s.Selection = scope.Only(units...)
	}
	return run.Run(ctx, run.Options{
		Scope: s, Conn: cli.Redis{Conn: conn}.Run(), Queue: tasks.QueueCI, Limits: run.Limits{Timeout: time.Minute, UnitTimeout: 30 * time.Second},
		OnUndecided: run.Fail, Observe: observe, Log: quiet,
	})
}
