package foreign

import (
	"strings"
	"testing"
	"time"
)

// TestExpression: what some Prometheus loads passes, and a fault has its place: what is never
// closed where it is opened, what lacks something at its end.
func TestExpression(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, at, want string }{
		{"up == 0", "", ""},
		{"limitk(1, up)", "", ""},
		{"up and on (job) limit_ratio(0.5, up)", "", ""},
		{"holt_winters(up[5m], 0.5, 0.5)", "", ""},
		{"double_exponential_smoothing(up[5m], 0.5, 0.5)", "", ""},
		{"info(up)", "", ""},
		{"up + fill(0) down", "", ""},
		{"limitk(up)", "limitk(up)", "wrong number of arguments for aggregate expression provided, expected 2, got 1"},
		{"holt_winters(up)", "holt_winters(up)", "expected 3 argument(s) in call to \"holt_winters\", got 1"},
		{"nosuch(up)", "nosuch(up)", "unknown function with name \"nosuch\""},
		{"sum(rate(up[5m]) > 1\n", "(rate(up[5m]) > 1\n", "unclosed left parenthesis"},
		{"up[5m\n", "[5m\n", "unclosed left bracket"},
		{"up{a=\"b\"\n", "{a=\"b\"\n", "unexpected end of input inside braces"},
		{"(sum(up)\n  # never closed", "(sum(up)\n  # never closed", "unclosed left parenthesis"},
		{"up +\n\n", "\n\n", "unexpected end of input"},
		{"up{a='b}", "'b}", "unterminated quoted string"},
		{"up ) down", ") down", "unexpected right parenthesis ')'"},
		{"rate(up) > 1", "up) > 1", "expected type range vector in call to function \"rate\", got instant vector"},
		{"up{a=~\"(\"}", "a=~\"(\"}", "error parsing regexp: missing closing ): `(`"},
		{"", "", "no expression found in input"},
	}
	for _, tt := range tests {
		left := ServiceWork
		got := Expression(tt.text, &left)
		switch {
		case tt.want == "" && got == nil:
		case got == nil:
			t.Errorf("%q passes; expected %q", tt.text, tt.want)
		case tt.text[got.Offset:] != tt.at || got.Msg != tt.want || got.Bound:
			t.Errorf("%q: got %q at %q; expected %q at %q", tt.text, got.Msg, tt.text[got.Offset:], tt.want, tt.at)
		}
	}
}

// TestExpressionBounds: what an expression may take is judged before it is parsed.
func TestExpressionBounds(t *testing.T) {
	t.Parallel()
	rep := strings.Repeat
	const deep = "brackets are nested more than 128 deep here"
	tests := []struct{ name, text, want string }{
		{"ordinary and long", "sum(a)" + rep(" or sum(a)", 8000), ""},
		{"many matchers", "a{" + rep(`b="c",`, 10_000) + "}", ""},
		{"many arguments", "sum by (" + rep("a,", 20_000) + "b) (a)", ""},
		{"nested", rep("(", 128) + "a" + rep(")", 128), ""},
		{"parentheses", rep("(", 100_000) + "a" + rep(")", 100_000), deep},
		{"parentheses that stay open", rep("(", 100_000), deep},
		{"calls", rep("abs(", 20_000) + "a" + rep(")", 20_000), deep},
		{"aggregations", rep("sum by (a) (", 20_000) + "a" + rep(")", 20_000), deep},
		{"sums", "a" + rep("+a", 100_000), "it has more than 10000 operators"},
		{"powers", "a" + rep("^a", 100_000), "it has more than 10000 operators"},
		{"signs", rep("-", 100_000) + "a", "it has more than 10000 operators"},
		{"subqueries", "a" + rep("[5m:]", 50_000), "it has more than 10000 operators"},
		{"long", "a" + rep(" ", 1<<20), "it is 1048577 bytes long; expected at most 262144"},
		{"patterns", `a{b=~"` + rep("a{1000}", 2000) + `"}`, "the regular expression is too large: "},
		{"patterns behind a comment", "a{b=~ # c\n'" + rep("a{1000}", 2000) + `'}`, "the regular expression is too large: "},
		{"patterns in a short one", `a{b!~"` + rep("a{999}", 70) + rep("a{999}", 40) + `"}`, "the regular expression is too large: "},
		{"escaped patterns", `a{b=~"` + rep(`\x61{1000}`, 200) + `"}`, "the regular expression is too large: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			within(t, 2*time.Minute, func() {
				left := ServiceWork
				got := Expression(tt.text, &left)
				if tt.want == "" && got != nil || tt.want != "" && (got == nil || !got.Bound || !strings.HasPrefix(got.Msg, tt.want)) {
					t.Errorf("got %+v; expected %q", got, tt.want)
				}
			})
		})
	}
}

// TestExpressionsShareWork: as much as one service may have, and then nothing but short ones.
func TestExpressionsShareWork(t *testing.T) {
	t.Parallel()
	sum := "a" + strings.Repeat("+a", 9000)
	left, refused := ServiceWork, 0
	within(t, 2*time.Minute, func() {
		for range 50 {
			if err := Expression(sum, &left); err != nil && err.Bound {
				refused++
			}
		}
	})
	if refused != 49 {
		t.Errorf("%d of 50 were refused", refused)
	}
	if err := Expression("up == 0", &left); err != nil {
		t.Errorf("a short expression afterwards: %v", err)
	}
}

// FuzzExpression: an answer to any text, with a place in it.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		"up == 0", "sum(rate(errors[5m]))\n  /\nsum(rate(requests[5m)) > 0.1", "sum(a", "a[5m", "a{b", "'", "a{b=~\"(a{1000}){1000}\"}", "limitk(1, a)", "holt_winters(a[1h], 0.1, 0.1)",
		"a @ start() offset -5m", "a[5m:1m] @ 1.5", "{\"utf.8\", b!~'c'}", "1 > bool 2", "-1 ^ -2", "sum by (a,) (b)", "a and on(x) group_left(y) b", "histogram_quantile(.9, a)", "info(a, {b=\"c\"})",
		"a + fill_left(1) b", "a smoothed", "a[5m] anchored", "a[step()+5m]", "a offset (1+2)", "# c\n1", "1e400", "0x1p", "NaN", "a{b=\"\\xff\"}", "\xff", "`a", "a == on() b", "{}", "a{}[", ")", "sort(a,b)",
		"time() - absent(a{b=~\".+\"})", "a atan2 b", "{a=\"b\" or c=\"d\"}", "count_values(\"x\", a)", "a{b=~ # c\n'x'}", "1_000 + 1h30m", "quantile without (a) (0.5, b)",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		answered(t, text, func() error {
			left := ServiceWork
			if err := Expression(text, &left); err != nil {
				if err.Offset < 0 || err.Offset > len(text) || err.Msg == "" || left < 0 {
					t.Errorf("%+v, %d left", err, left)
				}
				return err
			}
			return nil
		})
	})
}
