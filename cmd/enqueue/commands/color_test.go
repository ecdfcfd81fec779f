package commands

import (
	"maps"
	"testing"
)

func environmentOf(values map[string]string) environment {
	return func(name string) string { return values[name] }
}

func TestColored(t *testing.T) {
	t.Parallel()
	type vars = map[string]string
	for _, tt := range []struct {
		name                     string
		when                     colorWhen
		env                      vars
		onTerminal, onAnotherOne bool // on a terminal, and on a file, a pipe or the log of a CI system
	}{
		{"nothing said", colorAuto, nil, true, false},
		{"a dumb terminal", colorAuto, vars{"TERM": "dumb"}, false, false},
		{"NO_COLOR", colorAuto, vars{"NO_COLOR": "1"}, false, false},
		{"an empty NO_COLOR", colorAuto, vars{"NO_COLOR": ""}, true, false},
		{"NO_COLOR goes before FORCE_COLOR", colorAuto, vars{"NO_COLOR": "1", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, false, false},
		{"FORCE_COLOR", colorAuto, vars{"FORCE_COLOR": "1"}, true, true},
		{"FORCE_COLOR on a dumb terminal", colorAuto, vars{"FORCE_COLOR": "3", "TERM": "dumb"}, true, true},
		{"FORCE_COLOR that means no", colorAuto, vars{"FORCE_COLOR": "0"}, true, false},
		{"CLICOLOR_FORCE goes before CLICOLOR", colorAuto, vars{"CLICOLOR_FORCE": "1", "CLICOLOR": "0"}, true, true},
		{"CLICOLOR_FORCE that means no", colorAuto, vars{"CLICOLOR_FORCE": "0"}, true, false},
		{"CLICOLOR", colorAuto, vars{"CLICOLOR": "0"}, false, false},
		{"CLICOLOR that means yes", colorAuto, vars{"CLICOLOR": "1"}, true, false},
		{"a CI system", colorAuto, vars{"CI": "true", "GITHUB_ACTIONS": "true"}, true, false},
		{"--color always", colorAlways, vars{"NO_COLOR": "1", "TERM": "dumb", "CLICOLOR": "0"}, true, true},
		{"--color never", colorNever, vars{"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, false, false},
	} {
		env := maps.Clone(tt.env)
		for terminal, want := range map[bool]bool{true: tt.onTerminal, false: tt.onAnotherOne} {
			if got := colored(tt.when, terminal, environmentOf(env)); got != want {
				t.Errorf("%s, on a terminal %v: coloured %v, want %v", tt.name, terminal, got, want)
			}
		}
	}
}
