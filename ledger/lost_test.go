package ledger_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
)

// lossy is a network that loses replies: while it is on, the first answer to each
// command is thrown away and the command sent again, as the client does by itself
// when a connection breaks.
type lossy struct{ on bool }

func (l *lossy) DialHook(next redis.DialHook) redis.DialHook { return next }

func (l *lossy) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if l.on {
			if err := next(ctx, cmd); redis.HasErrorPrefix(err, "NOSCRIPT") {
				return err
			}
		}
		return next(ctx, cmd)
	}
}

func (l *lossy) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if l.on {
			_ = next(ctx, cmds) // the reply that is lost
		}
		return next(ctx, cmds)
	}
}

// openLossy is open, over a network that can lose replies. The client beside the
// ledger loses none.
func openLossy(t testing.TB, url string) (books, *lossy) {
	t.Helper()
	target, err := redisconn.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	bad, good, network := target.Dial(redisconn.Options{}), target.Dial(redisconn.Options{}), &lossy{}
	t.Cleanup(func() { bad.Close(); good.Close() })
	bad.Plain().AddHook(network)
	return books{ledger.New(bad.Plain(), bad.Plain()), good.Plain()}, network
}

// passing is what differs from call to call: times and tokens.
var passing = regexp.MustCompile(`\b([0-9]{13}|[0-9a-f]{16})\b`)

// dump is everything that Redis holds, without what is passing.
func (b books) dump(t *testing.T) string {
	t.Helper()
	var lines []string
	for _, key := range b.client.Keys(t.Context(), "*").Val() {
		var held []string
		switch kind := b.client.Type(t.Context(), key).Val(); kind {
		case "hash":
			for field, v := range b.client.HGetAll(t.Context(), key).Val() {
				held = append(held, field+"="+v)
			}
			slices.Sort(held)
		case "zset":
			held = b.client.ZRange(t.Context(), key, 0, -1).Val()
		case "set":
			held = slices.Sorted(slices.Values(b.client.SMembers(t.Context(), key).Val()))
		case "string":
			held = []string{b.client.Get(t.Context(), key).Val()}
		case "stream":
			for _, m := range b.client.XRange(t.Context(), key, "-", "+").Val() {
				held = append(held, fmt.Sprint(m.Values))
			}
		default:
			t.Fatalf("%s is a %s", key, kind)
		}
		lines = append(lines, key+"\n  "+strings.Join(held, "\n  "))
	}
	slices.Sort(lines)
	return passing.ReplaceAllString(strings.Join(lines, "\n"), "…")
}

// say makes one string of what a call answers.
func say(answers ...any) string { return strings.TrimSpace(fmt.Sprintln(answers...)) }

// TestALostReplyChangesNothing makes each call once over a good network and once
// over one that loses every first reply. Answer and state must be the same, but
// for what a row says it costs: counters of recordings that count for nothing, and
// news that followers may hear twice.
func TestALostReplyChangesNothing(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b, network := openLossy(t, url)
		for _, call := range calls {
			must(t, b.client.FlushDB(t.Context()).Err())
			call.prepare(t, b)
			want := call.make(t.Context(), b)
			wantState := b.dump(t)
			for _, cost := range call.costs {
				old, twice, _ := strings.Cut(cost, " → ")
				if n := strings.Count(wantState, old); n != 1 {
					t.Fatalf("%s: %q is %d times in the state:\n%s", call.name, old, n, wantState)
				}
				wantState = strings.Replace(wantState, old, twice, 1)
			}

			must(t, b.client.FlushDB(t.Context()).Err())
			call.prepare(t, b)
			network.on = true
			got := call.make(t.Context(), b)
			network.on = false
			if got != want {
				t.Errorf("%s: the second reply is %q, the first was %q", call.name, got, want)
			}
			if diff := cmp.Diff(wantState, b.dump(t)); diff != "" {
				t.Errorf("%s: the state (-once +twice):\n%s", call.name, diff)
			}
		}
	})
}

