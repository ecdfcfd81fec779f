package manifest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed306eabeb/muster/internal/foreign"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

var (
	// pascalCase is what shipcat's library for it takes for ASCII: two capitals
	// meet only after some lower case letter. The empty name passes.
	pascalCase    = regexp.MustCompile(`^[0-9]*(?:[A-Z][0-9]+)*(?:[A-Z](?:[a-z](?:[A-Za-z]|[0-9]+[A-Z])*[0-9]*)?)?$`)
	alertDuration = regexp.MustCompile(`^\p{Nd}+[mh]$`)
)

func (e *evaluation) alerts() {
	for _, a := range e.m.Get("prometheusAlerts").Items() {
		e.alert(a)
	}
}

func (e *evaluation) alert(a *yamldoc.Value) {
	if n := a.Get("name"); n.Good() && !pascalCase.MatchString(n.Text()) {
		e.offer(ruleAlertName, n, fmt.Sprintf("%s is %q; expected Pascal case, such as HighErrorRate", n.Path(), n.Text()), alertNameMeant(n))
	}
	for _, key := range []string{"summary", "description"} {
		if t := a.Get(key); t.Good() && t.Text() == "" {
			e.fault(ruleAlertText, t, t.Path()+" is empty", "")
		}
	}
	if d := a.Get("min_duration"); d.Good() && !alertDuration.MatchString(d.Text()) {
		e.fault(ruleAlertDuration, d, fmt.Sprintf("%s is %q; expected whole minutes or hours, such as 15m or 1h", d.Path(), d.Text()), "")
	}
	if x := a.Get("expr"); x.Good() {
		e.promQL(x)
	}
}

// promQL judges an expression as current Prometheus does. That is stricter than shipcat
// about types and laxer about notation. What was said of a text holds in every region.
func (e *evaluation) promQL(x *yamldoc.Value) {
	fault, known := e.expressions[x.Text()]
	if !known {
		fault = foreign.Expression(x.Text(), &e.work)
		if e.expressions == nil {
			e.expressions = map[string]*foreign.ExpressionError{}
		}
		e.expressions[x.Text()] = fault
	}
	if fault == nil {
		return
	}
	what, help := "is no PromQL", ""
	if fault.Bound {
		what, help = "cannot be judged", "record parts of it under names of their own, and write fewer or simpler ones"
	}
	e.add(ruleAlertExpr.At(x.Trace().Place(fault.Offset), fmt.Sprintf("%s %s: %s%s", x.Path(), what, fault.Msg, behind(x.Text(), fault.Offset)), help))
}

// behind quotes what stands at a place in an expression, unless that is all of it or nothing.
func behind(text string, offset int) string {
	rest := strings.TrimSpace(text[offset:])
	if offset == 0 || rest == "" {
		return ""
	}
	return fmt.Sprintf(", at %q", yamldoc.Shorten(rest))
}

// Shipcat's verification of prometheusAlerts; expressions by the current PromQL, which is
// stricter (see promQL).
var (
	ruleAlertName = define(verdict.Rule{Code: "M461", Name: "alert-name", Severity: verdict.Error,
		Summary: "Prometheus alerts have names in Pascal case",
		Doc:     "Letters and digits. A letter at the start or after a digit is upper case, and two capitals meet only after a lower case letter.",
		Good:    alertExample("name: ApiDown"), Bad: alertExample("name: APIDown # want 9 `prometheusAlerts[0].name is \"APIDown\"`")})
	ruleAlertText = define(verdict.Rule{Code: "M462", Name: "alert-text", Severity: verdict.Error,
		Summary: "Prometheus alerts have a summary and a description",
		Good:    alertExample("summary: s"), Bad: alertExample(`summary: "" # want 12 "prometheusAlerts[0].summary is empty"`)})
	ruleAlertDuration = define(verdict.Rule{Code: "M463", Name: "alert-duration", Severity: verdict.Error,
		Summary: "min_duration is whole minutes or hours",
		Good:    alertExample("min_duration: 15m"), Bad: alertExample("min_duration: 30s # want 17 `min_duration is \"30s\"`")})
	ruleAlertExpr = define(verdict.Rule{Code: "M464", Name: "alert-expression", Severity: verdict.Error,
		Summary: "expr is PromQL",
		Doc: "Read by the parser of current Prometheus, which also checks functions and types. Functions that one has to enable, and holt_winters, pass. " +
			"One expression has at most 256 KiB, 10,000 operators and brackets nested 128 deep; a regular expression in it has 16 KiB.",
		Good: alertExample("expr: rate(errors[5m]) > 1"), Bad: alertExample("expr: rate(errors[5m) > 1 # want 23 `expr is no PromQL: unexpected \")\" in subquery or range`")})
)

// alertExample is a good alert but for the line given.
func alertExample(line string) string {
	key, _, _ := strings.Cut(line, ":")
	b := strings.Builder{}
	b.WriteString("prometheusAlerts:\n")
	indent := "- "
	for _, l := range []string{"name: ApiDown", "summary: s", "description: d", "expr: up == 0", "min_duration: 5m", "severity: warning"} {
		if strings.HasPrefix(l, key+":") {
			l = line
		}
		b.WriteString(indent + l + "\n")
		indent = "  "
	}
	return b.String()
}
