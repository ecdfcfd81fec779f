package formats

import (
	"bytes"
	"testing"

	"github.com/reviewdog/reviewdog/proto/rdf"
	"google.golang.org/protobuf/encoding/protojson"
)

// TestRDJSONIsRead as reviewdog reads it: fields that its messages do not have are refused.
func TestRDJSONIsRead(t *testing.T) {
	each(t, "rdjson", func(t *testing.T, report []byte) {
		var result rdf.DiagnosticResult
		if err := protojson.Unmarshal(report, &result); err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(report, []byte("\n{")); len(result.Diagnostics) != n || result.GetSource().GetName() != "muster" {
			t.Errorf("it reads %d diagnostics of %q, and not %d", len(result.Diagnostics), result.GetSource().GetName(), n)
		}
		for _, d := range result.Diagnostics {
			start, end := d.GetLocation().GetRange().GetStart(), d.GetLocation().GetRange().GetEnd()
			if d.GetMessage() == "" || d.GetLocation().GetPath() == "" || d.GetSeverity() == rdf.Severity_UNKNOWN_SEVERITY || d.GetCode().GetValue() == "" {
				t.Errorf("it lacks something: %v", d)
			}
			if end != nil && (start.GetColumn() < 1 || end.GetLine() != start.GetLine() || end.GetColumn() <= start.GetColumn()) {
				t.Errorf("it ends before it begins: %v", d)
			}
		}
	})
}
