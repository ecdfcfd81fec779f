package report

import (
	"bytes"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seed306eabeb/muster/verdict"
)

const eventsSchemaFile = "../docs/events.schema.json"

func eventsSchema(t *testing.T) map[string]any {
	t.Helper()
	b, err := os.ReadFile(eventsSchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, b).(map[string]any)
}

// compileEvents is the schema of events beside the one of the report, which it refers to.
func compileEvents(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	report := readSchema(t).(map[string]any)
	for name, schema := range map[string]any{"https://muster.test/events.schema.json": without(eventsSchema(t), "$id"), "https://muster.test/report.schema.json": without(report, "$id")} {
		if err := c.AddResource(name, schema); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("https://muster.test/events.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func without(schema map[string]any, key string) map[string]any {
	schema = maps.Clone(schema)
	delete(schema, key)
	return schema
}

// toldLive are the events of a run that was followed.
func toldLive(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	e := newEvents(&b, Options{})
	e.Run(Run{ID: "r-1", Started: started})
	for _, v := range errsOfAllKinds() {
		e.Unit(v)
	}
	e.Unit(about("several").Of(verdict.Part{Check: "chart", Failure: "unreadable"}, verdict.Part{Check: "manifest", Failure: "it panicked"}))
	total := 9
	e.Progress(Progress{At: started, Listed: 9, Decided: 7, Errs: 2, Total: &total})
	if err := e.End(kinds(), Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEventsMatchTheirSchema holds every event of every case against the published schema, and
// has no field that the schema does not name: what an event says is documented.
func TestEventsMatchTheirSchema(t *testing.T) {
	t.Parallel()
	schema, raw := compileEvents(t), eventsSchema(t)
	known := fieldsOfEvents(t, raw)
	check := func(what string, out []byte) {
		for line := range bytes.Lines(out) {
			event := decode(t, line).(map[string]any)
			if err := schema.Validate(event); err != nil {
				t.Errorf("%s: %v: %s", what, err, line)
			}
			for field := range event {
				if kind, _ := event["event"].(string); !known[kind][field] {
					t.Errorf("%s: the schema does not name the field %q of the event %s", what, field, kind)
				}
			}
		}
	}
	check("a run that was followed", toldLive(t))
	for name, c := range machineCases() {
		check(name, written(t, ndjsonFormat, c.report, c.text))
	}
	for _, c := range cases() {
		if c.report.Summary.Expected < 1000 {
			check(c.name, written(t, ndjsonFormat, c.report, c.text))
		}
	}
}

// fieldsOfEvents are those that the schema names, by the event.
func fieldsOfEvents(t *testing.T, schema map[string]any) map[string]map[string]bool {
	t.Helper()
	all := map[string]map[string]bool{}
	for kind, def := range schema["$defs"].(map[string]any) {
		all[kind] = map[string]bool{"schema": true, "event": true}
		properties := []any{def.(map[string]any)["properties"]}
		if kind == "finding" {
			finding := readSchema(t).(map[string]any)["$defs"].(map[string]any)["finding"].(map[string]any)
			properties = append(properties, finding["properties"])
		}
		for _, some := range properties {
			for name := range some.(map[string]any) {
				all[kind][name] = true
			}
		}
	}
	return all
}

// TestTheEventsSchemaRejects shows that it says something.
func TestTheEventsSchemaRejects(t *testing.T) {
	t.Parallel()
	schema := compileEvents(t)
	for name, c := range map[string]struct {
		line  string
		valid bool
	}{
		"a later event":            {`{"schema":"muster.events/v1","event":"later","x":1}`, true},
		"another version":          {`{"schema":"muster.events/v2","event":"later"}`, false},
		"no event":                 {`{"schema":"muster.events/v1"}`, false},
		"a unit without a kind":    {`{"schema":"muster.events/v1","event":"unit","service":"a","unit":"","regions":[],"digest":""}`, false},
		"a unit":                   {`{"schema":"muster.events/v1","event":"unit","service":"a","unit":"","kind":"ok","regions":[],"digest":""}`, true},
		"progress in words":        {`{"schema":"muster.events/v1","event":"progress","at":"now","listed":1,"decided":1,"errs":0}`, false},
		"a finding without a rule": {`{"schema":"muster.events/v1","event":"finding","service":"a"}`, false},
		"half a summary":           {`{"schema":"muster.events/v1","event":"summary","complete":true}`, false},
	} {
		if err := schema.Validate(decode(t, []byte(c.line))); (err == nil) != c.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDocsNameEveryFieldOfEvents compares the schema with the page beside it.
func TestDocsNameEveryFieldOfEvents(t *testing.T) {
	t.Parallel()
	page, fields := readFile(t, "../docs/reports.md"), 0
	for kind, names := range fieldsOfEvents(t, eventsSchema(t)) {
		for name := range names {
			fields++
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("docs/reports.md does not name the field %q of the event %s", name, kind)
			}
		}
	}
	if fields < 40 {
		t.Errorf("the schema has %d fields: it is not read as it should be", fields)
	}
}
