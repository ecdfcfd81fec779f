package id_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/id"
)

func TestRunNames(t *testing.T) {
	t.Parallel()
	for _, good := range []id.Run{"a", "pr-1", "2026.11_x", id.Run(strings.Repeat("x", 100)), id.NewRun(time.Now())} {
		if err := good.Check(); err != nil {
			t.Errorf("%q is refused: %v", good, err)
		}
	}
	for _, bad := range []id.Run{"", "-a", ".a", "a b", "a/b", "{a}", "a\n", "ä", id.Run(strings.Repeat("x", 101))} {
		if bad.Check() == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestRunNamesSortByTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 23, 59, 59, 0, time.UTC)
	if a, b := id.NewRun(now), id.NewRun(now.Add(time.Second)); a >= b {
		t.Errorf("%s, made a second before %s, sorts behind it", a, b)
	}
}

func TestDeliveryNamesItsWorker(t *testing.T) {
	t.Parallel()
	for _, worker := range []string{"host-1-abc", "a#b", ""} {
		if got, ok := id.NewDelivery(worker, 17).Worker(); got != worker || !ok {
			t.Errorf("the worker of delivery 17 to %q is %q, %v", worker, got, ok)
		}
	}
	if got, ok := id.Delivery("nobody").Worker(); ok {
		t.Errorf("a text without a count names worker %q", got)
	}
}

func TestShortDigest(t *testing.T) {
	t.Parallel()
	if got := id.Digest("0123456789abcdef").Short(); got != "0123456789ab" {
		t.Errorf("short is %q", got)
	}
	if got := id.Digest("ab").Short(); got != "ab" {
		t.Errorf("short of two digits is %q", got)
	}
}
