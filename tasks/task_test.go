package tasks

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var example = Task{Run: "20260102-030405-abcdef", Unit: "billing", Digest: "aa11", Shared: "bb22", Checker: "manifest",
	Regions: []string{"dev-uk", "prod-uk"}, Attempt: 2, TimeoutMS: 30000}

// TestPayloads: the files are what enqueuers write. They must be read as long as their version
// is.
func TestPayloads(t *testing.T) {
	t.Parallel()
	accepting := example
	accepting.Path, accepting.Accept = "services/billing", 2
	chart := accepting
	chart.Unit, chart.Path, chart.Kind, chart.Checker, chart.Checks = "charts/billing", "charts/billing", "chart", "", []string{"chart", "yamllint"}
	several := chart
	several.Kind = ""
	cached := chart
	cached.Cache = &Cache{Domains: []string{"main", "pr"}, Objects: "sha1", MaxBytes: 1 << 20, Read: true, Write: true}
	for file, want := range map[string]Task{"verify-v1": example, "verify-v1-accept": accepting, "verify-v2": several, "verify-v3": chart, "verify-v3-cache": cached} {
		golden, err := os.ReadFile("testdata/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(golden)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: Decode (-want +got):\n%s%v", file, diff, err)
		}
		encoded, err := want.Encode()
		if want := bytes.TrimSpace(golden); err != nil || !bytes.Equal(encoded, want) {
			t.Errorf("%s: Encode() = %s, %v\nwant     %s\na change of the wire form needs a new version", file, encoded, err, want)
		}
	}
}

// TestTheOldestVersionThatSaysAllIsWritten, for workers of the version before read only that.
func TestTheOldestVersionThatSaysAllIsWritten(t *testing.T) {
	t.Parallel()
	change := func(do func(*Task)) Task {
		task := example
		do(&task)
		return task
	}
	for name, c := range map[string]struct {
		task    Task
		version string
		accept  int // as it arrives
	}{
		"one check":             {example, "1", 0},
		"one check of several":  {change(func(t *Task) { t.Checker, t.Checks = "", []string{"manifest"} }), "1", 0},
		"who accepts more":      {change(func(t *Task) { t.Accept = 2 }), "1", 2},
		"several checks":        {change(func(t *Task) { t.Checker, t.Checks = "", []string{"a", "b"} }), "2", 2},
		"a kind":                {change(func(t *Task) { t.Kind = "chart" }), "3", 2},
		"a kind, accepts more":  {change(func(t *Task) { t.Kind, t.Accept = "chart", 3 }), "3", 3},
		"in another order, too": {change(func(t *Task) { t.Kind = "chart" }), "3", 2},
	} {
		encoded, err := c.task.Encode()
		if err != nil || !strings.HasPrefix(string(encoded), `{"v":`+c.version+`,`) {
			t.Errorf("%s: %s, %v; want version %s", name, encoded, err, c.version)
		}
		if name == "in another order, too" {
			encoded = []byte(`{"kind":"chart","v":3,` + strings.NewReplacer(`{"v":3,`, ``, `,"kind":"chart"`, ``).Replace(string(encoded)))
		}
		got, err := Decode(encoded)
		if err != nil || !slices.Equal(got.Names(), c.task.Names()) || got.Kind != c.task.Kind || got.Accept != c.accept {
			t.Errorf("%s: arrives as %+v, %v", name, got, err)
		}
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
		{"no checker", strings.Replace(string(encoded), `"checker":"manifest",`, "", 1), "checker is missing"},
		{"no checks", strings.Replace(strings.Replace(string(encoded), `"checker":"manifest",`, `"checks":[],`, 1), `"v":1`, `"v":2`, 1), "checks is missing"},
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
	got, err := Decode([]byte(`{"v":7,"run":"r1","service":"billing","what":"ever","accept":6}`))
	if !errors.Is(err, ErrVersion) {
		t.Errorf("error %v, want %v", err, ErrVersion)
	}
	if got.Run != "r1" || got.Unit != "billing" || got.Accept != 6 {
		t.Errorf("got run %q and service %q, accepting %d; want r1, billing and 6", got.Run, got.Unit, got.Accept)
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
