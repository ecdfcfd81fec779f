package ledger_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

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
func openLossy(t testing.TB, url string, timing ledger.Timing) (books, *lossy) {
	t.Helper()
	target, err := redisconn.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	bad, good, network := target.Dial(redisconn.Options{}), target.Dial(redisconn.Options{}), &lossy{}
	t.Cleanup(func() { bad.Close(); good.Close() })
	bad.Plain().AddHook(network)
	return books{ledger.NewTimed(bad.Plain(), bad.Plain(), timing), good.Plain()}, network
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
		b, network := openLossy(t, url, ledger.DefaultTiming())
		for _, call := range calls {
			must(t, b.client.FlushDB(t.Context()).Err())
			want := call.make(t.Context(), b, call.prepare(t, b))
			wantState := b.dump(t)
			for _, cost := range call.costs {
				old, twice, _ := strings.Cut(cost, " → ")
				if n := strings.Count(wantState, old); n != 1 {
					t.Fatalf("%s: %q is %d times in the state:\n%s", call.name, old, n, wantState)
				}
				wantState = strings.Replace(wantState, old, twice, 1)
			}

			must(t, b.client.FlushDB(t.Context()).Err())
			o := call.prepare(t, b)
			network.on = true
			got := call.make(t.Context(), b, o)
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

// lossyCall is a call whose reply is lost, by the owner that prepare has made or by anyone.
// Each of costs is "part of the state → the same after a lost reply"; nothing else may differ.
type lossyCall struct {
	name    string
	prepare func(*testing.T, books) *ledger.Owner
	make    func(context.Context, books, *ledger.Owner) string
	costs   []string
}

func nothing(*testing.T, books) *ledger.Owner { return nil }

func running(t *testing.T, b books) *ledger.Owner { return b.started(t, "r") }

func sealed(t *testing.T, b books) *ledger.Owner {
	o := running(t, b)
	must(t, o.Seal(t.Context(), 3))
	return o
}

func inProgress(t *testing.T, b books) *ledger.Owner {
	o := running(t, b)
	begun(t, b, "a", 1, "w#1")
	return o
}

func begun(t *testing.T, b books, u id.Unit, attempt int, d id.Delivery) {
	t.Helper()
	if got := b.begin(t, u, digestOf(u), attempt, d); got != ledger.Granted {
		t.Fatalf("Begin(%s, attempt %d) = %s, want %s", u, attempt, got, ledger.Granted)
	}
}

func decided(t *testing.T, b books) *ledger.Owner {
	o := inProgress(t, b)
	b.record(t, "r", entry("a", "ok", "w#1"))
	return o
}

// allDecided is a sealed run with a verdict of each unit.
func allDecided(t *testing.T, b books) *ledger.Owner {
	o := sealed(t, b)
	for _, u := range []id.Unit{"a", "b", "c"} {
		b.record(t, "r", entry(u, "ok", "w#1"))
	}
	return o
}

func closed(t *testing.T, b books) *ledger.Owner {
	o := decided(t, b)
	must(t, o.End(t.Context(), ledger.Final{OK: 1}))
	return o
}

// left is a run that has ended and whose owner has left it.
func left(t *testing.T, b books) *ledger.Owner {
	o := closed(t, b)
	must(t, o.Leave(t.Context()))
	return o
}

// silent is a run whose owner was not heard for longer than an owner may be silent.
func silent(t *testing.T, b books) *ledger.Owner {
	o := decided(t, b)
	b.before(t, "owned", 11*time.Second)
	return o
}

// replaced is the owner of a run that another process has continued since.
func replaced(t *testing.T, b books) *ledger.Owner {
	o := silent(t, b)
	b.continued(t)
	return o
}

// continued continues run r, whose owner is not heard any more.
func (b books) continued(t *testing.T) *ledger.Owner {
	t.Helper()
	o, err := b.Open(t.Context(), "r", ledger.Opening{Plan: plan, Owner: "second"})
	if err != nil || !o.Continued {
		t.Fatalf("Open: %+v, %v; want to continue the run", o, err)
	}
	return o
}

// forgetful is a run of which Redis has forgotten that it was sealed, and a digest.
func forgetful(t *testing.T, b books) *ledger.Owner {
	o := sealed(t, b)
	must(t, b.client.HDel(t.Context(), "muster:{r}:run", "total").Err())
	must(t, b.client.HSet(t.Context(), "muster:{r}:run", "state", "open").Err())
	must(t, b.client.HSet(t.Context(), "muster:{r}:expect", "a", "").Err())
	return o
}

// suspected is a run whose unit a has killed a worker that did nothing else.
func suspected(t *testing.T, b books) *ledger.Owner {
	o := running(t, b)
	for attempt := 1; attempt <= 2; attempt++ {
		begun(t, b, "a", attempt, "w#1")
		b.reissue(t, "a", attempt, true)
	}
	return o
}

func record(e ledger.Entry) func(context.Context, books, *ledger.Owner) string {
	return func(ctx context.Context, b books, _ *ledger.Owner) string { return say(b.Record(ctx, "r", e)) }
}

func reissue(attempt int, died bool) func(context.Context, books, *ledger.Owner) string {
	return func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.Reissue(ctx, "r", "a", attempt, died))
	}
}

