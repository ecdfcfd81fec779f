package verdict

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestPlainDecisions: what the short way reads, the long way reads as well, and the same.
func TestPlainDecisions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		plain      bool
	}{
		{"nothing", `{"regions":[]}`, true},
		{"all that it may have", `{"regions":["dev-uk","prod-uk"],"standing":"disabled","owner":"platform","claims":["0 0 j1f selects","M606","a/b.yml","a","42 9 j3p needs","M604","M606","M607","d[0].name","b","43 9 r1p unique","eu","d[1].name","c"]}`, true},
		{"letters of all languages", `{"regions":["dev-uk"],"owner":"Łódź"}`, true},
		{"no regions", `{"regions":null}`, false},
		{"a finding", `{"regions":[],"findings":[{"rule":"M1","name":"n","severity":"error","message":"m","file":"f"}]}`, false},
		{"a mark", `{"regions":[],"marks":[{"file":"f"}]}`, false},
		{"an impure one", `{"regions":[],"impure":true}`, false},
		{"an escape", `{"regions":[],"owner":"a\u003cb"}`, false},
		{"a break", "{\"regions\":[],\"owner\":\"a\nb\"}", false},
		{"bytes that are no letters", "{\"regions\":[],\"owner\":\"\xff\"}", false},
		{"an order of its own", `{"owner":"a","regions":[]}`, false},
		{"twice the same", `{"regions":[],"owner":"a","owner":"b"}`, false},
		{"a comma too many", `{"regions":["a",]}`, false},
		{"a comma too few", `{"regions":["a""b"]}`, false},
		{"no text", `{"regions":[1]}`, false},
		{"an end too early", `{"regions":["a`, false},
		{"more behind it", `{"regions":[]}{}`, false},
		{"claims that are none", `{"regions":[],"claims":["1 1 j9 unique","k"]}`, false},
		{"spaces", `{"regions": []}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, ok := plainDecision(tt.body)
			if ok != tt.plain {
				t.Fatalf("it is read the short way: %v", ok)
			}
			if !ok {
				return
			}
			if want, err := anyDecision(tt.body); err != nil || !reflect.DeepEqual(d, want) {
				t.Errorf("it is %+v, want %+v (%v)", d, want, err)
			}
		})
	}
}

// TestClaimsAreTheirOwn: a decision that is read later does not change what an earlier one claims.
func TestClaimsAreTheirOwn(t *testing.T) {
	t.Parallel()
	const body = `{"regions":["eu"],"claims":["1 1 j2fr1 unique","A","B","f.yml","uk","k"]}`
	first, ok := plainDecision(body)
	if !ok {
		t.Fatal("it is not read the short way")
	}
	for range 100 {
		if _, ok := plainDecision(strings.NewReplacer("A", "X", "B", "Y", "uk", "zz").Replace(body)); !ok {
			t.Fatal("another is not read the short way")
		}
	}
	want, err := anyDecision(body)
	if err != nil || !reflect.DeepEqual(first, want) {
		t.Errorf("it is %+v, want %+v (%v)", first, want, err)
	}
}

// FuzzPlainDecision: what the short way reads, the long way reads as well, and the same.
func FuzzPlainDecision(f *testing.F) {
	f.Add(`{"regions":["dev-uk"],"standing":"disabled","owner":"platform","claims":["1 1 j2fr1 unique","A","B","f.yml","uk","k"]}`)
	f.Add(`{"regions":[],"owner":"a\u003cb"}`)
	f.Fuzz(func(t *testing.T, body string) {
		d, ok := plainDecision(body)
		if !ok {
			return
		}
		if want, err := anyDecision(body); err != nil || !reflect.DeepEqual(d, want) {
			t.Errorf("it is %+v, want %+v (%v)", d, want, err)
		}
	})
}

// TestJoinsOfOtherDecisionsStay: claims in a row share their names, and none gets those of another.
func TestJoinsOfOtherDecisionsStay(t *testing.T) {
	t.Parallel()
	decode := func(joins ...string) Decision {
		var claims []Claim
		for _, name := range joins {
			claims = append(claims, Claim{Joins: []string{name}, Role: Needs, Key: "k", Place: Place{File: "f", Line: 1}})
		}
		body, _, err := EncodeDecision(Decision{Regions: []string{"eu"}, Claims: claims})
		if err != nil {
			t.Fatal(err)
		}
		d, ok := plainDecision(string(body))
		if !ok {
			t.Fatalf("%s is not plain", body)
		}
		return d
	}
	for range 100 {
		first, second, third := decode("a", "b", "a"), decode("a", "c"), decode("a")
		var got []string
		for _, c := range slices.Concat(first.Claims, second.Claims, third.Claims) {
			got = append(got, c.Joins...)
		}
		if want := []string{"a", "b", "a", "a", "c", "a"}; !slices.Equal(got, want) {
			t.Fatalf("joins %q, want %q", got, want)
		}
	}
}
