package manifest

import (
	"testing"

	"github.com/seed306eabeb/muster/check/checktest"
)

// TestEngineNamesTheCode: two of the kind agree on their engine.
func TestEngineNamesTheCode(t *testing.T) {
	t.Parallel()
	a, b := New(), New()
	if a.Engine() != b.Engine() || len(a.Engine()) != 32 {
		t.Errorf("got %q and %q; expected one digest of 32 hexadecimal digits", a.Engine(), b.Engine())
	}
}

func TestEngineCoversWhatJudges(t *testing.T) {
	t.Parallel()
	if err := checktest.Engine(code); err != nil {
		t.Error(err)
	}
}

// BenchmarkEngine: it is made once in a process, and each has to wait for it.
func BenchmarkEngine(b *testing.B) {
	for b.Loop() {
		code.Digest()
	}
}
