//go:build linux

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"github.com/seed306eabeb/muster/tasks"
)

// The usual way to use asynq, as its documentation has it.

// plainQueue is asynq's own default.
const plainQueue = "default"

// plainEnqueue enqueues n tasks one by one.
func plainEnqueue(ctx context.Context, address string, n int) error {
	client := asynq.NewClient(asynq.RedisClientOpt{Addr: address})
	defer client.Close()
	for i := range n {
		payload, err := task(i).Encode()
		if err != nil {
			return err
		}
		if _, err := client.EnqueueContext(ctx, asynq.NewTask(tasks.TypeVerify, payload)); err != nil {
			return fmt.Errorf("enqueue with asynq alone: %w", err)
		}
	}
	return nil
}

// plainFetch starts a server whose tasks do nothing but tell begun.
func plainFetch(address string, concurrency int, begun func()) (stop func(), err error) {
	server := asynq.NewServer(asynq.RedisClientOpt{Addr: address},
		asynq.Config{Concurrency: concurrency, LogLevel: asynq.FatalLevel, ShutdownTimeout: time.Second})
	handler := asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		begun()
		return nil
	})
	if err := server.Start(handler); err != nil {
		return nil, fmt.Errorf("start a server of asynq: %w", err)
	}
	return server.Shutdown, nil
}
