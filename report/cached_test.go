package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestWhatIsFromTheCacheIsTold by JSON and by what people read in logs, and is no part of what any other
// format says.
func TestWhatIsFromTheCacheIsTold(t *testing.T) {
	t.Parallel()
	cold := stopped()
	warm := cold
	warm.Cached = Cached{Units: 1, Oldest: time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC), Newest: time.Date(2026, 5, 2, 9, 0, 0, 0, time.UTC)}
	words := "1 of " + cold.Run.Noun.Number(cold.Summary.Expected) + " from the cache, decided between 2026-05-01T09:00:00Z and 2026-05-02T09:00:00Z\n"
	told := map[string]string{"text": words, "github": words, "azure": words, "json": `"oldest": "2026-05-01T09:00:00Z"`}
	for _, f := range Formats() {
		var before, after bytes.Buffer
		for to, r := range map[*bytes.Buffer]Report{&before: cold, &after: warm} {
			if err := f.Write(to, r, Options{}); err != nil {
				t.Fatal(err)
			}
		}
		want, telling := told[f.Name]
		switch {
		case !telling && before.String() != after.String():
			t.Errorf("%s differs:\n%s", f.Name, after.String())
		case !strings.Contains(after.String(), want):
			t.Errorf("%s does not say %q:\n%s", f.Name, want, after.String())
		}
	}
}
