package gate

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/config"
)

func TestChangedBeside(t *testing.T) {
	t.Parallel()
	state := func(files map[string]string, with ...string) State {
		all := fstest.MapFS{}
		for name, text := range files {
			all[name] = &fstest.MapFile{Data: []byte(text)}
		}
		return State{Files: all, Config: config.Config{Declaration: &config.Declaration{Sections: []declared.Section{{Checks: []declared.Check{{With: with}, {With: with[:1]}}}}}}}
	}
	many := map[string]string{}
	for _, c := range "abcdefghijklmnopqrstuv" {
		many["lib/"+string(c)] = ""
	}
	base := map[string]string{"lib/a": "1", "lib/deep/b": "1", "lib/gone": "1", "one.yaml": "1", "other": "1"}
	for _, tt := range []struct {
		name string
		now  State
		want []string
	}{
		{"nothing", state(base, "lib"), nil},
		{"what is not beside", state(map[string]string{"lib/a": "1", "lib/deep/b": "1", "lib/gone": "1", "one.yaml": "1", "other": "2"}, "lib"), nil},
		{"all sorts", state(map[string]string{"lib/a": "2", "lib/deep/b": "1", "lib/new": "1"}, "lib"), []string{
			"changes lib/a, lib/gone, lib/new, which commands find beside units", "changes one.yaml, which commands find beside units"}},
		{"much", state(many, "lib"), []string{
			"changes lib/a, lib/b, lib/c, lib/d, lib/deep/b, lib/e, lib/f, lib/g, lib/gone, lib/h, lib/i, lib/j, lib/k, lib/l, lib/m, lib/n, lib/o, lib/p, lib/q, lib/r, 4 more files, which commands find beside units",
			"changes one.yaml, which commands find beside units"}},
	} {
		if got, err := changedBeside(state(base, "lib", "lib/deep", "one.yaml"), tt.now); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %v\nwant %q", tt.name, got, err, tt.want)
		}
	}
}
