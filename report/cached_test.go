package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestWhatIsFromTheCacheIsTold by text and JSON, and is no part of what any other format says.
func TestWhatIsFromTheCacheIsTold(t *testing.T) {
	t.Parallel()
	cold := allOK()
	warm := cold
	warm.Cached = Cached{1, time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC), time.Date(2026, 5, 2, 9, 0, 0, 0, time.UTC)}
	told := map[string]string{
		"text": "1 of 2 services from the cache, decided between 2026-05-01T09:00:00Z and 2026-05-02T09:00:00Z\n",
		"json": `"cached": {"units": 1, "oldest": "2026-05-01T09:00:00Z", "newest": "2026-05-02T09:00:00Z"}`,
	}
	for _, f := range Formats() {
		var before, after bytes.Buffer
		for to, r := range map[*bytes.Buffer]Report{&before: cold, &after: warm} {
			if err := f.Write(to, r, Options{}); err != nil {
				t.Fatal(err)
			}
		}
		want, telling := told[f.Name]
		if !telling && before.String() != after.String() {
			t.Errorf("%s differs:\n%s", f.Name, after.String())
		}
		said := strings.Join(strings.Fields(after.String()), " ")
		if words := strings.Join(strings.Fields(want), " "); telling && !strings.Contains(strings.ReplaceAll(said, ":{", ": {"), words) {
			t.Errorf("%s does not say %q:\n%s", f.Name, words, after.String())
		}
	}
}
