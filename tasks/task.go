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
func IsQuarantine(queue string) bool { return strings.HasSuffix(queue, quarantineSuffix) }

const quarantineSuffix = "-alone"

// DefaultQueues are the queues that a worker serves, with their weights: how often it
// tries each of them first.
func DefaultQueues() map[string]int { return map[string]int{QueueCI: 6, QueueAudit: 1} }

// Version is the payload version that Encode writes. Decode reads it and, once there is
// one, the version before: workers can then be replaced one by one while enqueuers are
// older or newer by one version.
const Version = 1

// Task asks for one unit to be checked. It names bytes by digest and holds none.
type Task struct {
	Run     id.Run    `json:"run"`
	Unit    id.Unit   `json:"service"`
	Digest  id.Digest `json:"digest"` // of the unit's bundle
	Shared  id.Digest `json:"shared"` // of the shared bundle
	Checker string    `json:"checker"`
	Regions []string  `json:"regions"`
	Attempt int       `json:"attempt"` // 1 for the unit's first task in the run
	// TimeoutMS is how long one check may take, in milliseconds.
	TimeoutMS int64 `json:"timeoutMs"`
	// Suspect says that a worker died while it had begun this unit, among others. A
	// suspect is decided in a process of its own. Workers of the version before do not
	// know the field.
	Suspect bool `json:"suspect,omitzero"`
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

type payload struct {
	V int `json:"v"`
	Task
}

// ErrVersion is wrapped by Decode for a payload of a version it does not read.
var ErrVersion = errors.New("unknown payload version")

// Encode makes the payload of the asynq task.
func (t Task) Encode() ([]byte, error) { return json.Marshal(payload{Version, t}) }

// decoders read the payload versions that this program understands.
var decoders = map[int]func([]byte) (Task, error){
	Version: decodeV1,
}

// written is the beginning of all payloads that Encode makes. Decode knows their version
// by it, without a look for the field.
var written = []byte(`{"v":` + strconv.Itoa(Version) + `,`)

// Decode reads a payload and checks that nothing in it is missing. For a version that it
// does not read it returns the run and the unit as far as the payload tells them, with an
// error that wraps ErrVersion.
func Decode(b []byte) (Task, error) {
	if bytes.HasPrefix(b, written) {
		return decoders[Version](b)
	}
	var head struct {
		V    int     `json:"v"`
		Run  id.Run  `json:"run"`
		Unit id.Unit `json:"service"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return Task{}, fmt.Errorf("decode the task's payload: %w", err)
	}
	decode := decoders[head.V]
	if decode == nil {
		return Task{Run: head.Run, Unit: head.Unit}, fmt.Errorf("decode the task of %q: %w %d (this worker reads %d): replace the older of worker and enqueuer", head.Unit, ErrVersion, head.V, Version)
	}
	return decode(b)
}

func decodeV1(b []byte) (Task, error) {
	var p payload
	if err := json.Unmarshal(b, &p); err != nil {
		return Task{}, fmt.Errorf("decode the task's payload: %w", err)
	}
	return p.Task, p.check()
}

// check returns an error that says what is missing.
func (t Task) check() error {
	for _, f := range []struct{ name, value string }{{"run", string(t.Run)}, {"service", string(t.Unit)}, {"digest", string(t.Digest)}, {"shared", string(t.Shared)}, {"checker", t.Checker}} {
		if f.value == "" {
			return fmt.Errorf("decode the task of %q: %s is missing", t.Unit, f.name)
		}
	}
	if t.Attempt < 1 || t.TimeoutMS < 1 {
		return fmt.Errorf("decode the task of %q: attempt %d and timeoutMs %d, want at least 1 each", t.Unit, t.Attempt, t.TimeoutMS)
	}
	return nil
}
