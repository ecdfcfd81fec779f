// Package tasks is how work travels: the task that asks for one unit to be verified,
// the queues it waits in, and the client that pushes and drops tasks. It is the contract
// between enqueuers and workers of different versions.
//
// asynq carries tasks and no results: what was decided goes to the ledger, and
// whether a run is complete is never read off a queue.
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

// TypeVerify is the asynq type of a task. Like the queues' names it is a
// contract between programs of different versions.
const TypeVerify = "muster:verify"

// The queues. Each has its weight in DefaultQueues, so that an audit of the
// whole fleet never holds up a pull request.
const (
	QueueCI    = "muster-ci"
	QueueAudit = "muster-audit"
)

// Quarantine is the lane of a queue in which a unit is verified that may have killed a
// worker: a worker that takes a task from it does nothing else meanwhile.
func Quarantine(queue string) string { return queue + quarantineSuffix }

// IsQuarantine says whether a queue is such a lane.
func IsQuarantine(queue string) bool { return strings.HasSuffix(queue, quarantineSuffix) }

const quarantineSuffix = "-alone"

// DefaultQueues are the queues a worker serves and how often it tries each first.
func DefaultQueues() map[string]int { return map[string]int{QueueCI: 6, QueueAudit: 1} }

// Version is the payload version that Encode writes. Decode reads it and, once
// there is one, the version before, so that workers can be replaced one by one
// while enqueuers are older or newer by one version.
const Version = 1

// Task asks for one unit to be verified. It names bytes by digest and holds none.
type Task struct {
	Run     id.Run    `json:"run"`
	Unit    id.Unit   `json:"service"`
	Digest  id.Digest `json:"digest"` // of the unit's bundle
	Shared  id.Digest `json:"shared"` // of the shared bundle
	Checker string    `json:"checker"`
	Regions []string  `json:"regions"`
	Attempt int       `json:"attempt"` // 1 for the first task of this service in this run
	// TimeoutMS is how long one check may take, in milliseconds.
	TimeoutMS int64 `json:"timeoutMs"`
}

// ID is the asynq task ID: the same task cannot wait twice.
func (t Task) ID() string {
	return string(t.Run) + "/" + string(t.Unit) + "/" + strconv.Itoa(t.Attempt)
}

// ParseID reads a task's run and unit off its ID, which is all that is left of a task
// whose payload cannot be read. They are empty for an ID of another form.
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

// Encode is the payload of the asynq task.
func (t Task) Encode() ([]byte, error) { return json.Marshal(payload{Version, t}) }

// decoders read the payload versions that this program understands.
var decoders = map[int]func([]byte) (Task, error){
	Version: decodeV1,
}

// written is how every payload begins that Encode makes: its version need not be
// looked for.
var written = []byte(`{"v":` + strconv.Itoa(Version) + `,`)

// Decode reads a payload and checks that nothing in it is missing. For a version
// that it does not read it returns what it can still tell of the run and the
// service, with an error that wraps ErrVersion.
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

// check says what is missing.
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
