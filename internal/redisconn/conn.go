package redisconn

import (
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// What a client does where the address does not say otherwise.
const (
	dialTimeout = 2 * time.Second
	// ioTimeout is how long one reply or one write may take. A frozen Redis
	// then costs a caller seconds, not the half minute of go-redis' defaults.
	ioTimeout  = 2 * time.Second
	maxRetries = 2
	// flushDelay is how long a busy connection gathers commands before it writes
	// them: it saves system calls on both sides. A lone command does not wait.
	flushDelay = 100 * time.Microsecond
	// closeTimeout is how long Close waits for the pipeline to be flushed. A Redis
	// that is frozen would keep it for half a minute.
	closeTimeout = 500 * time.Millisecond
)

// Options choose what Dial makes.
type Options struct {
	Name string // shown by CLIENT LIST, such as "muster-worker"; no spaces
	// PingWait is how long Ping waits for an answer in all; 0 for 5 s.
	PingWait time.Duration
	// Observe is told of each command; nil for nobody.
	Observe Observer
}

// Conn owns the clients of one target. It is safe for concurrent use. Its
// clients are closed through it, not one by one.
type Conn struct {
	target    Target
	plain     *redis.Client
	bulkOwner *redis.Client
	bulk      redis.UniversalClient
	close     func() error
	pingWait  time.Duration
}

var silence sync.Once

// Dial makes the clients; they connect when they are first used. The caller
// must Close the result.
func (t Target) Dial(o Options) *Conn {
	// go-redis prints to stderr what its callers also get as errors.
	silence.Do(logging.Disable)
	c := &Conn{target: t, pingWait: orElse(o.PingWait, pingWait), plain: t.client(o, true), bulkOwner: t.client(o, false)}
	c.bulk = streamed(c.bulkOwner)
	c.close = sync.OnceValue(func() error {
		done := make(chan error, 1)
		go func() { done <- errors.Join(c.plain.Close(), c.bulkOwner.Close()) }()
		select {
		case err := <-done:
			return err
		case <-time.After(closeTimeout):
			return errors.New("redis does not answer: what waited in the pipeline was not sent")
		}
	})
	return c
}

// streamed is the face of a client that joins the commands of many goroutines
// into one connection, which is written while it is read: a command waits one round
// trip, however many are under way. One command a round trip, or one batch, would
// bound a worker by the network long before Redis does. The getter refuses only
// invalid options and closed clients: ours are neither.
func streamed(c *redis.Client) redis.UniversalClient {
	options := redis.DefaultBlockingAutoPipelineOptions()
	options.FullDuplex = true
	options.MaxFlushDelay = flushDelay
	p, err := c.AutoPipelineWithOptions(options)
	if err != nil {
		panic("redisconn: auto-pipelining refused: " + err.Error())
	}
	return p
}

// Plain is the client for calls that must end with their context: preflight,
// following a run, cancelling, health. A deadline is kept exactly; a cancelled
// context takes effect at the latest after a read timeout, 2 s by default.
func (c *Conn) Plain() redis.UniversalClient { return c.plain }

// Bulk is the client for the traffic of many goroutines: enqueue, expect, begin,
// record. Contexts do not interrupt a command that waits in it; the timeouts do, which
// for a frozen Redis come to about 14 s.
func (c *Conn) Bulk() redis.UniversalClient { return c.bulk }

// Target is what the connection leads to.
func (c *Conn) Target() Target { return c.target }

// Close flushes what waits in the bulk client, as far as Redis answers soon, and
// closes all connections. It may be called more than once.
func (c *Conn) Close() error { return c.close() }

func (t Target) client(o Options, contexts bool) *redis.Client {
	c := t.newClient(o, contexts)
	c.AddHook(replies{})
	if o.Observe != nil {
		c.AddHook(observed{o.Observe})
	}
	return c
}

func (t Target) newClient(o Options, contexts bool) *redis.Client {
	if t.failover != nil {
		f := *t.failover
		f.ContextTimeoutEnabled = contexts
		f.DisableIdentity = true // an access list need not allow CLIENT SETINFO
		f.ClientName = orElse(f.ClientName, o.Name)
		f.MaxRetries = orElse(f.MaxRetries, maxRetries)
		f.DialTimeout = orElse(f.DialTimeout, dialTimeout)
		f.DialerRetries = orElse(f.DialerRetries, 1)
		f.ReadTimeout = orElse(f.ReadTimeout, ioTimeout)
		f.WriteTimeout = orElse(f.WriteTimeout, ioTimeout)
		return redis.NewFailoverClient(&f)
	}
	s := *t.single
	s.ContextTimeoutEnabled = contexts
	s.DisableIdentity = true
	s.ClientName = orElse(s.ClientName, o.Name)
	s.MaxRetries = orElse(s.MaxRetries, maxRetries)
	s.DialTimeout = orElse(s.DialTimeout, dialTimeout)
	s.DialerRetries = orElse(s.DialerRetries, 1) // commands are retried, so dials need not be
	s.ReadTimeout = orElse(s.ReadTimeout, ioTimeout)
	s.WriteTimeout = orElse(s.WriteTimeout, ioTimeout)
	s.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if s.Dialer == nil {
		s.Dialer = heeding(redis.NewDialer(&s))
	}
	return redis.NewClient(&s)
}

// orElse is set unless it is the zero value, which in go-redis means "default".
func orElse[T comparable](set, otherwise T) T {
	var zero T
	if set == zero {
		return otherwise
	}
	return set
}