// openAs opens run r as another process does.
func openAs(o ledger.Opening) func(context.Context, books, *ledger.Owner) string {
	return func(ctx context.Context, b books, _ *ledger.Owner) string {
		got, err := b.Open(ctx, "r", o)
		if err != nil {
			return word(err, "")
		}
		h := got.Header
		return say(got.Continued, h.State, h.Total, h.Listed, h.Decided, h.Epoch, h.Base, h.Plan, h.EarlierPlan)
	}
}

func completing(f ledger.Final) func(context.Context, books, *ledger.Owner) string {
	return func(ctx context.Context, b books, o *ledger.Owner) string { return say(b.Complete(ctx, o.Header, f)) }
}

func supersede(run id.Run, order int64) func(context.Context, books, *ledger.Owner) string {
	return func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.Supersede(ctx, "branch", run, order))
	}
}

// ranked is two runs of a branch.
func ranked(t *testing.T, b books) *ledger.Owner {
	for run, order := range map[id.Run]int64{"fifth": 5, "seventh": 7} {
		_, _, err := b.Supersede(t.Context(), "branch", run, order)
		must(t, err)
	}
	return nil
}

var (
	second   = ledger.Opening{Plan: plan, Owner: "second"}
	existing = ledger.Opening{Plan: plan, Owner: "second", MustExist: true}
)