// lossyCall is a call whose reply is lost. Each of costs is "part of the state → the
// same after a lost reply"; nothing else may differ.
type lossyCall struct {
	name    string
	prepare func(*testing.T, books)
	make    func(context.Context, books) string
	costs   []string
}

func nothing(*testing.T, books) {}

func running(t *testing.T, b books) { b.started(t, "r") }

func sealed(t *testing.T, b books) {
	running(t, b)
	must(t, b.Seal(t.Context(), "r", 3))
}

func inProgress(t *testing.T, b books) {
	running(t, b)
	begun(t, b, "a", 1, "w#1")
}

func begun(t *testing.T, b books, u id.Unit, attempt int, d id.Delivery) {
	t.Helper()
	if got := b.begin(t, u, digestOf(u), attempt, d); got != ledger.Granted {
		t.Fatalf("Begin(%s, attempt %d) = %s, want %s", u, attempt, got, ledger.Granted)
	}
}

func decided(t *testing.T, b books) {
	inProgress(t, b)
	b.record(t, "r", entry("a", "ok", "w#1"))
}

func closed(t *testing.T, b books) {
	decided(t, b)
	must(t, b.Close(t.Context(), "r", ledger.Final{OK: 1}))
}

// suspected is a run whose unit a has killed a worker that did nothing else.
func suspected(t *testing.T, b books) {
	running(t, b)
	for attempt := 1; attempt <= 2; attempt++ {
		begun(t, b, "a", attempt, "w#1")
		b.reissue(t, "a", attempt, true)
	}
}

func record(e ledger.Entry) func(context.Context, books) string {
	return func(ctx context.Context, b books) string { return say(b.Record(ctx, "r", e)) }
}

func reissue(attempt int, died bool) func(context.Context, books) string {
	return func(ctx context.Context, b books) string { return say(b.Reissue(ctx, "r", "a", attempt, died)) }
}

