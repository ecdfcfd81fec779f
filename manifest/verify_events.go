package manifest

import (
	"fmt"
	"regexp"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// kafkaName is what topics and users are called. It has no underscore.
var kafkaName = regexp.MustCompile(`^[0-9a-z\-\.]{1,63}$`)

// Bounds that kafka itself sets.
const (
	maxPartitions = 9999
	maxReplicas   = 32766
)

func (e *evaluation) eventStreams() {
	for _, s := range e.m.Get("eventStreams").Items() {
		if d := s.Get("eventDefinitions"); d.Good() && len(d.Items()) == 0 {
			e.fault(ruleEventDefinitions, d, d.Path()+" is empty; expected at least one event", "")
		}
		if n := s.Get("name"); n.Good() && n.Text() == "" {
			e.fault(ruleEventStreamName, n, n.Path()+" is empty", "")
		}
	}
}

func (e *evaluation) kafka() {
	resources := e.m.Get("kafkaResources")
	for _, t := range resources.Get("topics").Items() {
		e.kafkaName(t.Get("name"))
		e.topicName(t.Get("name"))
		e.kafkaRange(t, "partitions", maxPartitions)
		e.kafkaRange(t, "replicas", maxReplicas)
	}
	for _, u := range resources.Get("users").Items() {
		e.kafkaName(u.Get("name"))
	}
}

func (e *evaluation) kafkaName(v *yamldoc.Value) {
	if v.Good() && !kafkaName.MatchString(v.Text()) {
		e.fault(ruleKafkaName, v, fmt.Sprintf("%s is %q; expected up to 63 lower case letters, digits, dashes and dots", v.Path(), v.Text()), "")
	}
}

func (e *evaluation) kafkaRange(topic *yamldoc.Value, key string, most int64) {
	v := topic.Get(key)
	if v.Good() && (v.Int() < 1 || v.Int() > most) {
		e.fault(ruleKafkaRange, v, fmt.Sprintf("%s is %d; expected 1 to %d", v.Path(), v.Int(), most), "")
	}
}

// Shipcat's verification of eventStreams and kafkaResources.
var (
	ruleEventDefinitions = define(verdict.Rule{Code: "M451", Name: "event-definitions", Severity: verdict.Error,
		Summary: "an event stream has event definitions",
		Good:    "eventStreams: [{name: s, eventDefinitions: [{key: k, value: v}]}]\n", Bad: "eventStreams: [{name: s, eventDefinitions: []}] # want 44 \"eventStreams[0].eventDefinitions is empty\"\n"})
	ruleEventStreamName = define(verdict.Rule{Code: "M452", Name: "event-stream-name", Severity: verdict.Error,
		Summary: "an event stream has a name",
		Good:    "eventStreams: [{name: s, eventDefinitions: [{key: k, value: v}]}]\n", Bad: "eventStreams: [{name: \"\", eventDefinitions: [{key: k, value: v}]}] # want 23 \"eventStreams[0].name is empty\"\n"})
	ruleKafkaName = define(verdict.Rule{Code: "M453", Name: "kafka-name", Severity: verdict.Error,
		Summary: "kafka topics and users have names of up to 63 lower case letters, digits, dashes and dots",
		Good:    "kafkaResources: {topics: [{name: my-topic}]}\n", Bad: "kafkaResources: {topics: [{name: my_topic}]} # want 34 `name is \"my_topic\"`\n"})
	ruleKafkaRange = define(verdict.Rule{Code: "M709", Name: "kafka-range", Severity: verdict.Warning,
		Summary: "topics have 1 to 9999 partitions and 1 to 32766 replicas",
		Good:    "kafkaResources: {topics: [{name: t, partitions: 3, replicas: 3}]}\n", Bad: "kafkaResources: {topics: [{name: t, partitions: 10000}]} # want 49 \"kafkaResources.topics[0].partitions is 10000\"\n"})
)
