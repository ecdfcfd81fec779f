package redisconn

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/acl"
)

const (
	pingWait    = 5 * time.Second        // in all, where Options do not say
	pingAttempt = time.Second            // for one answer
	pingPause   = 100 * time.Millisecond // between two attempts
)

// UnreachableError says that a Redis gave no usable answer. Its text names the
// address and the cause without user name and password; Unwrap gives the cause
// as it was.
type UnreachableError struct {
	Target Target
	cause  error
}

func (e *UnreachableError) Error() string {
	if f := (*fault)(nil); errors.As(e.cause, &f) {
		return fmt.Sprintf("the server at %s %s", e.Target, oneLine(f.Error()))
	}
	if f := (*FullError)(nil); errors.As(e.cause, &f) {
		return fmt.Sprintf("the server at %s refuses more connections: %v", e.Target, f)
	}
	if d := acl.Denied(e.cause); d != nil {
		return fmt.Sprintf("redis at %s: %v", e.Target, d)
	}
	what, next := "does not answer", "start it, or check the address"
	if reply := redis.Error(nil); refused(e.cause) {
		what, next = "refuses the login", "check the user name and the password in the address"
	} else if errors.As(e.cause, &reply) {
		what, next = "is not ready", "wait until it is, or check the address"
	}
	return fmt.Sprintf("redis at %s %s: %s: %s",
		e.Target, what, textOf(e.cause, e.Target.secrets()), next)
}

func (e *UnreachableError) Unwrap() error { return e.cause }

// Ping waits until Redis answers, for Options.PingWait and the time of a look at why it
// does not: a server that is just starting or loading its data is given that time, one
// that refuses the credentials, or cannot be used as it is addressed, is not. It returns
// an *UnreachableError, which wraps ctx's error when ctx ended the wait; it returns within
// a second of that.
func (c *Conn) Ping(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, c.pingWait)
	defer cancel()
	var cause error
	for {
		err := c.pingOnce(wait)
		if err == nil {
			return nil
		}
		if cause == nil || !errors.Is(err, context.DeadlineExceeded) {
			cause = err // a refused connection says more than the deadline that ends the wait
		}
		if refused(err) {
			return &UnreachableError{c.target, cause}
		}
		if f := c.target.diagnose(ctx, err); f != nil {
			return &UnreachableError{c.target, f}
		}
		select {
		case <-wait.Done():
			if end := ctx.Err(); end != nil && !errors.Is(cause, end) {
				cause = fmt.Errorf("%w: %w", end, cause)
			}
			return &UnreachableError{c.target, cause}
		case <-time.After(pingPause):
		}
	}
}

func (c *Conn) pingOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingAttempt)
	defer cancel()
	return c.plain.Ping(ctx).Err()
}

// refused says whether Redis answered that it does not let us in.
func refused(err error) bool {
	text := err.Error()
	return strings.HasPrefix(text, "NOAUTH") || strings.HasPrefix(text, "WRONGPASS") || acl.Denied(err) != nil
}
