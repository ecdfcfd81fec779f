package manifest

import (
	"testing"

	"gopkg.in/yaml.v3"
)

// TestScalars lists what scalars mean in the dialect, and how they read where
// any scalar stands for a string. YAML libraries differ in most of these.
func TestScalars(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text    string
		kind    scalarKind
		relaxed string
	}{
		{"~", scalarNull, "~"},
		{"null", scalarNull, "~"},
		{"Null", scalarString, "Null"},
		{"true", scalarBool, "true"},
		{"True", scalarString, "True"},
		{"yes", scalarString, "yes"},
		{"off", scalarString, "off"},
		{"0", scalarInt, "0"},
		{"+5", scalarInt, "5"},
		{"-0", scalarInt, "0"},
		{"-12", scalarInt, "-12"},
		{"0x10", scalarInt, "16"},
		{"0o17", scalarInt, "15"},
		{"-0b11", scalarInt, "-3"},
		{"0xg", scalarString, "0xg"},
		{"12345678901234567890", scalarInt, "12345678901234567890"},
		{"010", scalarString, "010"},
		{"00", scalarString, "00"},
		{"1_000", scalarString, "1_000"},
		{"--1", scalarString, "--1"},
		{"1.50", scalarFloat, "1.5"},
		{"1.", scalarFloat, "1"},
		{".5", scalarFloat, "0.5"},
		{"1e3", scalarFloat, "1000"},
		{"+2E-4", scalarFloat, "0.0002"},
		{"1e21", scalarFloat, "1000000000000000000000"},
		{"1e-7", scalarFloat, "0.0000001"},
		{".inf", scalarFloat, "inf"},
		{"+.INF", scalarFloat, "inf"},
		{"-.Inf", scalarFloat, "-inf"},
		{".NaN", scalarFloat, "NaN"},
		{"inf", scalarString, "inf"},
		{"nan", scalarString, "nan"},
		{"1e999", scalarString, "1e999"},
		{"0x1p4", scalarString, "0x1p4"},
		{"2020-01-01", scalarString, "2020-01-01"},
		{"12:30", scalarString, "12:30"},
		{"1.2.3", scalarString, "1.2.3"},
		{"'5'", scalarString, "5"},
		{`"true"`, scalarString, "true"},
		{`""`, scalarString, ""},
		{"!!int 5", scalarInt, "5"},
		{"!!int x", scalarInvalid, "x"},
		{"!!float 5", scalarFloat, "5"},
		{"!!bool yes", scalarInvalid, "yes"},
		{"!!str true", scalarString, "true"},
		{"!mine 5", scalarString, "5"},
		{"!!int '5'", scalarString, "5"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			var doc yaml.Node
			if err := yaml.Unmarshal([]byte(tt.text), &doc); err != nil {
				t.Fatal(err)
			}
			s := Serde.Scalars.node(doc.Content[0])
			if s.kind != tt.kind || Serde.Scalars.relaxed(s) != tt.relaxed {
				t.Errorf("got %s %q; expected %s %q", s.kind, Serde.Scalars.relaxed(s), tt.kind, tt.relaxed)
			}
		})
	}
}
