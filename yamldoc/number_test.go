package yamldoc

import (
	"fmt"
	"testing"
)

// TestNumber: the value of a number is of the type that holds it.
func TestNumber(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, yaml12, kubernetes string }{
		{"5", "int64 5", "int64 5"},
		{"-9223372036854775808", "int64 -9223372036854775808", "int64 -9223372036854775808"},
		{"9223372036854775808", "uint64 9223372036854775808", "uint64 9223372036854775808"},
		{"18446744073709551616", "json.Number 18446744073709551616", "float64 1.8446744073709552e+19"},
		{"-00018446744073709551616", "json.Number -18446744073709551616", "float64 -1.8446744073709552e+19"},
		{"0x10000000000000000", "json.Number 18446744073709551616", "json.Number 18446744073709551616"},
		{"1_000.5", "<nil> <nil>", "float64 1000.5"},
		{"1.50", "float64 1.5", "float64 1.5"},
		{"+.inf", "float64 +Inf", "float64 +Inf"},
		{"-.Inf", "float64 -Inf", "float64 -Inf"},
		{".NaN", "float64 NaN", "float64 NaN"},
		{"-0001.5e999", "json.Number -1.5e999", "<nil> <nil>"},
		{"+1.e+999", "json.Number 1e+999", "<nil> <nil>"},
		{".5E999", "json.Number 0.5E999", "<nil> <nil>"},
		{"1e-999", "float64 0", "float64 0"},
		{"text", "<nil> <nil>", "<nil> <nil>"},
	}
	for _, tt := range tests {
		for p, want := range map[*Profile]string{YAML12: tt.yaml12, Kubernetes: tt.kubernetes} {
			v := p.Scalars.Number(p.Scalars.Plain(tt.text))
			if got := fmt.Sprintf("%T %v", v, v); got != want {
				t.Errorf("%s in %s: %s; expected %s", tt.text, p.Name, got, want)
			}
		}
	}
}
