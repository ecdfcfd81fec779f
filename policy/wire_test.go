package policy_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// filled is a value of a type with something in each field that travels.
func filled(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).Tag.Get("json") != "-" {
				v.Field(i).Set(filled(t.Field(i).Type))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(filled(t.Elem()))
	case reflect.Slice:
		v.Set(reflect.Append(v, filled(t.Elem())))
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(filled(t.Key()), filled(t.Elem()))
	case reflect.String:
		v.SetString("some")
	case reflect.Int:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	}
	return v
}

func TestPoliciesTravel(t *testing.T) {
	t.Parallel()
	p := filled(reflect.TypeFor[policy.Policy]()).Interface().(policy.Policy)
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := policy.Decode(text)
	if diff := cmp.Diff(p, got); diff != "" || err != nil {
		t.Errorf("%v, -sent +read:\n%s", err, diff)
	}
}

// TestWhatIsTheCollectorsOwnStays: nothing travels of a policy that only says how strict
// somebody is.
func TestWhatIsTheCollectorsOwnStays(t *testing.T) {
	t.Parallel()
	p := policy.Policy{FailOn: verdict.Warning, Today: today, Rules: known, Joined: []string{"T4"}, SomeRegions: true}
	if text, err := p.Encode(); text != nil || err != nil {
		t.Errorf("%s, %v; expected nothing", text, err)
	}
}

func TestPoliciesAreBounded(t *testing.T) {
	t.Parallel()
	entries := make([]policy.Entry, 20)
	for i := range entries {
		entries[i].Message = strings.Repeat("x", 1<<20)
	}
	_, err := policy.Policy{Baseline: &policy.Baseline{Entries: entries}}.Encode()
	if err == nil || !strings.Contains(err.Error(), "16777216 at most") {
		t.Errorf("20 MiB: %v", err)
	}
}

func TestForeignPoliciesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "[]", `{"ignores": 1}`, `{"of the next version": true}`, "{} {}"} {
		if p, err := policy.Decode([]byte(text)); err == nil {
			t.Errorf("%q was read as %+v", text, p)
		}
	}
}
