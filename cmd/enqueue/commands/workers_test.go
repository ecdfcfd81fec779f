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
		{Name: "old\x1b[2J", Silence: 1900 * time.Millisecond, Capacity: ledger.Capacity{Queues: []string{"muster-ci"}}},
	}
	for format, want := range map[workersFormat]string{
		"text": `WORKER      VERSION  ENGINES                QUEUES                  SLOTS  HEARTBEAT
host-1-abc  v1       manifest=0123456789ab  muster-audit,muster-ci  4      200ms ago
old\x1b[2J  unknown  unknown                muster-ci               0      1.9s ago
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
    "heartbeatAgeMs": 240
  },
  {
    "name": "old\u001b[2J",
    "version": "",
    "engines": {},
    "queues": [
      "muster-ci"
    ],
    "slots": 0,
    "heartbeatAgeMs": 1900
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
