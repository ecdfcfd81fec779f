package yamldoc

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
		kind    ScalarKind
		relaxed string
	}{
		{"~", NullScalar, "~"},
		{"null", NullScalar, "~"},
		{"Null", StringScalar, "Null"},
		{"true", BoolScalar, "true"},
		{"True", StringScalar, "True"},
		{"yes", StringScalar, "yes"},
		{"off", StringScalar, "off"},
		{"0", IntScalar, "0"},
		{"+5", IntScalar, "5"},
		{"-0", IntScalar, "0"},
		{"-12", IntScalar, "-12"},
		{"0x10", IntScalar, "16"},
		{"0o17", IntScalar, "15"},
		{"-0b11", IntScalar, "-3"},
		{"0xg", StringScalar, "0xg"},
		{"12345678901234567890", IntScalar, "12345678901234567890"},
		{"010", StringScalar, "010"},
		{"00", StringScalar, "00"},
		{"1_000", StringScalar, "1_000"},
		{"--1", StringScalar, "--1"},
		{"1.50", FloatScalar, "1.5"},
		{"1.", FloatScalar, "1"},
		{".5", FloatScalar, "0.5"},
		{"1e3", FloatScalar, "1000"},
		{"+2E-4", FloatScalar, "0.0002"},
		{"1e21", FloatScalar, "1000000000000000000000"},
		{"1e-7", FloatScalar, "0.0000001"},
		{".inf", FloatScalar, "inf"},
		{"+.INF", FloatScalar, "inf"},
		{"-.Inf", FloatScalar, "-inf"},
		{".NaN", FloatScalar, "NaN"},
		{"inf", StringScalar, "inf"},
		{"nan", StringScalar, "nan"},
		{"1e999", StringScalar, "1e999"},
		{"0x1p4", StringScalar, "0x1p4"},
		{"2020-01-01", StringScalar, "2020-01-01"},
		{"12:30", StringScalar, "12:30"},
		{"1.2.3", StringScalar, "1.2.3"},
		{"'5'", StringScalar, "5"},
		{`"true"`, StringScalar, "true"},
		{`""`, StringScalar, ""},
		{"!!int 5", IntScalar, "5"},
		{"!!int x", InvalidScalar, "x"},
		{"!!float 5", FloatScalar, "5"},
		{"!!bool yes", InvalidScalar, "yes"},
		{"!!str true", StringScalar, "true"},
		{"!mine 5", StringScalar, "5"},
		{"!!int '5'", StringScalar, "5"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			var doc yaml.Node
			if err := yaml.Unmarshal([]byte(tt.text), &doc); err != nil {
				t.Fatal(err)
			}
			s := Serde.Scalars.Node(doc.Content[0])
			if s.Kind != tt.kind || Serde.Scalars.Relaxed(s) != tt.relaxed {
				t.Errorf("got %s %q; expected %s %q", s.Kind, Serde.Scalars.Relaxed(s), tt.kind, tt.relaxed)
			}
		})
	}
}
