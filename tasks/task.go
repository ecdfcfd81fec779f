// Package tasks is the contract between enqueuers and workers of different versions: the
// task that asks for one unit to be checked, the queues in which it waits, and the client
// that pushes and drops tasks.
//
// asynq carries tasks and no results: verdicts go to the ledger, and whether a run is
// complete is never read off a queue.
package tasks

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/seed306eabeb/muster/id"
)

// TypeVerify is the asynq type of a task. Like the names of the queues it is a contract
// between programs of different versions.
const TypeVerify = "muster:verify"

// The queues. Each has its weight in DefaultQueues, so that an audit of the
// whole fleet never holds up a pull request.
const (
	QueueCI    = "muster-ci"
	QueueAudit = "muster-audit"
)

// PendingKey is the key of a queue's tasks that wait, as asynq names it.
func PendingKey(queue string) string { return "asynq:{" + queue + "}:pending" }

// Quarantine is the lane of a queue in which enqueuers of the version before put suspects.
// Each task from it is one, whatever its payload says.
func Quarantine(queue string) string { return queue + quarantineSuffix }

// IsQuarantine says whether a queue is a quarantine lane.
func IsQuarantine(queue string) bool {
	return strings.HasSuffix(queue, quarantineSuffix) && !id.IsLane(queue)
}

const quarantineSuffix = "-alone"

// DefaultQueues are the queues that a worker serves, with their weights: how often it
// tries each of them first.
func DefaultQueues() map[string]int { return map[string]int{QueueCI: 6, QueueAudit: 1} }

// Version is the newest payload version. Decode reads it and those before, and Encode
// writes the oldest that can say everything: workers can then be replaced one by one while
// enqueuers are older or newer by one version.
//
// Version 1 names one check, of the only kind of unit, and version 2 several. Version 3 names
// the kind of the unit, which decides the shared files that a verdict is to be about.
const (
	Version = 3
	several = 2
	oldest  = 1
)

// verdictsOfV2 is the version of verdicts that all read who write tasks of version 2.
const verdictsOfV2 = 2

// Task asks for one unit to be checked. It names bytes by digest and holds none.
type Task struct {
	Run    id.Run    `json:"run"`
	Unit   id.Unit   `json:"service"`
	Digest id.Digest `json:"digest"` // of the unit's bundle
	Shared id.Digest `json:"shared"` // of the shared bundle
	// Checker is the one check, "" where Checks name several. Names has both.
	Checker string   `json:"checker,omitzero"`
	Regions []string `json:"regions"`
	Attempt int      `json:"attempt"` // 1 for the unit's first task in the run
	// TimeoutMS is how long one check may take, in milliseconds.
	TimeoutMS int64 `json:"timeoutMs"`
	// Suspect says that a worker died while it had begun this unit, among others. A
	// suspect is decided in a process of its own.
	Suspect bool `json:"suspect,omitzero"`
	// Path is the unit's folder or file in the repository, "" where it is not known.
	// Workers of the version before do not know the field.
	Path string `json:"path,omitzero"`
	// Accept is the newest version of verdicts that all who follow the run read. 0, which
	// stands for 1, is what enqueuers of the version before say, who do not know the field.
	Accept int `json:"accept,omitzero"`
	// Checks are the checks that decide together; from version 2 on.
	Checks []string `json:"checks,omitzero"`
	// Kind is the kind of the unit, "" for the only one; of version 3 alone.
	Kind string `json:"kind,omitzero"`
	// Cache says what is to be known of verdicts that are kept; nil asks for nothing. Workers of the
	// version before do not know the field, and decide.
	Cache *Cache `json:"cache,omitzero"`
}

// Cache says what a worker may look up of a unit among kept decisions, and what it may keep. It does
// so in its own domain alone, and only if that is one of those named.
type Cache struct {
	Domains []string `json:"domains"`
	// Objects is how the repository names objects, "sha1" or "sha256", so that who asks by these
	// names finds the bytes; "" where nobody asks so.
	Objects  string `json:"objects,omitzero"`
	MaxBytes int    `json:"maxBytes"`       // that a unit of the kind may have
	Read     bool   `json:"read,omitzero"`  // what is known may be the answer
	Write    bool   `json:"write,omitzero"` // what is decided may be kept
}

