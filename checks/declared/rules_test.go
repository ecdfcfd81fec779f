package declared

import "testing"

func TestSummaries(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Check{
		"its files can be read":                               {Verb: Syntax},
		"it is valid by the schema a.json":                    {Verb: Schema, Schema: "a.json"},
		"`self.a == 1` is true":                               {Verb: Rule, Rule: "self.a\n== 1"},
		"`self.a` is true where `has(self.a)` is":             {Verb: Rule, Rule: "self.a", When: "has(self.a)"},
		"no two units give the same id":                       {ID: "a/unique", Verb: Unique, Keys: []string{"id"}, As: []string{"a/unique"}},
		"no two units give the same rule id":                  {ID: "a/unique", Verb: Unique, Text: "id: (.+)", As: []string{"rule id"}},
		"each a, b is known as port":                          {Verb: Exists, Keys: []string{"a", "b"}, As: []string{"port"}},
		"each match of `id: (.+)` is known as x, y or z":      {Verb: Exists, Text: "id: (.+)", As: []string{"x", "y", "z"}},
		"following each a from port to port never leads back": {Verb: Acyclic, Keys: []string{"a"}, As: []string{"port"}},
		"each a is made known as output":                      {Verb: Provides, Keys: []string{"a"}, As: []string{"output"}},
	} {
		if got := c.summary(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
