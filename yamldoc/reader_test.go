package yamldoc

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

// testRules are called as the fields of Rules are.
var testRules = func() (r Rules) {
	v := reflect.ValueOf(&r).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		rule := verdict.Rule{Code: name, Name: name, Severity: verdict.Error}
		if name == "IgnoredField" || name == "RepeatedKey" {
			rule.Severity = verdict.Warning
		}
		v.Field(i).Set(reflect.ValueOf(rule))
	}
	return r
}()

// testReader reads files under a profile.
func testReader(p *Profile) *Reader {
	return &Reader{Profile: p, Rules: &testRules, MaxErrors: 100, Template: QuoteTemplate}
}

// say puts findings as lines: rule, place, path, message and help.
func say(findings []verdict.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %d:%d %s: %s", f.Rule, f.Line, f.Column, f.Path, f.Message)
		if f.Help != "" {
			fmt.Fprintf(&b, " (%s)", f.Help)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// read is a text as a t under a profile, which it fits.
func read(tb testing.TB, p *Profile, name, text string, t *Type) *Value {
	tb.Helper()
	v := testReader(p).Read(name, []byte(text), t, func(f verdict.Finding) { tb.Errorf("%s: %s at %s", name, f.Message, f.Place) })
	if !v.Good() {
		tb.Fatalf("%s cannot be read", name)
	}
	return v
}