var calls = []lossyCall{
	{"open", nothing, openAs(second), nil},
	{"open what must be there", nothing, openAs(existing), nil},
	{"open what another owns", running, openAs(second), nil},
	{"continue what has ended", left, openAs(second), nil},
	{"continue what must be there", left, openAs(existing), nil},
	{"continue what nobody owns any more", silent, openAs(second), nil},
	{"continue again", func(t *testing.T, b books) *ledger.Owner {
		replaced(t, b)
		b.before(t, "owned", time.Hour)
		return nil
	}, openAs(second), nil},
	{"add expected", running, func(ctx context.Context, _ books, o *ledger.Owner) string {
		return say(o.AddExpected(ctx, []id.Unit{"c", "d"}))
	}, nil},
	{"add expected to a sealed run", sealed, func(ctx context.Context, _ books, o *ledger.Owner) string {
		return say(o.AddExpected(ctx, []id.Unit{"c", "d"}))
	}, nil},
	{"add known", running, func(ctx context.Context, _ books, o *ledger.Owner) string {
		return say(o.AddKnown(ctx, []id.Unit{"c", "d"}))
	}, nil},
	{"expect", func(t *testing.T, b books) *ledger.Owner {
		o := running(t, b)
		must(t, o.AddExpected(t.Context(), []id.Unit{"d"}))
		return o
	}, func(ctx context.Context, _ books, o *ledger.Owner) string { return say(o.Expect(ctx, "d", "dd", "")) }, nil},
	{"expect other bytes", running, func(ctx context.Context, _ books, o *ledger.Owner) string { return say(o.Expect(ctx, "a", "new", "")) }, nil},
	{"restore", forgetful, func(ctx context.Context, b books, o *ledger.Owner) string {
		return say(b.Restore(ctx, o.Header, "a", "da", ""))
	}, nil},
	{"restore what is there", sealed, func(ctx context.Context, b books, o *ledger.Owner) string {
		return say(b.Restore(ctx, o.Header, "a", "da", ""))
	}, nil},
	{"restore other bytes", sealed, func(ctx context.Context, b books, o *ledger.Owner) string {
		return say(b.Restore(ctx, o.Header, "a", "new", ""))
	}, nil},
	{"seal", running, func(ctx context.Context, _ books, o *ledger.Owner) string { return say(o.Seal(ctx, 3)) }, nil},
	{"seal with too many", running, func(ctx context.Context, _ books, o *ledger.Owner) string { return say(o.Seal(ctx, 4)) }, nil},
	{"reseal", forgetful, func(ctx context.Context, b books, o *ledger.Owner) string { return say(b.Reseal(ctx, o.Header, 3)) }, nil},
	{"reseal with another total", sealed, func(ctx context.Context, b books, o *ledger.Owner) string { return say(b.Reseal(ctx, o.Header, 4)) }, nil},
	{"begin", running, func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.Begin(ctx, request("a", "da", 1, "w#1")))
	}, nil},
	{"begin several", running, func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.BeginAll(ctx, []ledger.BeginRequest{request("a", "da", 1, "w#1"), request("b", "db", 1, "w#2"), request("c", "old", 1, "w#3")}))
	}, nil},
	{"begin in a run that nobody follows", deserted, func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.Begin(ctx, request("b", "db", 1, "w#2")))
	}, nil},
	{"release", inProgress, func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.Release(ctx, "r", "a", "w#1"))
	}, nil},
	{"record", inProgress, record(entry("a", "ok", "w#1")), nil},
	{"record for whatever is expected", inProgress, record(ledger.Entry{Unit: "a", Digest: ledger.AnyDigest, Kind: "failed", Delivery: "w"}), nil},
	{"record a duplicate", decided, record(entry("a", "ok", "w#2")), []string{"duplicates=1 → duplicates=2"}},
	{"record a contradiction", decided, record(ledger.Entry{Unit: "a", Digest: "da", Shared: "shared1", Kind: "invalid", Delivery: "w#2", Body: []byte("no")}),
		[]string{"contradictions=1 → contradictions=2", "map[b:no e:verdict s:a] → map[b:no e:verdict s:a]\n  map[b:no e:verdict s:a]"}},
	{"record several", inProgress, func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.RecordAll(ctx, "r", []ledger.Entry{entry("a", "ok", "w#1"), entry("b", "invalid", "w#2"), entry("c", "ok", "w#3")}))
	}, nil},
	{"record about other bytes", decided, record(ledger.Entry{Unit: "b", Digest: "old", Shared: "shared1", Kind: "ok", Delivery: "w#2"}),
		[]string{"stale=1 → stale=2"}},
	{"record what an earlier epoch has asked", replaced, record(ledger.Entry{Unit: "b", Digest: "db", Shared: "shared1", Kind: "ok", Delivery: "w#2", Attempt: 1}),
		[]string{"stale=1 → stale=2"}},
	{"record after the end", closed, record(entry("b", "ok", "w#2")), []string{"late=1 → late=2"}},
	{"record what is there, after the end", closed, record(entry("a", "ok", "w#1")), nil},
	{"re-issue", inProgress, reissue(1, false), nil},
	{"re-issue after a death", inProgress, reissue(1, true), nil},
	{"re-issue what somebody else has", func(t *testing.T, b books) *ledger.Owner {
		o := inProgress(t, b)
		b.reissue(t, "a", 1, false)
		return o
	}, reissue(1, true), nil},
	{"re-issue what kills", suspected, reissue(3, true), nil},
	{"re-issue what an earlier epoch has lost", replaced, reissue(1, true), nil},
	{"bundle missing", inProgress, func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.BundleMissing(ctx, "r", "a", 1))
	},
		[]string{"map[b:1 e:lacking s:a] → map[b:1 e:lacking s:a]\n  map[b:1 e:lacking s:a]"}},
	{"mark alive", running, func(ctx context.Context, _ books, o *ledger.Owner) string {
		return say(o.MarkAlive(ctx, ledger.AllPushed, ledger.Detached))
	}, nil},
	{"mark followed", deserted, func(ctx context.Context, b books, _ *ledger.Owner) string { return say(b.MarkFollowed(ctx, "r")) }, nil},
	{"heartbeat", running, func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.Heartbeat(ctx, "w", ledger.Capacity{}))
	}, nil},
	{"deregister", func(t *testing.T, b books) *ledger.Owner {
		must(t, b.Heartbeat(t.Context(), "w", ledger.Capacity{}))
		return nil
	}, func(ctx context.Context, b books, _ *ledger.Owner) string { return say(b.Deregister(ctx, "w")) }, nil},
	{"cancel", inProgress, func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.Cancel(ctx, "r", ledger.Cancellation{Reason: "enough", By: "somebody"}))
	}, nil},
	{"cancel what is superseded", inProgress, func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.Cancel(ctx, "r", ledger.Cancellation{Reason: "enough", By: "run newer", SupersededBy: "newer"}))
	}, nil},
	{"complete", allDecided, completing(ledger.Final{OK: 3, Complete: true}), nil},
	{"complete, without saying so", allDecided, completing(ledger.Final{OK: 3}), nil},
	{"complete what is not decided", sealed, completing(ledger.Final{OK: 3, Complete: true}), nil},
	{"complete what has ended early", closed, completing(ledger.Final{OK: 3, Complete: true}), nil},
	{"end", inProgress, func(ctx context.Context, _ books, o *ledger.Owner) string {
		return say(o.End(ctx, ledger.Final{OK: 1}))
	}, nil},
	{"end what is complete", func(t *testing.T, b books) *ledger.Owner {
		o := allDecided(t, b)
		_, err := b.Complete(t.Context(), o.Header, ledger.Final{OK: 3, Complete: true})
		must(t, err)
		return o
	}, func(ctx context.Context, _ books, o *ledger.Owner) string {
		return say(o.End(ctx, ledger.Final{OK: 1}))
	}, nil},
	{"leave", inProgress, func(ctx context.Context, _ books, o *ledger.Owner) string { return say(o.Leave(ctx)) }, nil},
	{"all that a replaced owner does", replaced, func(ctx context.Context, b books, o *ledger.Owner) string {
		var all []string
		for _, step := range ownersSteps {
			all = append(all, say(step.name, step.take(ctx, b, o)))
		}
		return strings.Join(all, "\n")
	}, nil},
	{"supersede", nothing, supersede("r", 0), nil},
	{"supersede by time", func(t *testing.T, b books) *ledger.Owner {
		_, _, err := b.Supersede(t.Context(), "branch", "older", 0)
		must(t, err)
		return nil
	}, supersede("r", 0), nil},
	{"supersede by order", ranked, supersede("r", 8), nil},
	{"supersede as an older one", ranked, supersede("r", 6), nil},
	{"supersede as another one of the same order", ranked, supersede("r", 7), nil},
	{"upload", nothing, func(ctx context.Context, b books, _ *ledger.Owner) string {
		return say(b.Upload(ctx, "d", func() []byte { return []byte("packed") }))
	}, nil},
	{"touch", running, func(ctx context.Context, b books, _ *ledger.Owner) string { return say(b.Touch(ctx, "r")) }, nil},
}