// Names are the checks that decide.
func (t Task) Names() []string {
	if t.Checker != "" {
		return []string{t.Checker}
	}
	return t.Checks
}

// ID is the asynq task ID, which lets the same task be in a queue only once.
func (t Task) ID() string {
	return string(t.Run) + "/" + string(t.Unit) + "/" + strconv.Itoa(t.Attempt)
}

// ParseID reads the run and the unit off the ID of a task, which still tells them when
// the payload cannot be read. They are empty for an ID of another form.
func ParseID(text string) (id.Run, id.Unit) {
	run, rest, _ := strings.Cut(text, "/")
	if i := strings.LastIndex(rest, "/"); i >= 0 {
		return id.Run(run), id.Unit(rest[:i])
	}
	return "", ""
}

// Timeout is how long one check may take.
func (t Task) Timeout() time.Duration { return time.Duration(t.TimeoutMS) * time.Millisecond }

// Longest is how long all checks of the unit may take, which are made one after the other.
func (t Task) Longest() time.Duration { return t.Timeout() * time.Duration(max(1, len(t.Names()))) }

type payload struct {
	V int `json:"v"`
	Task
}

// ErrVersion is wrapped by Decode for a payload of a version it does not read.
var ErrVersion = errors.New("unknown payload version")

// Encode makes the payload of the asynq task, in the oldest version that has words for it.
func (t Task) Encode() ([]byte, error) {
	names := t.Names()
	if len(names) == 1 && t.Kind == "" {
		t.Checker, t.Checks = names[0], nil
		return json.Marshal(payload{oldest, t})
	}
	t.Checker, t.Checks = "", names
	if t.Kind == "" {
		return json.Marshal(payload{several, t})
	}
	return json.Marshal(payload{Version, t})
}

// beginnings are those of all payloads that Encode makes. Decode knows their version by
// them, without a look for the field.
var beginnings = map[int][]byte{oldest: []byte(`{"v":1,`), several: []byte(`{"v":2,`), Version: []byte(`{"v":3,`)}

// Decode reads a payload and checks that nothing in it is missing. For a version that it
// does not read it returns the run, the unit and what is accepted as far as the payload tells
// them, with an error that wraps ErrVersion.
func Decode(b []byte) (Task, error) {
	for version := oldest; version <= Version; version++ {
		if bytes.HasPrefix(b, beginnings[version]) {
			return decode(b, version)
		}
	}
	var head struct {
		V      int     `json:"v"`
		Run    id.Run  `json:"run"`
		Unit   id.Unit `json:"service"`
		Accept int     `json:"accept"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return Task{}, fmt.Errorf("decode the task's payload: %w", err)
	}
	if head.V < oldest || head.V > Version {
		return Task{Run: head.Run, Unit: head.Unit, Accept: head.Accept}, fmt.Errorf("decode the task of %q: %w %d (this worker reads %d to %d): replace the older of worker and enqueuer",
			head.Unit, ErrVersion, head.V, oldest, Version)
	}
	return decode(b, head.V)
}

// decode reads a payload of a version. It may hold fields of later versions that mean nothing
// there.
func decode(b []byte, version int) (Task, error) {
	var p payload
	if err := json.Unmarshal(b, &p); err != nil {
		return Task{}, fmt.Errorf("decode the task's payload: %w", err)
	}
	if version < Version {
		p.Kind = ""
	}
	if version == oldest {
		p.Checks = nil
		return p.Task, p.check("checker", p.Checker)
	}
	p.Checker, p.Accept = "", max(p.Accept, verdictsOfV2)
	return p.Task, p.check("checks", strings.Join(p.Checks, ""))
}

// check returns an error that says what is missing. checks is the field that names the
// checks in the task's version.
func (t Task) check(checks, names string) error {
	for _, f := range []struct{ name, value string }{{"run", string(t.Run)}, {"service", string(t.Unit)}, {"digest", string(t.Digest)}, {"shared", string(t.Shared)}, {checks, names}} {
		if f.value == "" {
			return fmt.Errorf("decode the task of %q: %s is missing", t.Unit, f.name)
		}
	}
	if t.Attempt < 1 || t.TimeoutMS < 1 {
		return fmt.Errorf("decode the task of %q: attempt %d and timeoutMs %d, want at least 1 each", t.Unit, t.Attempt, t.TimeoutMS)
	}
	return nil
}