var calls = []lossyCall{
	{"open", nothing, func(ctx context.Context, b books) string {
		h, created, err := b.Open(ctx, "r", plan)
		return say(h.State, h.Total, created, err)
	}, nil},
	{"open again", running, func(ctx context.Context, b books) string {
		_, created, err := b.Open(ctx, "r", plan)
		return say(created, err)
	}, nil},
	{"add expected", running, func(ctx context.Context, b books) string { return say(b.AddExpected(ctx, "r", []id.Unit{"c", "d"})) }, nil},
	{"add known", running, func(ctx context.Context, b books) string { return say(b.AddKnown(ctx, "r", []id.Unit{"c", "d"})) }, nil},
	{"expect", func(t *testing.T, b books) {
		running(t, b)
		must(t, b.AddExpected(t.Context(), "r", []id.Unit{"d"}))
	}, func(ctx context.Context, b books) string { return say(b.Expect(ctx, "r", "d", "dd")) }, nil},
	{"expect other bytes", running, func(ctx context.Context, b books) string { return say(b.Expect(ctx, "r", "a", "new")) }, nil},
	{"replace", decided, func(ctx context.Context, b books) string { return say(b.Replace(ctx, "r", "a", "new")) }, nil},
	{"replace what is in progress", inProgress, func(ctx context.Context, b books) string { return say(b.Replace(ctx, "r", "a", "new")) }, nil},
	{"drop a kind", decided, func(ctx context.Context, b books) string { return say(b.DropKind(ctx, "r", "ok")) }, nil},
	{"seal", running, func(ctx context.Context, b books) string { return say(b.Seal(ctx, "r", 3)) }, nil},
	{"seal with too many", running, func(ctx context.Context, b books) string { return say(b.Seal(ctx, "r", 4)) }, nil},
	{"begin", running, func(ctx context.Context, b books) string {
		return say(b.Begin(ctx, request("a", "da", 1, "w#1")))
	}, nil},
	{"begin several", running, func(ctx context.Context, b books) string {
		return say(b.BeginAll(ctx, []ledger.BeginRequest{request("a", "da", 1, "w#1"), request("b", "db", 1, "w#2"), request("c", "old", 1, "w#3")}))
	}, nil},
	{"begin in a run that nobody follows", deserted, func(ctx context.Context, b books) string {
		return say(b.Begin(ctx, request("b", "db", 1, "w#2")))
	}, nil},
	{"release", inProgress, func(ctx context.Context, b books) string { return say(b.Release(ctx, "r", "a", "w#1")) }, nil},
	{"record", inProgress, record(entry("a", "ok", "w#1")), nil},
	{"record for whatever is expected", inProgress, record(ledger.Entry{Unit: "a", Digest: ledger.AnyDigest, Kind: "failed", Delivery: "w"}), nil},
	{"record a duplicate", decided, record(entry("a", "ok", "w#2")), []string{"duplicates=1 → duplicates=2"}},
	{"record a contradiction", decided, record(ledger.Entry{Unit: "a", Digest: "da", Shared: "shared1", Kind: "invalid", Delivery: "w#2", Body: []byte("no")}),
		[]string{"contradictions=1 → contradictions=2", "map[b:no e:verdict s:a] → map[b:no e:verdict s:a]\n  map[b:no e:verdict s:a]"}},
	{"record several", inProgress, func(ctx context.Context, b books) string {
		return say(b.RecordAll(ctx, "r", []ledger.Entry{entry("a", "ok", "w#1"), entry("b", "invalid", "w#2"), entry("c", "ok", "w#3")}))
	}, nil},
	{"record about other bytes", decided, record(ledger.Entry{Unit: "b", Digest: "old", Shared: "shared1", Kind: "ok", Delivery: "w#2"}),
		[]string{"stale=1 → stale=2"}},
	{"record after the end", closed, record(entry("b", "ok", "w#2")), []string{"late=1 → late=2"}},
	{"record what is there, after the end", closed, record(entry("a", "ok", "w#1")), nil},
	{"re-issue", inProgress, reissue(1, false), nil},
	{"re-issue after a death", inProgress, reissue(1, true), nil},
	{"re-issue what somebody else has", func(t *testing.T, b books) {
		inProgress(t, b)
		b.reissue(t, "a", 1, false)
	}, reissue(1, true), nil},
	{"re-issue what kills", suspected, reissue(3, true), nil},
	{"bundle missing", inProgress, func(ctx context.Context, b books) string { return say(b.BundleMissing(ctx, "r", "a", 1)) },
		[]string{"map[b:1 e:lacking s:a] → map[b:1 e:lacking s:a]\n  map[b:1 e:lacking s:a]"}},
	{"mark alive", running, func(ctx context.Context, b books) string {
		return say(b.MarkAlive(ctx, "r", ledger.Follower, ledger.Owner, ledger.AllPushed, ledger.Detached))
	}, nil},
	{"heartbeat", running, func(ctx context.Context, b books) string { return say(b.Heartbeat(ctx, "w", ledger.Capacity{})) }, nil},
	{"deregister", func(t *testing.T, b books) { must(t, b.Heartbeat(t.Context(), "w", ledger.Capacity{})) },
		func(ctx context.Context, b books) string { return say(b.Deregister(ctx, "w")) }, nil},
	{"cancel", inProgress, func(ctx context.Context, b books) string { return say(b.Cancel(ctx, "r", "enough")) }, nil},
	{"close", inProgress, func(ctx context.Context, b books) string { return say(b.Close(ctx, "r", ledger.Final{OK: 1})) }, nil},
	{"reopen", closed, func(ctx context.Context, b books) string { return say(b.Reopen(ctx, "r")) }, nil},
	{"reopen what has not ended", sealed, func(ctx context.Context, b books) string { return say(b.Reopen(ctx, "r")) }, nil},
	{"supersede", func(t *testing.T, b books) {
		if _, err := b.Supersede(t.Context(), "branch", "older"); err != nil {
			t.Fatal(err)
		}
	}, func(ctx context.Context, b books) string { return say(b.Supersede(ctx, "branch", "r")) }, nil},
	{"upload", nothing, func(ctx context.Context, b books) string {
		return say(b.Upload(ctx, "d", func() []byte { return []byte("packed") }))
	}, nil},
	{"touch", running, func(ctx context.Context, b books) string { return say(b.Touch(ctx, "r")) }, nil},
}
