//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/internal/embedded"
	"github.com/seed306eabeb/muster/internal/redisconn"
)

// server is a redis-server of a measurement's own, on a socket of its own.
type server struct {
	dir     string
	process *embedded.Process
	conn    *redisconn.Conn // to look from outside
}

// startServer starts one with further flags. The caller must close it.
func startServer(ctx context.Context, args ...string) (*server, error) {
	dir, err := os.MkdirTemp("", "muster-bench-redis-") // a socket's path must be short
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir}
	if s.process, err = embedded.Run(ctx, dir, args...); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if s.conn, err = dial(s.process.URL()); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// startServerOnPort starts one that listens on a loopback port too, as the usual
// client is used to. Somebody else may take the port first: then it tries another.
func startServerOnPort(ctx context.Context) (s *server, address string, err error) {
	for range 5 {
		if address, err = freeAddress(); err != nil {
			return nil, "", err
		}
		_, port, _ := net.SplitHostPort(address)
		if s, err = startServer(ctx, "--bind", "127.0.0.1", "--port", port); err == nil {
			return s, address, nil
		}
	}
	return nil, "", err
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func dial(url string) (*redisconn.Conn, error) {
	target, err := redisconn.Parse(url)
	if err != nil {
		return nil, err
	}
	return target.Dial(redisconn.Options{Name: "muster-bench"}), nil
}

func (s *server) close() error {
	if s.conn != nil {
		_ = s.conn.Close() // what it has not sent, nobody needs
	}
	s.process.Kill()
	return os.RemoveAll(s.dir)
}

// info is one number of INFO.
func (s *server) info(ctx context.Context, section, field string) (float64, error) {
	text, err := s.conn.Plain().Info(ctx, section).Result()
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && name == field {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("INFO %s of Redis has no %s", section, field)
}

// cpu is how many microseconds the server has computed so far.
func (s *server) cpu(ctx context.Context) (float64, error) {
	user, err := s.info(ctx, "cpu", "used_cpu_user")
	if err != nil {
		return 0, err
	}
	system, err := s.info(ctx, "cpu", "used_cpu_sys")
	return 1e6 * (user + system), err
}

// pings are enough to see a usual round trip.
const pings = 50

// roundTrip is how long the usual call of a plain client takes, in milliseconds.
func roundTrip(ctx context.Context, url string) (float64, error) {
	conn, err := dial(url)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	var all []float64
	for range pings {
		begin := time.Now()
		if err := conn.Plain().Ping(ctx).Err(); err != nil {
			return 0, err
		}
		all = append(all, milliseconds(time.Since(begin)))
	}
	return median(all), nil
}

// flush empties the server.
func (s *server) flush(ctx context.Context) error { return s.conn.Plain().FlushAll(ctx).Err() }
