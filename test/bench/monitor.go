//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// idleCalls counts what one idle worker process asks of Redis.
func idleCalls(ctx context.Context, b *bench, f *figure, args []string) (err error) {
	redis, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	w, err := startWorkers(ctx, b.shipped, redis.process.URL(), 1, args...)
	if err != nil {
		return err
	}
	defer w.stop()
	return b.rounds(ctx, "c idle", func() error {
		calls, err := redis.calls(ctx, b.size.idle)
		f.add(float64(calls) / b.size.idle.Seconds())
		return err
	})
}

// calls counts for a while what clients send to the server. Its own statistics
// would count what scripts do inside, too; MONITOR tells the two apart.
func (s *server) calls(ctx context.Context, during time.Duration) (int, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", s.process.Socket())
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(during)); err != nil {
		return 0, err
	}
	if _, err := io.WriteString(conn, "MONITOR\r\n"); err != nil {
		return 0, err
	}
	n := -1 // the answer to MONITOR itself
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if !strings.Contains(lines.Text(), " lua] ") {
			n++
		}
	}
	if !errors.Is(lines.Err(), os.ErrDeadlineExceeded) {
		return 0, fmt.Errorf("watch what Redis is asked: the connection ended early: %w", lines.Err())
	}
	return n, nil
}
