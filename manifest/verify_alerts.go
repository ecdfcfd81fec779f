package manifest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/seed306eabeb/muster/verdict"
)

var (
	// pascalCase is what shipcat's library for it takes for ASCII: two capitals
	// meet only after some lower case letter. The empty name passes.
	pascalCase    = regexp.MustCompile(`^[0-9]*(?:[A-Z][0-9]+)*(?:[A-Z](?:[a-z](?:[A-Za-z]|[0-9]+[A-Z])*[0-9]*)?)?$`)
	alertDuration = regexp.MustCompile(`^\p{Nd}+[mh]$`)
)

func (e *evaluation) alerts() {
	for _, a := range e.m.get("prometheusAlerts").list() {
		e.alert(a)
	}
}

func (e *evaluation) alert(a *value) {
	if n := a.get("name"); n.good() && !pascalCase.MatchString(n.text) {
		e.offer(ruleAlertName, n, fmt.Sprintf("%s is %q; expected Pascal case, such as HighErrorRate", n.path(), n.text), alertNameMeant(n))
	}
	for _, key := range []string{"summary", "description"} {
		if t := a.get(key); t.good() && t.text == "" {
			e.fault(ruleAlertText, t, t.path()+" is empty", "")
		}
	}
	if d := a.get("min_duration"); d.good() && !alertDuration.MatchString(d.text) {
		e.fault(ruleAlertDuration, d, fmt.Sprintf("%s is %q; expected whole minutes or hours, such as 15m or 1h", d.path(), d.text), "")
	}
	if x := a.get("expr"); x.good() {
		e.promQL(x)
	}
}

// promQL parses an expression as current Prometheus does. That is stricter than
// shipcat about types and laxer about notation.
func (e *evaluation) promQL(x *value) {
	message, ok := parsePromQL(x.text)
	if !ok {
		e.fault(ruleAlertExpr, x, fmt.Sprintf("%s is no PromQL: %s", x.path(), message), "")
	}
}

// promQLParser may be used by several goroutines at once.
var promQLParser = parser.NewParser(parser.Options{})

// parsePromQL says what is wrong with an expression.
func parsePromQL(text string) (message string, ok bool) {
	_, err := promQLParser.ParseExpr(text)
	if err == nil {
		return "", true
	}
	var many parser.ParseErrors
	if errors.As(err, &many) && len(many) > 0 {
		return promQLMessage(text, &many[0]), false
	}
	var one *parser.ParseErr
	if errors.As(err, &one) {
		return promQLMessage(text, one), false
	}
	return err.Error(), false
}

// promQLMessage names the place inside the expression by what stands there.
func promQLMessage(text string, err *parser.ParseErr) string {
	start := int(err.PositionRange.Start)
	if start <= 0 || start >= len(text) {
		return err.Err.Error()
	}
	return fmt.Sprintf("%v, at %q", err.Err, shorten(text[start:]))
}

var (
	ruleAlertName = define(verdict.Rule{Code: "M461", Name: "alert-name", Severity: verdict.Error,
		Summary: "Prometheus alerts have names in Pascal case",
		Doc:     "Letters and digits. A letter at the start or after a digit is upper case, and two capitals meet only after a lower case letter.",
		Good:    alertExample("name: ApiDown"), Bad: alertExample("name: APIDown")})
	ruleAlertText = define(verdict.Rule{Code: "M462", Name: "alert-text", Severity: verdict.Error,
		Summary: "Prometheus alerts have a summary and a description",
		Good:    alertExample("summary: s"), Bad: alertExample(`summary: ""`)})
	ruleAlertDuration = define(verdict.Rule{Code: "M463", Name: "alert-duration", Severity: verdict.Error,
		Summary: "min_duration is whole minutes or hours",
		Good:    alertExample("min_duration: 15m"), Bad: alertExample("min_duration: 30s")})
	ruleAlertExpr = define(verdict.Rule{Code: "M464", Name: "alert-expression", Severity: verdict.Error,
		Summary: "expr is PromQL",
		Doc:     "Read by the parser of current Prometheus, which also checks functions and types.",
		Good:    alertExample("expr: rate(errors[5m]) > 1"), Bad: alertExample("expr: rate(errors[5m) > 1")})
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
