package ledger

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Entry is a verdict in the form in which it is recorded.
type Entry struct {
	Unit           id.Unit
	Digest, Shared id.Digest
	Kind           verdict.Kind // counted in Header.Kinds
	Delivery       id.Delivery
	Fingerprint    verdict.Fingerprint
	// Impure says that another verdict about the same bytes is no contradiction.
	Impure bool
	// Attempt is the one that came to the verdict; 0 stands for any.
	Attempt int
	Body    []byte // what followers get
}

// AnyDigest as Entry.Digest stands for whatever digest the run expects: the digest of a
// task that cannot be read is not known.
const AnyDigest id.Digest = "*"

// NewEntry makes the entry of a verdict, which travels in the version v.V. digest names the
// bytes that the run asked about, d the delivery that was decided.
func NewEntry(digest id.Digest, d id.Delivery, v verdict.Verdict) (Entry, error) {
	body, fingerprint, err := v.EncodeBoth(cmp.Or(v.V, verdict.Version))
	if err != nil {
		return Entry{}, fmt.Errorf("encode the verdict of %q: %w", v.Unit, err)
	}
	return Entry{Unit: v.Unit, Digest: digest, Shared: v.Shared, Kind: v.Kind, Delivery: d, Fingerprint: fingerprint, Impure: v.Impure(), Attempt: v.Attempt, Body: body}, nil
}

// mark is how the ledger tells verdicts of a unit apart. That of an impure one begins with
// impureMark.
func (e Entry) mark() string {
	if e.Impure {
		return impureMark + e.Fingerprint.String()
	}
	return e.Fingerprint.String()
}

// MaxRecorded bounds the verdicts of one RecordAll: a longer script would keep other
// clients of the Redis waiting.
const MaxRecorded = 64

// Record writes a verdict in one round trip. Recording the same entry again changes
// nothing.
func (l *Ledger) Record(ctx context.Context, run id.Run, e Entry) (Answer, error) {
	all, err := l.RecordAll(ctx, run, []Entry{e})
	if err != nil {
		return "", err
	}
	return all[0], nil
}

// RecordVerdict is Record for a verdict of this process. It also logs the answer.
func (l *Ledger) RecordVerdict(ctx context.Context, log *slog.Logger, run id.Run, digest id.Digest, d id.Delivery, v verdict.Verdict) error {
	e, err := NewEntry(digest, d, v)
	if err != nil {
		return err
	}
	a, err := l.Record(ctx, run, e)
	if err == nil {
		a.Log(log, run, e.Unit)
	}
	return err
}

// RecordAll is Record for at most MaxRecorded verdicts of a run, in their order and in
// one round trip. Either all are written or none is. Many cost little more than one.
func (l *Ledger) RecordAll(ctx context.Context, run id.Run, entries []Entry) ([]Answer, error) {
	k := keysOf(run)
	args := make([]any, 1, 1+8*len(entries))
	args[0] = l.seconds()
	for _, e := range entries {
		args = append(args, string(e.Unit), string(e.Digest), string(e.Shared), e.mark(), string(e.Delivery), kindPrefix+string(e.Kind), e.Body, e.Attempt)
	}
	words, err := answers(recordScript.Run(ctx, l.bulk, []string{k.run, k.expect, k.decided, k.begun, k.events, k.kinds}, args...), len(entries))
	if err != nil {
		return nil, fmt.Errorf("record the verdicts of %q and %d more in run %s: %w", entries[0].Unit, len(entries)-1, run, err)
	}
	all := make([]Answer, len(entries))
	for i, w := range words {
		all[i] = Answer(w)
	}
	return all, nil
}
