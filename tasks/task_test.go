package tasks

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var example = Task{Run: "20260102-030405-abcdef", Unit: "billing", Digest: "aa11", Shared: "bb22", Checker: "manifest",
	Regions: []string{"dev-uk", "prod-uk"}, Attempt: 2, TimeoutMS: 30000}

// The file is what enqueuers of version 1 write: it must be read as long as
// version 1 is.
func TestPayloadV1(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile("testdata/verify-v1.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(example, got); diff != "" {
		t.Errorf("Decode of version 1 (-want +got):\n%s", diff)
	}
	encoded, err := example.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.TrimSpace(golden); !bytes.Equal(encoded, want) {
		t.Errorf("Encode() = %s\nwant     %s\na change of the wire form needs a new version", encoded, want)
	}
}

// TestASuspectSaysSo, and a worker that does not know the field reads the rest.
func TestASuspectSaysSo(t *testing.T) {
	t.Parallel()
	suspect := example
	suspect.Suspect = true
	encoded, err := suspect.Encode()
	if err != nil {
		t.Fatal(err)
	}
	plain, err := example.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSuffix(string(plain), "}") + `,"suspect":true}`; string(encoded) != want {
		t.Errorf("Encode() = %s\nwant     %s", encoded, want)
	}
	got, err := Decode(encoded)
	if diff := cmp.Diff(suspect, got); err != nil || diff != "" {
		t.Errorf("Decode: %v (-want +got):\n%s", err, diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	encoded, err := example.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, payload, want string }{
		{"no JSON", "\x00\x01", "decode the task's payload"},
		{"another type", `{"v":"one"}`, "decode the task's payload"},
		{"no digest", strings.Replace(string(encoded), "aa11", "", 1), "digest is missing"},
		{"no attempt", strings.Replace(string(encoded), `"attempt":2`, `"attempt":0`, 1), "attempt 0"},
		{"no time", strings.Replace(string(encoded), "30000", "0", 1), "timeoutMs 0"},
	} {
		if _, err := Decode([]byte(c.payload)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestDecodeOfAnotherVersionStillNamesTheService(t *testing.T) {
	t.Parallel()
	got, err := Decode([]byte(`{"v":7,"run":"r1","service":"billing","what":"ever"}`))
	if !errors.Is(err, ErrVersion) {
		t.Errorf("error %v, want %v", err, ErrVersion)
	}
	if got.Run != "r1" || got.Unit != "billing" {
		t.Errorf("got run %q and service %q, want r1 and billing", got.Run, got.Unit)
	}
}

func TestTaskIDTellsAttemptsApart(t *testing.T) {
	t.Parallel()
	next := example
	next.Attempt++
	if example.ID() != "20260102-030405-abcdef/billing/2" || example.ID() == next.ID() {
		t.Errorf("IDs %q and %q", example.ID(), next.ID())
	}
}

// TestSeveralChecksTakeAsLongTogether: they are made one after the other.
func TestSeveralChecksTakeAsLongTogether(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		task           Task
		longest, limit time.Duration
	}{
		{Task{TimeoutMS: 2000, Checker: "a"}, 2 * time.Second, 2*time.Second + grace},
		{Task{TimeoutMS: 2000, Checks: []string{"a", "b", "c"}}, 6 * time.Second, 6*time.Second + grace},
		{Task{TimeoutMS: 2000, Checks: []string{"a", "b", "c"}, Suspect: true}, 6 * time.Second, 12*time.Second + grace},
		{Task{TimeoutMS: 2000}, 2 * time.Second, 2*time.Second + grace}, // one that cannot be read
	} {
		if c.task.Longest() != c.longest || c.task.limit() != c.limit || c.task.Timeout() != 2*time.Second {
			t.Errorf("%q: may take %s, and %s in the queue; want %s, %s", c.task.Names(), c.task.Longest(), c.task.limit(), c.longest, c.limit)
		}
	}
}
