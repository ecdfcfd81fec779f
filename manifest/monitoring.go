package manifest

import (
	"fmt"
	"regexp"

	"github.com/seed306eabeb/muster/verdict"
)

var (
	newrelicAlertName = regexp.MustCompile(`^[0-9a-zA-Z _/\-]{1,50}$`)
	newrelicTemplate  = regexp.MustCompile(`^[0-9a-zA-Z_/\-]{1,50}$`)
)

// newrelic judges alerts; their channel counts only if there are any.
func (e *evaluation) newrelic() {
	v := e.m.get("newrelic")
	e.channelFits(v.get("slack"))
	alerts := v.get("alerts").entries()
	if len(alerts) == 0 {
		return
	}
	for _, a := range alerts {
		e.newrelicAlert(a)
	}
	e.publicChannel(v, v.get("slack"))
}

func (e *evaluation) newrelicAlert(a *value) {
	if !newrelicAlertName.MatchString(a.key) {
		e.add(ruleNewrelicName.At(a.keyPlace(), fmt.Sprintf("the alert is named %q; expected up to 50 letters, digits, spaces, underscores, slashes and dashes", a.key), ""))
	}
	t := a.get("template")
	switch {
	case t == nil && newrelicAlertName.MatchString(a.key) && !newrelicTemplate.MatchString(a.key):
		e.add(ruleNewrelicTemplate.At(a.keyPlace(), fmt.Sprintf("the alert %q has no template, and its name cannot be one", a.key), "give it a template, or a name without spaces"))
	case t.good() && !newrelicTemplate.MatchString(t.text):
		e.fault(ruleNewrelicTemplate, t, fmt.Sprintf("%s is %q; expected up to 50 letters, digits, underscores, slashes and dashes", t.path(), t.text), "")
	}
}

func (e *evaluation) sentry() {
	v := e.m.get("sentry")
	if !v.good() {
		return
	}
	e.channelFits(v.get("slack"))
	e.publicChannel(v, v.get("slack"))
}

var (
	ruleNewrelicName = define(verdict.Rule{Code: "M331", Name: "newrelic-alert-name", Severity: verdict.Error,
		Summary: "newrelic alerts have plain names of up to 50 characters",
		Good:    "newrelic: {alerts: {error-rate: {}}}\n", Bad: "newrelic: {alerts: {\"error%\": {template: t}}} # want 21 `the alert is named \"error%\"`\n"})
	ruleNewrelicTemplate = define(verdict.Rule{Code: "M332", Name: "newrelic-template", Severity: verdict.Error,
		Summary: "the template of a newrelic alert, by default its name, has no spaces",
		Good:    "newrelic: {alerts: {error rate: {template: rate}}}\n", Bad: "newrelic: {alerts: {error rate: {}}} # want 21 `the alert \"error rate\" has no template`\n"})
)
