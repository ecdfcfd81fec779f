package manifest

import (
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

const (
	inVault      = "IN_VAULT"         // a value that Vault holds
	inlinePrefix = "SHIPCAT_SECRET::" // what the filter as_secret puts in front
	stubSecret   = "aGVsbG8gd29ybGQ=" // stands for what Vault would say
)

// secrets are the secret variables of all containers of a service.
type secrets struct {
	vault  map[string]*yamldoc.Value
	inline map[string]secret
}

// secret is a rendered variable that holds a secret.
type secret struct {
	v    *yamldoc.Value
	text string
}

func isSecret(text string) bool { return text == inVault || strings.HasPrefix(text, inlinePrefix) }

// secret sorts a secret. A name is secret in one way, and in two containers a
// template gives it different values: that is what shipcat asks, though it seems
// to have meant the same value.
func (r *renderer) secret(s secret) {
	v := s.v
	inline, ok := strings.CutPrefix(s.text, inlinePrefix)
	switch {
	case s.text == inVault:
		r.secrets.vault[v.Key()] = v
		if other, clash := r.secrets.inline[v.Key()]; clash {
			r.secretClash(v, other.v)
		}
	case ok:
		if other, clash := r.secrets.vault[v.Key()]; clash {
			r.secretClash(v, other)
		}
		if other, again := r.secrets.inline[v.Key()]; again && other.text == inline {
			r.add(ruleSecretRepeated.At(v.KeyPlace(), fmt.Sprintf("the secret %s is given the same value in two containers", v.Key()), "drop preserveEnv, or make it a secret in one container"))
		}
		r.secrets.inline[v.Key()] = secret{v, inline}
	}
}

func (r *renderer) secretClash(v, other *yamldoc.Value) {
	r.add(ruleSecretClash.At(v.KeyPlace(), fmt.Sprintf("%s is a secret from Vault in one container and from a template in another, in line %d", v.Key(), other.KeyPlace().Line), "use two names, or one way"))
}

// secretFiles are base64, or in Vault.
func (e *evaluation) secretFiles() {
	for _, f := range e.m.Get("secretFiles").Items() {
		if f.Good() && f.Text() != inVault && !isBase64(f.Text()) {
			e.fault(ruleBase64, f, fmt.Sprintf("%s is not base64 in the standard alphabet", f.Path()), "encode the file without line breaks, or write IN_VAULT")
		}
	}
}

// isBase64 takes the standard alphabet with or without padding, and does not
// mind bits that are left over.
func isBase64(s string) bool {
	digits := strings.TrimRight(s, "=")
	padding := len(s) - len(digits)
	for i := range len(digits) {
		c := digits[i]
		if !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/') {
			return false
		}
	}
	most := (4 - len(digits)%4) % 4
	return len(digits)%4 != 1 && padding <= most
}

// Shipcat's checks of secrets while it fills in a manifest, with values stubbed as in its
// validation without a vault.
var (
	ruleSecretClash = define(verdict.Rule{Code: "M511", Name: "secret-clash", Severity: verdict.Error,
		Summary: "a secret comes either from Vault or from a template, in all containers",
		Good:    "env: {A: IN_VAULT}\nsidecars: [{name: s, env: {A: IN_VAULT}}]\n",
		Bad:     "env: {A: IN_VAULT}\nsidecars: [{name: s, env: {A: \"{{ region | as_secret }}\"}}] # want 28 \"A is a secret from Vault in one container\"\n"})
	ruleSecretRepeated = define(verdict.Rule{Code: "M512", Name: "secret-repeated", Severity: verdict.Error,
		Summary: "a secret from a template is given once",
		Doc:     "Also preserveEnv: true repeats it.",
		Good:    "env: {A: \"{{ region | as_secret }}\"}\nsidecars: [{name: s}]\n",
		Bad:     "env: {A: \"{{ region | as_secret }}\"} # want 7 \"the secret A is given the same value in two containers\"\nsidecars: [{name: s, preserveEnv: true}]\n"})
	ruleBase64 = define(verdict.Rule{Code: "M513", Name: "not-base64", Severity: verdict.Error,
		Summary: "secret files are base64 or IN_VAULT",
		Good:    "secretFiles: {a: aGVsbG8=}\n", Bad: "secretFiles: {a: hello world} # want 18 \"secretFiles.a is not base64 in the standard alphabet\"\n"})
)
