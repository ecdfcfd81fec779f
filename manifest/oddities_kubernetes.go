package manifest

import (
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// Warnings of what Kubernetes and Kafka refuse, though shipcat lets it pass.

// isEnvName says that every Kubernetes takes a name for a variable. From 1.30 on it
// takes more, but no shell reads that.
func isEnvName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '-' || c == '.'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func (e *evaluation) envName(v *yamldoc.Value) {
	if !isEnvName(v.Key()) {
		e.add(ruleEnvName.At(v.KeyPlace(), fmt.Sprintf("the environment variable %q has a name that Kubernetes refuses", yamldoc.Shorten(v.Key())),
			"use letters, digits, underscores, dashes and dots, and no digit in front"))
	}
}

// fileModes warns of modes that are none, in the volumes that show secrets.
func (e *evaluation) fileModes() {
	for _, v := range e.m.Get("volumes").Items() {
		e.itemModes(v.Get("secret"))
		for _, s := range v.Get("projected").Get("sources").Items() {
			e.itemModes(s.Get("secret"))
		}
	}
}

func (e *evaluation) itemModes(secret *yamldoc.Value) {
	for _, i := range secret.Get("items").Items() {
		m := i.Get("mode")
		if !m.Good() || m.Int() <= maxMode {
			continue
		}
		help := yamldoc.Advice(modeHelp)
		if mode, ok := octalMode(m.Text()); ok {
			help = writeMode(m, mode).Or(modeHelp)
		}
		e.offer(ruleFileMode, m, fmt.Sprintf("%s is %s, which is %s; expected at most 0o777", m.Path(), m.Text(), asMode(m.Int())), help)
	}
}

// topicName warns of the two names that Kafka refuses among those that pass.
func (e *evaluation) topicName(v *yamldoc.Value) {
	if v.Good() && (v.Text() == "." || v.Text() == "..") {
		e.fault(ruleTopicName, v, fmt.Sprintf("%s is %q, which Kafka refuses", v.Path(), v.Text()), "give the topic a name with letters or digits")
	}
}

// rolloutMoves warns of a rollout that may neither lack a replica nor add one. An
// amount that is not given is 25%.
func (e *evaluation) rolloutMoves(v *yamldoc.Value) {
	unavailable, surge := v.Get("maxUnavailable"), v.Get("maxSurge")
	if isZero(unavailable) && isZero(surge) {
		e.fault(ruleRolloutStuck, unavailable, fmt.Sprintf("%s and %s are both 0: no rollout can begin", unavailable.Path(), surge.Path()), "let one of them be at least 1")
	}
}

func isZero(v *yamldoc.Value) bool {
	return v.Good() && (!v.IsText() && v.Int() == 0 || strings.Trim(v.Text(), "+0") == "%")
}

// What the API of Kubernetes and the broker of Kafka refuse when the service is deployed; the
// Doc of each rule says which.
var (
	ruleFileMode = define(verdict.Rule{Code: "M718", Name: "file-mode", Severity: verdict.Warning,
		Summary: "file modes are at most 0o777",
		Doc:     "Kubernetes refuses others. A mode without 0o is decimal: 644 is 0o1204.",
		Good:    modeExample("0o644"), Bad: marked(modeExample("644"), "69 `mode is 644, which is 0o1204`")})
	ruleTopicName = define(verdict.Rule{Code: "M719", Name: "topic-name", Severity: verdict.Warning,
		Summary: "topics are not named by dots alone",
		Doc:     "Kafka keeps . and .. for itself.",
		Good:    "kafkaResources: {topics: [{name: a.b}]}\n", Bad: "kafkaResources: {topics: [{name: ..}]} # want 34 `name is \"..\", which Kafka refuses`\n"})
	ruleRolloutStuck = define(verdict.Rule{Code: "M721", Name: "stuck-rollout", Severity: verdict.Warning,
		Summary: "a rollout may lack a replica or add one",
		Doc:     "Kubernetes refuses maxUnavailable and maxSurge that are both 0. One that is not given is 25%.",
		Good:    "replicaCount: 2\nrollingUpdate: {maxSurge: 1, maxUnavailable: 0}\n", Bad: "replicaCount: 2\nrollingUpdate: {maxSurge: 0%, maxUnavailable: 0} # want 47 \"rollingUpdate.maxUnavailable and rollingUpdate.maxSurge are both 0\"\n"})
	ruleEnvName = define(verdict.Rule{Code: "M722", Name: "env-name", Severity: verdict.Warning,
		Summary: "environment variables have names that Kubernetes takes",
		Doc:     "Before Kubernetes 1.30: letters, digits, underscores, dashes and dots, and no digit in front. No shell reads other names.",
		Good:    "env: {LOG_LEVEL: debug}\n", Bad: "env: {\"LOG LEVEL\": debug} # want 7 `the environment variable \"LOG LEVEL\" has a name that Kubernetes refuses`\n"})
)

func modeExample(mode string) string {
	return "volumes: [{name: v, secret: {secretName: s, items: [{path: p, mode: " + mode + "}]}}]\n"
}
