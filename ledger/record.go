package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Entry is a verdict to be recorded. Essence is what two verdicts about the same
// bytes have in common; Body is what followers get.
type Entry struct {
	Unit, Digest, Shared string
	Kind                    string // counted in Header.Kinds
	Delivery                string
	Canonical, Body           []byte
}

// AnyDigest as Entry.Digest stands for whatever the run expects: a task that
// nobody can read has no digest to go by.
const AnyDigest = "*"

// Outcome is what Record answers.
type Outcome string

// What Record answers. Only Recorded has changed what is decided.
const (
	Recorded      Outcome = "recorded"
	Duplicate     Outcome = "duplicate"     // the same verdict was there
	Contradiction Outcome = "contradiction" // another one was there: followers are told of both, the first stands
	Outdated      Outcome = "stale"         // the run expects other bytes
	Late          Outcome = "late"          // the run has ended
	Nowhere       Outcome = "gone"          // the run is not in Redis
)

// MaxRecorded bounds the verdicts of one RecordAll: no other client waits long for it.
const MaxRecorded = 64

// Record writes a verdict in one round trip. Recording again changes nothing.
func (l *Ledger) Record(ctx context.Context, run string, e Entry) (Outcome, error) {
	outcomes, err := l.RecordAll(ctx, run, []Entry{e})
	if err != nil {
		return "", err
	}
	return outcomes[0], nil
}

// RecordAll is Record for at most MaxRecorded verdicts of a run, in their order and in
// one round trip; either all are written or none is. Many cost little more than one.
func (l *Ledger) RecordAll(ctx context.Context, run string, entries []Entry) ([]Outcome, error) {
	k := keysOf(run)
	args := make([]any, 1, 1+7*len(entries))
	args[0] = l.seconds()
	for _, e := range entries {
		sum := sha256.Sum256(e.Canonical)
		args = append(args, e.Unit, e.Digest, e.Shared, hex.EncodeToString(sum[:12]), e.Delivery, kindPrefix+e.Kind, e.Body)
	}
	said, err := words(call(ctx, l.bulk, recordScript, []string{k.run, k.expect, k.decided, k.begun, k.events}, args...), len(entries))
	if err != nil {
		return nil, fmt.Errorf("record the verdicts of %q and %d more in run %s: %w", entries[0].Unit, len(entries)-1, run, err)
	}
	outcomes := make([]Outcome, len(entries))
	for i, w := range said {
		outcomes[i] = Outcome(w)
	}
	return outcomes, nil
}
