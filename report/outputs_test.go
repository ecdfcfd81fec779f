package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readOutputs reads a file of outputs as GitHub's runner does.
func readOutputs(t *testing.T, text string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for text != "" {
		head, rest, _ := strings.Cut(text, "\n")
		name, end, ok := strings.Cut(head, "<<")
		value, rest, ends := strings.Cut("\n"+rest, "\n"+end+"\n")
		if _, twice := all[name]; !ok || !ends || twice {
			t.Fatalf("%q is no output, has no end or is there already", head)
		}
		all[name], text = strings.TrimPrefix(value, "\n"), rest
	}
	return all
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	const file = "a\nerrors=0\nok<<x\nmuster-\nx"
	got := readOutputs(t, string(written(t, Outputs(3, file), kinds(), Options{})))
	want := map[string]string{
		"findings": "5", "errors": "3", "warnings": "2", "info": "2", "ok": "3", "err": "6", "invalid": "2", "failed": "2", "missing": "2", "expected": "9",
		"complete": "false", "exit-code": "3", "run-id": "r-20260314-0926", "report": file,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the outputs differ (-want +got):\n%s", diff)
	}
}
