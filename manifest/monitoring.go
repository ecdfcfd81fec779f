package manifest

import (
	"fmt"
	"regexp"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

var (
	newrelicAlertName = regexp.MustCompile(`^[0-9a-zA-Z _/\-]{1,50}$`)
	newrelicTemplate  = regexp.MustCompile(`^[0-9a-zA-Z_/\-]{1,50}$`)
)

// newrelic judges alerts; their channel counts only if there are any.
func (e *evaluation) newrelic() {
	v := e.m.Get("newrelic")
	e.channelFits(v.Get("slack"))
	alerts := v.Get("alerts").Entries()
	if len(alerts) == 0 {
		return
	}
	for _, a := range alerts {
		e.newrelicAlert(a)
	}
	e.publicChannel(v, v.Get("slack"))
}

func (e *evaluation) newrelicAlert(a *yamldoc.Value) {
	if !newrelicAlertName.MatchString(a.Key()) {
		e.add(ruleNewrelicName.At(a.KeyPlace(), fmt.Sprintf("the alert is named %q; expected up to 50 letters, digits, spaces, underscores, slashes and dashes", a.Key()), ""))
	}
	t := a.Get("template")
	switch {
	case t == nil && newrelicAlertName.MatchString(a.Key()) && !newrelicTemplate.MatchString(a.Key()):
		e.add(ruleNewrelicTemplate.At(a.KeyPlace(), fmt.Sprintf("the alert %q has no template, and its name cannot be one", a.Key()), "give it a template, or a name without spaces"))
	case t.Good() && !newrelicTemplate.MatchString(t.Text()):
		e.fault(ruleNewrelicTemplate, t, fmt.Sprintf("%s is %q; expected up to 50 letters, digits, underscores, slashes and dashes", t.Path(), t.Text()), "")
	}
}

func (e *evaluation) sentry() {
	v := e.m.Get("sentry")
	if !v.Good() {
		return
	}
	e.channelFits(v.Get("slack"))
	e.publicChannel(v, v.Get("slack"))
}

// Shipcat's checks of newrelic while it builds a manifest.
var (
	ruleNewrelicName = define(verdict.Rule{Code: "M331", Name: "newrelic-alert-name", Severity: verdict.Error,
		Summary: "newrelic alerts have plain names of up to 50 characters",
		Good:    "newrelic: {alerts: {error-rate: {}}}\n", Bad: "newrelic: {alerts: {\"error%\": {template: t}}} # want 21 `the alert is named \"error%\"`\n"})
	ruleNewrelicTemplate = define(verdict.Rule{Code: "M332", Name: "newrelic-template", Severity: verdict.Error,
		Summary: "the template of a newrelic alert, by default its name, has no spaces",
		Good:    "newrelic: {alerts: {error rate: {template: rate}}}\n", Bad: "newrelic: {alerts: {error rate: {}}} # want 21 `the alert \"error rate\" has no template`\n"})
)
