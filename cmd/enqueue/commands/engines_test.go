package commands

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/report"
)

// named is a kind of check as far as a list of workers asks for it.
type named struct{ check.Kind }

func (named) Name() string   { return "manifest" }
func (named) Engine() string { return "0123456789abcdef" }

func TestOtherEngines(t *testing.T) {
	t.Parallel()
	same := named{}.Engine()
	silent := ledger.Worker{Name: "old", Capacity: ledger.Capacity{Slots: 1, Queues: []string{"ci"}}}
	for name, tt := range map[string]struct {
		workers []ledger.Worker
		want    string
	}{
		"no worker":             {nil, ""},
		"the same":              {[]ledger.Worker{workerOf("a", "v1", same, 1, "ci"), workerOf("b", "v2", same, 1, "ci")}, ""},
		"on another queue":      {[]ledger.Worker{workerOf("a", "v2", "ffffffffffffffff", 1, "audit")}, ""},
		"one that stops":        {[]ledger.Worker{workerOf("a", "v2", "ffffffffffffffff", 0, "ci")}, ""},
		"one beside the same":   {[]ledger.Worker{workerOf("a", "v1", same, 1, "ci"), workerOf("b", "v2", "ffffffffffffffff", 1, "audit", "ci")}, "engine ffffffffffff of version v2 on b"},
		"one that says no word": {[]ledger.Worker{silent}, "engine unknown of version unknown on old"},
		"many": {[]ledger.Worker{workerOf("a", "v2", "f", 1, "ci"), workerOf("b", "v2", "f", 1, "ci"), workerOf("c", "v2", "f", 1, "ci"), workerOf("d", "v2", "f", 1, "ci"),
			workerOf("e", "v2", "f", 1, "ci"), workerOf("f", "v0", "e", 1, "ci")}, "engine e of version v0 on f, engine f of version v2 on a b c and 2 more"},
		"hostile": {[]ledger.Worker{workerOf("a\x1b[2J", "v\n2", "\x9b1", 1, "ci")}, `engine \x9b1 of version v\n2 on a\x1b[2J`},
	} {
		if got := otherEngines(tt.workers, "ci", named{}); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestWorkersThatLackACheck are named, and not as ones with other rules.
func TestWorkersThatLackACheck(t *testing.T) {
	t.Parallel()
	lacks := workerOf("a", "v1", "f", 1, "ci")
	lacks.Engines = map[string]string{"other": "f"}
	workers := []ledger.Worker{lacks, workerOf("b", "v2", named{}.Engine(), 1, "ci"), {Name: "old", Capacity: ledger.Capacity{Slots: 1, Queues: []string{"ci"}}}}
	var out strings.Builder
	warnOfLacking(workers, "ci", []string{"manifest"}, slog.New(slog.NewTextHandler(&out, nil)))
	if !strings.Contains(out.String(), `no check \"manifest\", and cannot decide the units that get it: version v1 on a; replace`) || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("said %s", &out)
	}
	if got := otherEngines(workers[:2], "ci", named{}); got != "" {
		t.Errorf("other engines: %q", got)
	}
}

// TestCommandsAreOffered: a worker without one lacks nothing, and one with another version of it is
// not of another version itself; a report has the engines of this program's own checks alone.
func TestCommandsAreOffered(t *testing.T) {
	t.Parallel()
	const helm = "command/helm-lint"
	offers := workerOf("b", "v1", "f", 1, "ci")
	offers.Engines = map[string]string{"declared": "1", helm: "2"}
	checks, err := config.Kinds(config.Builtin()).All([]string{helm, "declared"})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	warnOfLacking([]ledger.Worker{offers, workerOf("a", "v1", "f", 1, "ci")}, "ci", []string{helm}, slog.New(slog.NewTextHandler(&out, nil)))
	if out.Len() > 0 {
		t.Errorf("said %s", &out)
	}
	if about := by(checks, report.Run{}); about.Checker != "command/helm-lint,declared" || about.Engine != checks[1].Engine() {
		t.Errorf("made by %q with the engines %q", about.Checker, about.Engine)
	}
}
