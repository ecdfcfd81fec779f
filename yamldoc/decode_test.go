package yamldoc

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
)

// job describes a file with a field of each kind.
var (
	jobStep = NewObject("step", "A step.", WarnUnknown, Required("name", String, "What it is called."), Optional("run", ListOf(String), "What runs."))
	job     = NewObject("job", "A job.", RejectUnknown,
		Required("name", String, "What it is called."),
		Optional("title", Text, "A heading."),
		Optional("enabled", Bool, "Whether it runs."),
		Optional("retries", IntOf(0, 5), "How often."),
		Optional("kind", EnumOf("batch", "daemon"), "How it runs."),
		Optional("steps", ListOf(ObjectOf(jobStep)), "What it does."),
		Optional("labels", MapOf(String), "Labels."),
		Defaulted("env", MapOf(Relaxed), "{}", "Variables."),
		Optional("needs", Strings, "What it waits for."),
		Optional("share", IntOrStringOf(0, 9, "a number of slots or a percentage"), "How much."),
		Optional("level", String.Meaning(loud), "How loud."),
		Optional("after", IntOrListOf(0, 9, ObjectOf(jobStep)), "What comes later."),
		Optional("size", IntOf(0, 99).Meaning(dozen), "How large.")).Refusing(noOwner)
)

// dozen and loud are what a format knows better than the kind of a value.
func dozen(text string, v *Value) (Proposal, bool) {
	if text == "dozen" {
		return Write(v, "12", ""), true
	}
	return Proposal{}, false
}

func loud(string, *Value) (Proposal, bool) { return Advice("never asked: any text fits"), true }

// noOwner refuses a key in words of its own.
func noOwner(key string) (Refusal, bool) {
	return Refusal{verdict.Rule{Code: "Owner", Severity: verdict.Error}, "an owner stands elsewhere", "take it out"}, key == "owner"
}

