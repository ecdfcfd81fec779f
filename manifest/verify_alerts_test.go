package manifest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestAlertExpressions: a fault is at its own line and column, and what would take long is
// refused, once for all regions.
func TestAlertExpressions(t *testing.T) {
	t.Parallel()
	alert := func(expr string) string {
		return strings.Replace(alertExample("expr: up"), "expr: up", "expr: "+expr, 1)
	}
	deep := strings.Repeat("(", 50_000)
	tests := []struct{ name, example, want string }{
		{"in a block", alert("|\n    sum(up)\n      / on (job\n    sum(down)\n"),
			"M464 services/svc/manifest.yml:15:5 prometheusAlerts[0].expr: prometheusAlerts[0].expr is no PromQL: unexpected <aggr:sum> in grouping opts, expected \",\" or \")\", at \"sum(down)\" [dev-uk]\n"},
		{"never closed", alert("|\n    sum(up)\n      /\n    sum(rate(down[5m]) > 0.1\n"),
			"M464 services/svc/manifest.yml:15:8 prometheusAlerts[0].expr: prometheusAlerts[0].expr is no PromQL: unclosed left parenthesis, at \"(rate(down[5m]) > 0.1\" [dev-uk]\n"},
		{"nothing behind an operator", alert("|\n    up\n      >\n\n"),
			"M464 services/svc/manifest.yml:14:8 prometheusAlerts[0].expr: prometheusAlerts[0].expr is no PromQL: unexpected end of input [dev-uk]\n"},
		{"in a folded block", alert(">-\n    rate(é_up)\n    > 1\n"),
			"M464 services/svc/manifest.yml:13:10 prometheusAlerts[0].expr: prometheusAlerts[0].expr is no PromQL: unexpected character: 'é', at \"é_up) > 1\" [dev-uk]\n"},
		{"in quotes", alert(`"up{a=\"b\"} >> 1"`),
			"M464 services/svc/manifest.yml:12:23 prometheusAlerts[0].expr: prometheusAlerts[0].expr is no PromQL: unexpected <op:>>, at \"> 1\" [dev-uk]\n"},
		{"plain", alert("sum(nosuch(up))"),
			"M464 services/svc/manifest.yml:12:13 prometheusAlerts[0].expr: prometheusAlerts[0].expr is no PromQL: unknown function with name \"nosuch\", at \"nosuch(up))\" [dev-uk]\n"},
		{"what one has to enable", alert("limitk(1, double_exponential_smoothing(up[5m], 0.5, 0.5)) > holt_winters(up[5m], 0.5, 0.5)"), ""},
		{"nested without end", twoRegions + alert("|\n    1 +\n    "+deep+"\n"),
			"M464 services/svc/manifest.yml:14:133 prometheusAlerts[0].expr: prometheusAlerts[0].expr cannot be judged: brackets are nested more than 128 deep here, at \"" + deep[:60] + "…\" (record parts of it under names of their own, and write fewer or simpler ones) [dev-plain dev-uk]\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, say(found(t, tt.example))); diff != "" {
				t.Errorf("expected (-) and got (+):\n%s", diff)
			}
		})
	}
}

// TestManyLargeExpressions: a service with many expressions that are just small enough is
// decided soon, in as many regions as there are.
func TestManyLargeExpressions(t *testing.T) {
	t.Parallel()
	var m strings.Builder
	m.WriteString(twoRegions)
	large := alertExample("expr: up" + strings.Repeat(" + up", 6000))
	m.WriteString(large)
	for range 60 {
		m.WriteString(strings.TrimPrefix(strings.Replace(large, "up + up", "down + up", 1), "prometheusAlerts:\n"))
		large = strings.Replace(large, "expr: up", "expr: up + up", 1)
	}
	start := time.Now()
	got := say(found(t, m.String()))
	if took := time.Since(start); took > 2*time.Minute { // it needs a second of a core; a machine may be busy
		t.Errorf("took %v", took)
	}
	if n := strings.Count(got, "too much to read for one service"); n == 0 {
		t.Errorf("none of the expressions was refused: %.200s", got)
	}
}

// TestSchedules: a schedule that Kubernetes refuses is warned of, and no more.
func TestSchedules(t *testing.T) {
	t.Parallel()
	const help = " (write minute, hour, day, month and weekday, such as \"0 4 * * *\") [dev-uk]\n"
	const zone = ", which is no schedule: a time zone (TZ= or CRON_TZ=) is not part of a schedule for Kubernetes" + help
	const at = "M704 services/svc/manifest.yml:8:32 cronJobs[0].schedule: cronJobs[0].schedule is "
	for schedule, want := range map[string]string{
		"0 4 * * *":                      "",
		"@every 1h":                      "",
		"TZ=UTC":                         at + `"TZ=UTC"` + zone,
		"CRON_TZ=Europe/Paris 1 0 * * *": at + `"CRON_TZ=Europe/Paris 1 0 * * *"` + zone,
		"TZ=No/Where 1 0 * * *":          at + `"TZ=No/Where 1 0 * * *"` + zone,
		strings.Repeat("1,", 600):        at + `"` + strings.Repeat("1,", 30) + `…", which is no schedule: it is 1200 bytes long; expected at most 1000` + help,
	} {
		d := exampleRepo(t).lay("cronJobs: [{name: c, schedule: \""+schedule+"\"}]\n").check(t, "svc")
		if diff := cmp.Diff(want, say(d.Findings)); diff != "" {
			t.Errorf("%.40s: expected (-) and got (+):\n%s", schedule, diff)
		}
	}
}
