package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/test/genhistory"
)

func TestRunWritesAHistory(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		var out strings.Builder
		if err := run(t.Context(), []string{"-dialect", string(d), "-n", "8", "-commits", "3", "-out", filepath.Join(t.TempDir(), "new")}, &out); err != nil {
			t.Fatal(err)
		}
		var h genhistory.History
		if err := json.Unmarshal([]byte(out.String()), &h); err != nil || len(h) != 3 || h[2].Parents[0] != h[1].ID || h[0].Class != genhistory.Start {
			t.Errorf("%s: it prints %s (%v)", d, out.String(), err)
		}
	}
}

func TestRunNeedsAFolder(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), nil, nil); err == nil || err.Error() != "no folder to write to: add -out DIR" {
		t.Errorf("error %v", err)
	}
}