// TestDecode: each mistake is told once, at its place, with what was meant if that is plain.
func TestDecode(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"all is well", "name: a\ntitle: 5\nenabled: true\nretries: 5\nkind: batch\nsteps: [{name: s, run: [x]}]\nlabels: {a: b}\nenv: {A: 1, B: true}\nneeds: x\nshare: 10%\n", ""},
		{"a list for one or many", "name: a\nneeds: [x, y]\nshare: 9\n", ""},
		{"a list where a number may be", "name: a\nafter: [{name: s}]\n", ""},
		{"a number where a list may be", "name: a\nafter: 3\n", ""},
		{"neither a number nor a list", "name: a\nafter: {name: s}\n", `
WrongType 2:8 after: after is a mapping; expected an integer from 0 to 9, or a list of mappings (step)
`},
		{"a list with a mistake, and a number out of range", "name: a\nsteps: [{name: s}]\nafter: [{name: s, rnu: [x]}]\nretries: 6\n", `
IgnoredField 3:19 after[0].rnu: step has no field "rnu"; it is ignored (did you mean "run"?)
OutOfRange 4:10 retries: retries is 6; expected an integer from 0 to 5
`},
		{"required", "title: x\nsteps: [{}]\n", `
MissingField 1:1 name: name is missing; expected a string (add name: what it is called)
MissingField 2:9 steps[0].name: steps[0].name is missing; expected a string (add name: what it is called)
`},
		{"a misspelt key is read as what it was meant for", "nmae: a\nretires: 9\n", `
UnknownField 1:1 nmae: job has no field "nmae" (did you mean "name"?)
UnknownField 2:1 retires: job has no field "retires" (did you mean "retries"?)
OutOfRange 2:10 retries: retries is 9; expected an integer from 0 to 5
`},
		{"a key that is like none", "name: a\nsteps: [{name: s, xyz: 1}]\n", `
IgnoredField 2:19 steps[0].xyz: step has no field "xyz"; it is ignored (one of name, run)
`},
		{"a key that is refused in other words", "name: a\nowner: b\n", `
Owner 2:1 owner: an owner stands elsewhere (take it out)
`},
		{"types", "name: 5\nenabled: yes\nretries: \"3\"\nkind: Batch\nsteps: s\nlabels: [x]\nenv: {A: [1]}\nneeds: 5\nshare: [1]\n", `
WrongType 1:7 name: name is the integer 5; expected a string (quote the value: "5")
WrongType 2:10 enabled: enabled is the string "yes"; expected true or false (write true, without quotes)
WrongType 3:10 retries: retries is the string "3"; expected an integer from 0 to 5 (write 3 without quotes)
UnknownValue 4:7 kind: kind is "Batch"; expected one of batch, daemon (did you mean "batch"?)
WrongType 5:8 steps: steps is the string "s"; expected a list of mappings (step) (write [{name: s}])
WrongType 6:9 labels: labels is a list; expected a mapping of names to strings
WrongType 7:10 env.A: env.A is a list; expected a string, number or boolean
WrongType 8:8 needs: needs is the integer 5; expected a string or a list of strings (quote the value: "5")
WrongType 9:8 share: share is a list; expected a number of slots or a percentage
`},
		{"what the type knows", "name: a\nsize: dozen\nlevel: x\n", `
WrongType 2:7 size: size is the string "dozen"; expected an integer from 0 to 99 (write 12)
`},
		{"what the type does not know either", "name: a\nsize: \"7\"\n", `
WrongType 2:7 size: size is the string "7"; expected an integer from 0 to 99 (write 7 without quotes)
`},
		{"null", "name: ~\ntitle: ~\nenv:\n", `
Null 1:7 name: name is null; expected a string (give it a value or take the key out)
Null 3:5 env: env is null; expected a mapping of names to strings, numbers or booleans (give it a value or take the key out)
`},
		{"a key that is no string", "name: a\nlabels: {1: x}\n", `
WrongType 2:10 labels: a key of labels is the integer 1; expected a string (quote the key: "1")
`},
		{"a template without quotes", "name: {{ x }}\n", `
UnquotedTemplate 1:7 name: name starts with {{, which YAML reads as a mapping; expected a string (quote the template: "{{ x }}")
`},
		{"nothing", "", "EmptyFile 0:0 : f is empty\n"},
		{"comments", "# x\n", "NoContent 0:0 : f holds no keys, only comments or nothing\n"},
		{"two documents", "name: a\n---\nname: b\n", "SeveralDocuments 2:1 : the file holds more than one YAML document (keep one; text after a second --- would be ignored)\n"},
		{"no YAML", "name: [\n", "Syntax 1:7 : the bracket [ opened here is never closed (close it with ])\n"},
		{"deep", "name: " + strings.Repeat("[", 130) + strings.Repeat("]", 130), "TooDeep 1:135 : values are nested more than 128 deep here (flatten the structure)\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var found []verdict.Finding
			testReader(Serde).Read("f", []byte(tt.text), ObjectOf(job), func(f verdict.Finding) { found = append(found, f) })
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), say(verdict.SortFindings(found))); diff != "" {
				t.Errorf("expected (-) and got (+):\n%s", diff)
			}
		})
	}
}

// TestReaderWithoutWords: a reader that was given nothing to say of templates takes them for
// mappings, and one with a bound stops there.
func TestReaderWithoutWords(t *testing.T) {
	t.Parallel()
	r := &Reader{Profile: Serde, Rules: &testRules, MaxErrors: 3}
	var found []verdict.Finding
	r.Read("f", []byte("name: {{ x }}\n"), ObjectOf(job), func(f verdict.Finding) { found = append(found, f) })
	if got, want := say(found), "WrongType 1:7 name: name is a mapping; expected a string\n"; got != want {
		t.Errorf("got %s; expected %s", got, want)
	}
	found = nil
	r.Read("f", []byte("[1, 2, 3, 4, 5, 6, 7]\n"), ListOf(String), func(f verdict.Finding) { found = append(found, f) })
	if len(found) != 4 {
		t.Errorf("%d findings; expected one more than the bound", len(found))
	}
}

// TestAMissingFieldIsTold, be it one that is described or not.
func TestAMissingFieldIsTold(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{"What it is called.": "(add name: what it is called)", "": "(add name)"} {
		var found []verdict.Finding
		object := ObjectOf(NewObject("thing", "A thing.", WarnUnknown, Required("name", String, doc), Optional("b", String, "Another.")))
		testReader(YAML12).Read("f.yml", []byte("b: x\n"), object, func(f verdict.Finding) { found = append(found, f) })
		if got := say(found); !strings.HasPrefix(got, "MissingField") || !strings.Contains(got, want) {
			t.Errorf("of a field described by %q: %s, want %s", doc, got, want)
		}
	}
}
