package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
	Ended    Standing = "ended"    // the run is closed or cancelled
)

// ChangedError is what Expect returns for a service that the run expects with
// another digest: the folder has changed since the run began.
type ChangedError struct{ Run, Service, Was, Is string }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("run %s expects service %q with digest %.12s, and its folder now has %.12s: start a new run", e.Run, e.Service, e.Was, e.Is)
}

// Expect records the digest that a listed service was packed with, and says which
// attempt the service is in. It must be called before the service's task is pushed.
func (l *Ledger) Expect(ctx context.Context, run, service, digest string) (standing Standing, attempt int, err error) {
	k := keysOf(run)
	word, detail, err := answer(call(ctx, l.bulk, expectScript, []string{k.run, k.expect, k.decided, k.attempts}, service, digest))
	if err != nil {
		return "", 0, fmt.Errorf("expect %q in run %s: %w", service, run, err)
	}
	switch Standing(word) {
	case Expected:
		attempt, err = strconv.Atoi(detail)
		return Expected, attempt, err
	case Decided, Ended:
		return Standing(word), 0, nil
	}
	switch word {
	case "changed":
		err = &ChangedError{run, service, detail, digest}
	case "unlisted":
		err = fmt.Errorf("expect %q in run %s: its name was not recorded: %w", service, run, ErrGone)
	default:
		err = fmt.Errorf("expect %q in run %s: %w", service, run, ErrGone)
	}
	return "", 0, err
}

// Replace expects other bytes of a service than before. A verdict about the old
// ones is dropped, and followers are told so.
func (l *Ledger) Replace(ctx context.Context, run, service, digest string) error {
	return l.replace(ctx, run, service, digest, "")
}

func (l *Ledger) replace(ctx context.Context, run, service, digest, verdict string) error {
	k := keysOf(run)
	word, _, err := answer(call(ctx, l.bulk, replaceScript, []string{k.run, k.expect, k.decided, k.begun, k.attempts, k.events},
		service, digest, l.seconds(), verdict))
	if err == nil && word != "expected" {
		err = fmt.Errorf("the run is %s: %w", word, ErrGone)
	}
	if err != nil {
		return fmt.Errorf("replace %q in run %s: %w", service, run, err)
	}
	return nil
}

// DropKind drops all verdicts of a kind, so that their services are decided again,
// and says how many there were.
func (l *Ledger) DropKind(ctx context.Context, run, kind string) (int, error) {
	var services, verdicts []string
	var cursor uint64
	for {
		page, next, err := l.plain.HScan(ctx, keysOf(run).decided, cursor, "", scanStep).Result()
		if err != nil {
			return 0, fmt.Errorf("read the verdicts of run %s: %w", run, err)
		}
		for i := 0; i+1 < len(page); i += 2 {
			if fields := strings.Fields(page[i+1]); len(fields) > 1 && fields[1] == kindPrefix+kind {
				services, verdicts = append(services, page[i]), append(verdicts, page[i+1])
			}
		}
		if cursor = next; cursor == 0 {
			break
		}
	}
	for i, s := range services {
		if err := l.replace(ctx, run, s, AnyDigest, verdicts[i]); err != nil {
			return i, err
		}
	}
	return len(services), nil
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

// Undecided gives those of the services that have no verdict.
func (l *Ledger) Undecided(ctx context.Context, run string, services []string) ([]string, error) {
	var undecided []string
	for page := range slices.Chunk(services, scanStep) {
		found, err := l.plain.HMGet(ctx, keysOf(run).decided, page...).Result()
		if err != nil {
			return nil, fmt.Errorf("read which services of run %s are decided: %w", run, err)
		}
		for i, v := range found {
			if v == nil {
				undecided = append(undecided, page[i])
			}
		}
	}
	return undecided, nil
}

const kindPrefix = "kind:"

func cutKind(field string) (string, bool) { return strings.CutPrefix(field, kindPrefix) }

// Digest reads with which digest a service is expected.
func (l *Ledger) Digest(ctx context.Context, run, service string) (string, error) {
	d, err := l.plain.HGet(ctx, keysOf(run).expect, service).Result()
	if errors.Is(err, redis.Nil) {
		err = ErrGone
	}
	if err != nil {
		return "", fmt.Errorf("read the digest of %q in run %s: %w", service, run, err)
	}
	return d, nil
}
