package manifest

import (
	"io/fs"
	"slices"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// teams is who may own and maintain services.
type teams struct {
	root   *yamldoc.Value
	squads map[string]squad
	names  []string // of the squads, sorted
	people []string // sorted
}

// squad holds the channels that services of a team inherit; nil where the team
// has none.
type squad struct{ support, notifications *yamldoc.Value }

// readTeams reads teams.yml. It returns nil when the file cannot be judged.
func readTeams(shared fs.FS, found func(verdict.Finding)) (*teams, error) {
	root, err := readShared(shared, teamsFile, &yamldoc.Type{Kind: yamldoc.ObjectKind, Object: teamsObject, AnyKeys: true}, found)
	if !root.Good() {
		return nil, err
	}
	t := &teams{root: root, squads: map[string]squad{}}
	for _, s := range root.Get("squads").Items() {
		slack := s.Get("slack")
		t.squads[s.Key()] = squad{slack.Get("support"), slack.Get("notifications")}
		t.names = append(t.names, s.Key())
	}
	t.people = keysOf(root.Get("people"))
	slices.Sort(t.names)
	slices.Sort(t.people)
	return t, nil
}

// knows says whether a person is in teams.yml.
func (t *teams) knows(person string) bool {
	_, ok := slices.BinarySearch(t.people, person)
	return ok
}
