package metrics_test

import (
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed306eabeb/muster/metrics"
)

// described takes a description apart.
var described = regexp.MustCompile(`^Desc\{fqName: "(.*?)", help: "(.*?)", (?:unit: ".*?", )?constLabels: \{(.*)\}, variableLabels: \{(.*)\}\}$`)

// rows are those of the page's table for what a collector tells.
func rows(t *testing.T, of prometheus.Collector) string {
	t.Helper()
	ch := make(chan *prometheus.Desc, 100)
	of.Describe(ch)
	close(ch)
	text := ""
	for d := range ch {
		m := described.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("a description that cannot be read: %s", d)
		}
		var labels []string
		for _, l := range strings.Split(m[4], ",") {
			if l != "" {
				labels = append(labels, "`"+l+"`")
			}
		}
		text += fmt.Sprintf("| `%s` | %s | %s |\n", m[1], strings.Join(labels, ", "), m[2])
	}
	return text
}

// TestThePageTellsOfEachMetric: docs/operations.md, in the words of the program.
func TestThePageTellsOfEachMetric(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/operations.md")
	must(t, err)
	const head = "| metric | labels | what it tells |\n| --- | --- | --- |\n"
	for name, of := range map[string]prometheus.Collector{"a worker": metrics.NewWorker(), "an exporter": metrics.NewFleet(newWorld(t, "redis://127.0.0.1:1").Ledger, silence, slog.New(slog.DiscardHandler))} {
		if table := head + rows(t, of) + "\n"; !strings.Contains(string(page), table) {
			t.Errorf("docs/operations.md has not the table of %s:\n%s", name, table)
		}
	}
}
