package verdict

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestOwnersAreShortTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "",
		" team \n":               "team",
		"te\xffam":               "te\ufffdam",
		strings.Repeat("é", 300): strings.Repeat("é", 256),
	} {
		if got := (Subject{}).Of(Part{Decision: Decision{Owner: text}}).Owner(); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// TestIdentitiesAreBounded: long ones differ where their texts do, and stay as they are once they
// are short.
func TestIdentitiesAreBounded(t *testing.T) {
	t.Parallel()
	identity := func(text string) string {
		return (Subject{}).Of(Part{Decision: Decision{Findings: []Finding{{Identity: text}}}}).Findings()[0].Identity
	}
	long := strings.Repeat("é", 500)
	first := identity(long)
	if len(first) > maxIdentity || !utf8.ValidString(first) || !strings.HasPrefix(first, "éé") {
		t.Errorf("%d bytes: %q", len(first), first)
	}
	if first == identity(long+"x") || first != identity(first) || first != identity(long) || identity("short") != "short" {
		t.Errorf("%q", first)
	}
}
