package manifest

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

// TestAmountsAreExact: a thousandth is a thousandth, for every whole number of them up to the
// ceiling, as integers have it, and so is a piece of memory.
func TestAmountsAreExact(t *testing.T) {
	t.Parallel()
	cpu := func(text string) *big.Rat { return exact(t, cpuUnits, text) }
	memory := func(text string) *big.Rat { return exact(t, memoryUnits, text) }
	for milli := range int64(36_001) {
		inMilli, want := cpu(fmt.Sprintf("%dm", milli)), big.NewRat(milli, 1000)
		decimal := fmt.Sprintf("%d.%03d", milli/1000, milli%1000)
		for _, got := range []*big.Rat{inMilli, cpu(decimal), cpu(strings.TrimRight(decimal, "0")), cpu(decimal+"000m").Mul(big.NewRat(1000, 1), cpu(decimal+"m"))} {
			if got.Cmp(want) != 0 {
				t.Fatalf("%d thousandths: got %v; expected %v", milli, got, want)
			}
		}
		if next := cpu(fmt.Sprintf("%dm", milli+1)); next.Cmp(inMilli) != 1 {
			t.Fatalf("%dm is not above %dm", milli+1, milli)
		}
	}
	for n := range int64(3000) {
		bytes := big.NewRat(n<<20, 1000)
		if got := memory(fmt.Sprintf("%d.%03dMi", n/1000, n%1000)); got.Cmp(bytes) != 0 {
			t.Fatalf("%d thousandths of a Mi: got %v; expected %v", n, got, bytes)
		}
	}
	for a, b := range map[string]string{"1Ki": "1024", "0.5Gi": "512Mi", "1.5K": "1500", "1P": "1000T", "1Pi": "1024Ti", "5.": "5", ".5M": "500K"} {
		if memory(a).Cmp(memory(b)) != 0 {
			t.Errorf("%s is %v, and %s is %v", a, memory(a), b, memory(b))
		}
	}
}

func exact(t *testing.T, u *units, text string) *big.Rat {
	t.Helper()
	a := u.parse(text)
	if a.number == nil {
		t.Fatalf("%s: %s", text, a.message)
	}
	return new(big.Rat).Set(a.number)
}

func TestAmountsThatAreNone(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 1<<20)
	tests := []struct{ text, want string }{
		{"", "expected a number and a unit"},
		{".", "expected a number and a unit"},
		{"1.2.3", "expected a number and a unit"},
		{"-1", "expected a number and a unit"},
		{"+1", "expected a number and a unit"},
		{" 1", "expected a number and a unit"},
		{"1 ", `the unit " " is unknown`},
		{"1e3", `the unit "e3" is unknown`},
		{"1e999999999", `the unit "e999999999" is unknown`},
		{"1/2", `the unit "/2" is unknown`},
		{"0x10", `the unit "x10" is unknown`},
		{"1_000", `the unit "_000" is unknown`},
		{"1M", `the unit "M" is unknown`},
		{"１", "expected a number and a unit"},
		{"0." + long, "it has 1048578 digits; expected at most 400"},
		{long + "m", "it has 1048576 digits; expected at most 400"},
		{"1" + long[:3] + strings.Repeat("x", 99), `the unit "` + strings.Repeat("x", 60) + `…" is unknown`},
	}
	start := time.Now()
	for _, tt := range tests {
		if a := cpuUnits.parse(tt.text); a.message != tt.want || a.number != nil {
			t.Errorf("%.20q: got %q, %v; expected %q", tt.text, a.message, a.number, tt.want)
		}
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %v", took)
	}
}

// TestRequestsUpToTheirLimits compares amounts that are written in two ways.
func TestRequestsUpToTheirLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		request, limit string
		above          bool
	}{
		{"700m", "0.7", false}, {"0.7", "700m", false}, {"350m", "0.35", false}, {"1400m", "1.4", false}, {"700m", `"0.70"`, false}, {"0.036k", "36", false},
		{"701m", "0.7", true}, {"0.7000000000000000000001k", "36", true}, {`"0.70000000000000001"`, "700m", true}, {"1e-1", "100m", false}, {"1e300", "36", true},
	} {
		got := errorRules(found(t, fmt.Sprintf("resources:\n  requests: {cpu: %s, memory: 1Mi}\n  limits: {cpu: %s, memory: 1Mi}\n", tt.request, tt.limit)))
		if above := strings.Contains(fmt.Sprint(got), ruleRequestAboveLimit.Code); above != tt.above {
			t.Errorf("%s below a limit of %s: got %v", tt.request, tt.limit, got)
		}
	}
}
