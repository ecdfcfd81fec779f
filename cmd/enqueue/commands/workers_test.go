package commands

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/ledger"
)

func workerOf(name, version, engine string, slots int, queues ...string) ledger.Worker {
	return ledger.Worker{Name: name, Silence: 240 * time.Millisecond,
		Capacity: ledger.Capacity{Slots: slots, Queues: queues, Version: version, Engines: map[string]string{"manifest": engine}}}
}

func TestWorkersAreWritten(t *testing.T) {
	t.Parallel()
	workers := []ledger.Worker{
		workerOf("host-1-abc", "v1", "0123456789abcdef0123456789abcdef", 4, "muster-audit", "muster-ci"),
		{Name: "host-2-def", Silence: 0, Capacity: ledger.Capacity{Slots: 4, Queues: []string{"muster-ci"}, Version: "v1", Engines: map[string]string{"command": "0a", "command/helm-lint": "77"},
			CommandSlots: 2, Lanes: []string{"muster-ci+helm-lint", "muster-ci+helm-lint+yamllint"}, Offers: []ledger.Offer{
				{Name: "helm-lint", Engine: "fedcba9876543210", Version: "v3.19.2+g8766e71", Walls: []string{"files", "network", "processes", "privileges", "resources"}, Pure: true, Slots: 2},
				{Name: "yamllint", Engine: "77", Version: "yamllint 1.29.0 as it comes with Debian\x07", Slots: 1}}}},
		{Name: "host-3-ghi", Capacity: ledger.Capacity{Queues: []string{"muster-ci"}, Version: "v1", Offers: []ledger.Offer{{Name: "a", Engine: "1", Walls: []string{"files"}, Slots: 1}}}},
		{Name: "old\x1b[2J", Silence: 1900 * time.Millisecond, Capacity: ledger.Capacity{Queues: []string{"muster-ci"}}},
	}
	for format, want := range map[workersFormat]string{
		"text": `WORKER      VERSION  ENGINES                QUEUES                  SLOTS  HEARTBEAT
host-1-abc  v1       manifest=0123456789ab  muster-audit,muster-ci  4      200ms ago
host-2-def  v1       command=0a             muster-ci               4      0s ago
host-3-ghi  v1       unknown                muster-ci               0      0s ago
old\x1b[2J  unknown  unknown                muster-ci               0      1.9s ago

host-2-def offers commands, 2 at once, from muster-ci+helm-lint, muster-ci+helm-lint+yamllint
  COMMAND    VERSION                   ENGINE        SLOTS  PURE  WALLS
  helm-lint  v3.19.2+g8766e71          fedcba987654  2      yes   files,network,processes,privileges,resources
  yamllint   yamllint 1.29.0 as it...  77            1      no    none

host-3-ghi offers commands, 0 at once, from no lane: no run needs them
  COMMAND  VERSION  ENGINE  SLOTS  PURE  WALLS
  a        unknown  1       1      no    files
`,
		"json": `[
  {
    "name": "host-1-abc",
    "version": "v1",
    "engines": {
      "manifest": "0123456789abcdef0123456789abcdef"
    },
    "queues": [
      "muster-audit",
      "muster-ci"
    ],
    "slots": 4,
    "heartbeatAgeMs": 240,
    "commandSlots": 0,
    "offers": [],
    "lanes": [],
    "cacheDomain": ""
  },
  {
    "name": "host-2-def",
    "version": "v1",
    "engines": {
      "command": "0a",
      "command/helm-lint": "77"
    },
    "queues": [
      "muster-ci"
    ],
    "slots": 4,
    "heartbeatAgeMs": 0,
    "commandSlots": 2,
    "offers": [
      {
        "name": "helm-lint",
        "version": "v3.19.2+g8766e71",
        "engine": "fedcba9876543210",
        "walls": [
          "files",
          "network",
          "processes",
          "privileges",
          "resources"
        ],
        "pure": true,
        "slots": 2
      },
      {
        "name": "yamllint",
        "version": "yamllint 1.29.0 as it comes with Debian\u0007",
        "engine": "77",
        "walls": [],
        "pure": false,
        "slots": 1
      }
    ],
    "lanes": [
      "muster-ci+helm-lint",
      "muster-ci+helm-lint+yamllint"
    ],
    "cacheDomain": ""
  },
  {
    "name": "host-3-ghi",
    "version": "v1",
    "engines": {},
    "queues": [
      "muster-ci"
    ],
    "slots": 0,
    "heartbeatAgeMs": 0,
    "commandSlots": 0,
    "offers": [
      {
        "name": "a",
        "version": "",
        "engine": "1",
        "walls": [
          "files"
        ],
        "pure": false,
        "slots": 1
      }
    ],
    "lanes": [],
    "cacheDomain": ""
  },
  {
    "name": "old\u001b[2J",
    "version": "",
    "engines": {},
    "queues": [
      "muster-ci"
    ],
    "slots": 0,
    "heartbeatAgeMs": 1900,
    "commandSlots": 0,
    "offers": [],
    "lanes": [],
    "cacheDomain": ""
  }
]
`,
	} {
		var b bytes.Buffer
		if err := writeWorkers[format](&b, workers); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
	var b bytes.Buffer
	if err := writeWorkers["json"](&b, nil); err != nil || b.String() != "[]\n" {
		t.Errorf("no worker: %q, %v; want an empty list", b.String(), err)
	}
}
