package owners_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/codeowners"
	"github.com/seed306eabeb/muster/owners"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// files have the texts given, by their paths.
func files(texts ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i := 0; i < len(texts); i += 2 {
		all[texts[i]] = &fstest.MapFile{Data: []byte(texts[i+1])}
	}
	return all
}

// TestPlaces: the file that counts is the one that the repository's platform reads.
func TestPlaces(t *testing.T) {
	t.Parallel()
	const line = "/a @o\n"
	for _, tt := range []struct {
		name  string
		files fstest.MapFS
		want  string // the file, and whose rules
	}{
		{"none", files("a", ""), " "},
		{"in the root", files("CODEOWNERS", line), "CODEOWNERS github"},
		{"GitHub's order", files("CODEOWNERS", line, ".github/CODEOWNERS", line, "docs/CODEOWNERS", line), ".github/CODEOWNERS github"},
		{"GitLab's order", files("CODEOWNERS", line, ".gitlab/CODEOWNERS", line, "docs/CODEOWNERS", line), "CODEOWNERS gitlab"},
		{"a pipeline of GitLab", files("docs/CODEOWNERS", line, ".gitlab-ci.yml", ""), "docs/CODEOWNERS gitlab"},
		{"only the other's", files(".gitlab/CODEOWNERS", line, ".github/workflows/a.yml", ""), ".gitlab/CODEOWNERS gitlab"},
		{"both", files(".gitlab/CODEOWNERS", line, ".github/CODEOWNERS", line), ".github/CODEOWNERS github"},
		{"by a section", files("CODEOWNERS", "[Docs]\n/a @o\n"), "CODEOWNERS gitlab"},
		{"by an exclusion", files("CODEOWNERS", "!/a\n"), "CODEOWNERS gitlab"},
		{"a folder of that name", files("CODEOWNERS/a", "", "docs/CODEOWNERS", line), "docs/CODEOWNERS github"},
	} {
		o, found, err := owners.Read(owners.Source{Files: tt.files, CodeOwners: owners.Auto})
		if got := o.File + " " + string(o.Dialect); err != nil || len(found) > 0 || got != tt.want {
			t.Errorf("%s: %q, %v, %v; want %q", tt.name, got, found, err, tt.want)
		}
	}
}

func TestNamedCodeOwners(t *testing.T) {
	t.Parallel()
	all := files("CODEOWNERS", "/a @o\n", "sub/OWNERS", "/b @p\n")
	o, _, err := owners.Read(owners.Source{Files: all, CodeOwners: "sub/OWNERS"})
	if want := []codeowners.Rule{{Pattern: "/b", Owners: []string{"@p"}, Line: 1}}; err != nil || !cmp.Equal(o.Lines, want) {
		t.Errorf("%+v, %v", o, err)
	}
	if o, _, err := owners.Read(owners.Source{Files: all, CodeOwners: owners.Off}); err != nil || o.File != "" {
		t.Errorf("off: %+v, %v", o, err)
	}
	if _, _, err := owners.Read(owners.Source{Files: all, CodeOwners: "nosuch"}); err == nil {
		t.Error("a file that is not there was read")
	}
	o, _, err = owners.Read(owners.Source{Files: files("CODEOWNERS", "/b @p\n"), CodeOwners: owners.Auto, Top: all, Folder: "in"})
	if err != nil || o.Folder != "in" || o.Lines[0].Pattern != "/a" {
		t.Errorf("below a larger repository: %+v, %v", o, err)
	}
}

func TestWrongCodeOwners(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"/a @o\n/b  p\n", `P302 CODEOWNERS:2:5 warning "p" is no owner, and GitHub passes over the line; expected @user, @organisation/team or an address`},
		{strings.Repeat("#", codeowners.MostBytes+1), "P303 CODEOWNERS warning it has more than 3 MiB, and is not read"},
	} {
		_, found, err := owners.Read(owners.Source{Files: files("CODEOWNERS", tt.text), CodeOwners: owners.Auto})
		if got := told(found); err != nil || got != tt.want {
			t.Errorf("%s, %v; want %s", got, err, tt.want)
		}
	}
}

func told(found []verdict.Finding) string {
	var all []string
	for _, f := range found {
		all = append(all, fmt.Sprintf("%s %s %s %s", f.Rule, f.Place, f.Severity, f.Message))
	}
	return strings.Join(all, "; ")
}

func TestTeams(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []policy.Team
		told       string
	}{
		{"shipcat's", "people: {}\nsquads:\n  pay: {name: Pay, github: {team: payments}}\n  a: {name: a}\ntribes: {}\n",
			[]policy.Team{{Name: "a"}, {Name: "pay", Aliases: []string{"Pay", "payments"}}}, ""},
		{"a mapping", "teams:\n  shop: {aliases: [store, store, 1]}\n  b:\n", []policy.Team{{Name: "b"}, {Name: "shop", Aliases: []string{"store"}}}, ""},
		{"a list", "teams: [shop, {name: b, aliases: [c]}, 1, {}]\n", []policy.Team{{Name: "shop"}, {Name: "b", Aliases: []string{"c"}}}, ""},
		{"none", "a: 1\n", nil, "P304 t.yml:1:1 error there are no teams in it; expected one document with `teams` or `squads`, a mapping or a list"},
		{"two documents", "teams: [a]\n---\nteams: [b]\n", nil, "P304 t.yml:1:1 error there are no teams in it; expected one document with `teams` or `squads`, a mapping or a list"},
		{"unreadable", "teams: [a\n", nil, "P304 t.yml:"},
		{"large", strings.Repeat("#", 1<<20) + "\n", nil, "P304 t.yml error it has more than 1 MiB"},
	} {
		o, found, err := owners.Read(owners.Source{Files: files("t.yml", tt.text), Teams: "t.yml", CodeOwners: owners.Off})
		if diff := cmp.Diff(tt.want, o.Teams); err != nil || diff != "" || !strings.HasPrefix(told(found), tt.told) || (tt.told == "") != (len(found) == 0) {
			t.Errorf("%s: %v, %s\n%s", tt.name, err, told(found), diff)
		}
	}
}
