package owners

import (
	"cmp"
	"io/fs"
	"maps"
	"slices"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// mostTeams is how many bytes a file with teams may have.
const mostTeams = 1 << 20

// readTeams reads teams under `squads`, as shipcat has them, or `teams`: a mapping by their names, or
// a list. Other names of a team are its `name`, its `aliases`, and that of its team on GitHub.
func readTeams(files fs.FS, file string) (teams []policy.Team, found []verdict.Finding, err error) {
	text, wrong, err := readText(files, file, mostTeams)
	if err != nil {
		return nil, nil, err
	}
	if wrong != "" {
		return nil, []verdict.Finding{ruleTeams.At(verdict.Place{File: file}, wrong, "")}, nil
	}
	format, _ := document.FormatOf(file)
	read := document.Reader{}.Read(file, []byte(text), format)
	for _, f := range read.Findings {
		if f.Severity == verdict.Error {
			return nil, []verdict.Finding{ruleTeams.At(f.Place, f.Message, f.Help)}, nil
		}
	}
	var root map[string]any
	if len(read.Docs) == 1 {
		root, _ = read.Docs[0].Value().(map[string]any)
	}
	for _, key := range []string{"squads", "teams"} {
		switch all := root[key].(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(all)) {
				teams = append(teams, teamOf(name, all[name]))
			}
			return teams, nil, nil
		case []any:
			return teamsIn(all), nil, nil
		}
	}
	return nil, []verdict.Finding{ruleTeams.At(verdict.Place{File: file, Line: 1, Column: 1}, "there are no teams in it; expected one document with `teams` or `squads`, a mapping or a list", "write each team's name as a key in it")}, nil
}

// teamsIn are those of a list: names, or mappings with a name.
func teamsIn(all []any) (teams []policy.Team) {
	for _, one := range all {
		about, _ := one.(map[string]any)
		name, isText := one.(string)
		if !isText {
			name, _ = about["name"].(string)
		}
		if name != "" {
			teams = append(teams, teamOf(name, one))
		}
	}
	return teams
}

// teamOf is a team with what else it is called.
func teamOf(name string, value any) policy.Team {
	about, _ := value.(map[string]any)
	github, _ := about["github"].(map[string]any)
	aliases, _ := about["aliases"].([]any)
	t := policy.Team{Name: name}
	for _, alias := range slices.Concat([]any{about["name"], github["team"]}, aliases) {
		if text, _ := alias.(string); cmp.Or(text, name) != name {
			t.Aliases = append(t.Aliases, text)
		}
	}
	slices.Sort(t.Aliases)
	t.Aliases = slices.Compact(t.Aliases)
	return t
}
