package check

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed306eabeb/muster/verdict"
)

// decide runs one check of a unit where time is virtual.
func decide(t *testing.T, do func(context.Context, Unit, []string) (verdict.Decision, error)) (v verdict.Verdict, err error) {
	t.Helper()
	opened := 0
	synctest.Test(t, func(t *testing.T) {
		o, openErr := Open(probe{opened: &opened, check: do}, pack(t, "shared"))
		if openErr != nil {
			t.Fatal(openErr)
		}
		v, err = o.Decide(t.Context(), "billing", pack(t, "unit"), []string{"north"}, time.Second)
		time.Sleep(2 * time.Hour) // for a check that is left behind to end
	})
	return v, err
}

func TestDecideMakesTheVerdict(t *testing.T) {
	t.Parallel()
	v, err := decide(t, func(_ context.Context, u Unit, regions []string) (verdict.Decision, error) {
		if _, err := fs.Stat(u.Files, "unit"); err != nil || u.Name != "billing" {
			t.Errorf("checked %q without its file: %v", u.Name, err)
		}
		time.Sleep(3 * time.Millisecond)
		return verdict.Decision{Regions: regions, Findings: []verdict.Finding{{Rule: "X1", Severity: verdict.Error}}}, nil
	})
	about := verdict.Subject{Unit: "billing", Digest: pack(t, "unit").Digest(), Shared: pack(t, "shared").Digest()}
	if err != nil || v.Subject != about || v.Kind != verdict.Invalid || v.Micros != 3000 || v.Parts[0].Check != "probe" || v.Parts[0].Engine != "probe-1" {
		t.Errorf("the verdict is %+v, %v", v, err)
	}
}

// TestWhatCannotBeDecided: an error comes with the failed verdict that says the same.
func TestWhatCannotBeDecided(t *testing.T) {
	t.Parallel()
	for want, do := range map[string]func(context.Context, Unit, []string) (verdict.Decision, error){
		"vault is away": func(context.Context, Unit, []string) (verdict.Decision, error) {
			return verdict.Decision{}, errors.New("vault is away")
		},
		"the checker panicked: oh no": func(context.Context, Unit, []string) (verdict.Decision, error) { panic("oh no") },
		"longer than 1s": func(ctx context.Context, _ Unit, _ []string) (verdict.Decision, error) {
			<-ctx.Done()
			return verdict.Decision{}, ctx.Err()
		},
	} {
		v, err := decide(t, do)
		if err == nil || !strings.Contains(err.Error(), want) || v.Kind != verdict.Failed || v.Cause != err.Error() || v.Unit != "billing" {
			t.Errorf("%s: error %v, verdict %+v", want, err, v)
		}
	}
}

// TestACheckThatIgnoresItsEndIsLeftBehind: the slot of the check is free again.
func TestACheckThatIgnoresItsEndIsLeftBehind(t *testing.T) {
	t.Parallel()
	v, err := decide(t, func(context.Context, Unit, []string) (verdict.Decision, error) {
		time.Sleep(time.Hour)
		return verdict.Decision{}, nil
	})
	if err == nil || v.Kind != verdict.Failed {
		t.Errorf("a check that took an hour came to %s, %v", v.Kind, err)
	}
}
