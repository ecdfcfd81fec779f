package ledger

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Names records expected services; a name that is known already stays as it is.
// At most 5,000 names a call.
func (l *Ledger) Names(ctx context.Context, run string, names []string) error {
	k := keysOf(run)
	return l.add(ctx, namesScript, run, []string{k.run, k.expect}, names)
}

// Folders records the names of all folders of the fleet, for a run that does not
// expect all of them. At most 5,000 names a call.
func (l *Ledger) Folders(ctx context.Context, run string, names []string) error {
	k := keysOf(run)
	return l.add(ctx, foldersScript, run, []string{k.run, k.folders}, names)
}

func (l *Ledger) add(ctx context.Context, s *redis.Script, run string, keys, names []string) error {
	if len(names) == 0 {
		return nil
	}
	args := make([]any, 0, len(names)+1)
	args = append(args, l.seconds())
	for _, n := range names {
		args = append(args, n)
	}
	word, _, err := answer(call(ctx, l.plain, s, keys, args...))
	if err == nil && word == "gone" {
		err = ErrGone
	}
	if err != nil {
		return fmt.Errorf("record %d names of run %s: %w", len(names), run, err)
	}
	return nil
}

// Standing is what Expect answers.
type Standing string

// What Expect answers.
const (
	Expected Standing = "expected" // push its task
	Decided  Standing = "decided"  // it has a verdict
	Ended    Standing = "ended"    // the run is closed
)

// ChangedError is what Expect returns for a service that the run expects with
// another digest: the folder has changed since the run began.
type ChangedError struct{ Run, Service, Was, Is string }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("run %s expects service %q with digest %.12s, and its folder now has %.12s: start a new run", e.Run, e.Service, e.Was, e.Is)
}

// Expect records the digest that a listed service was packed with. It must be
// called before the service's task is pushed.
func (l *Ledger) Expect(ctx context.Context, run, service, digest string) (Standing, error) {
	k := keysOf(run)
	word, detail, err := answer(call(ctx, l.bulk, expectScript, []string{k.run, k.expect, k.decided}, service, digest))
	if err != nil {
		return "", fmt.Errorf("expect %q in run %s: %w", service, run, err)
	}
	switch word {
	case "expected", "decided":
		return Standing(word), nil
	case string(Closed):
		return Ended, nil
	case "changed":
		return "", &ChangedError{run, service, detail, digest}
	case "unlisted":
		return "", fmt.Errorf("expect %q in run %s: its name was not recorded: %w", service, run, ErrGone)
	}
	return "", fmt.Errorf("expect %q in run %s: %w", service, run, ErrGone)
}

// Services calls each for every expected service and its digest, in no order. A
// service may be given twice.
func (l *Ledger) Services(ctx context.Context, run string, each func(service, digest string)) error {
	var cursor uint64
	for {
		page, next, err := l.plain.HScan(ctx, keysOf(run).expect, cursor, "", scanStep).Result()
		if err != nil {
			return fmt.Errorf("read the services of run %s: %w", run, err)
		}
		for i := 0; i+1 < len(page); i += 2 {
			each(page[i], page[i+1])
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// FolderNames calls each for every name given to Folders, in no order.
func (l *Ledger) FolderNames(ctx context.Context, run string, each func(name string)) error {
	var cursor uint64
	for {
		page, next, err := l.plain.SScan(ctx, keysOf(run).folders, cursor, "", scanStep).Result()
		if err != nil {
			return fmt.Errorf("read the folder names of run %s: %w", run, err)
		}
		for _, n := range page {
			each(n)
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

const kindPrefix = "kind:"

func cutKind(field string) (string, bool) { return strings.CutPrefix(field, kindPrefix) }
