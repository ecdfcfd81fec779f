package manifest

import (
	"context"
	"io/fs"
	"slices"
	"sync"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/manifest/tera"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// session is the dialect, opened on one shared tree.
type session struct {
	found  []verdict.Finding
	conf   *conf
	teams  *teams
	shared fs.FS
	// templates holds the shared templates that were used, by path, each parsed
	// once: *template values.
	templates sync.Map
	// documents are the shared YAML files that could be read, by path.
	documents map[string]*yamldoc.Value
	// marks holds those of the shared files that were asked for, by path: []verdict.Mark.
	marks sync.Map
}

// template is a config file's template, parsed; t is nil where that failed.
type template struct {
	file string // in the repository
	t    *tera.Template
	err  *tera.Error
}

// open reads the shared tree, and follows what its findings propose.
func open(shared fs.FS) (*session, error) {
	s, err := read(shared)
	if err != nil {
		return nil, err
	}
	s.followShared()
	return s, nil
}

// read reads the shared tree.
func read(shared fs.FS) (*session, error) {
	s := &session{shared: shared}
	var r report
	found := func(f verdict.Finding) { r.add(f, "") }
	var err error
	if s.conf, err = readConf(shared, found); err != nil {
		return nil, err
	}
	if s.teams, err = readTeams(shared, found); err != nil {
		return nil, err
	}
	s.documents = map[string]*yamldoc.Value{}
	if s.conf != nil {
		s.documents[confFile] = s.conf.root
	}
	if s.teams != nil {
		s.documents[teamsFile] = s.teams.root
	}
	s.found = r.findings()
	for i := range s.found {
		nameIn(&s.found[i], s.documents[s.found[i].File])
	}
	return s, nil
}

// Findings are the mistakes in shipcat.conf and teams.yml.
func (s *session) Findings() []verdict.Finding { return slices.Clone(s.found) }

// Joins are the rules about the whole fleet.
func (s *session) Joins() []verdict.Join { return joins() }

// Traits say that engine and bytes alone decide.
func (s *session) Traits() check.Traits { return check.Traits{} }

// Regions are the regions of shipcat.conf, in its order.
func (s *session) Regions() []string {
	if s.conf == nil {
		return nil
	}
	names := make([]string, len(s.conf.regions))
	for i, r := range s.conf.regions {
		names[i] = r.name
	}
	return names
}

// Region resolves the name of a region or one of contextAliases.
func (s *session) Region(nameOrAlias string) (string, bool) {
	if s.conf == nil {
		return "", false
	}
	if _, ok := s.conf.byName[nameOrAlias]; ok {
		return nameOrAlias, true
	}
	name, ok := s.conf.aliases[nameOrAlias]
	return name, ok
}

// growStack makes a goroutine's stack large enough for reading YAML while there is little
// on it to be moved. Every check has a goroutine of its own, and would else have its
// stack doubled and moved three times at the bottom of the parser.
//
//go:noinline
func growStack(i int) byte {
	var room [10 << 10]byte
	return room[i%len(room)]
}

// Check decides about a service as an audit of the fleet does: in each region
// its files are merged and its identity is judged; where it is deployed, it is
// built, rendered and verified. An external service is built, and verified as
// far as its documents go, in the regions that it lists.
func (s *session) Check(ctx context.Context, unit check.Unit, regions []string) (verdict.Decision, error) {
	growStack(len(regions))
	return s.run(ctx, unit, regions, auditScope)
}

// validate decides about a named service in one region: it must be deployed
// there, and being disabled is no excuse.
func (s *session) validate(ctx context.Context, unit check.Unit, region string) (verdict.Decision, error) {
	return s.run(ctx, unit, []string{region}, validateScope)
}

// values goes as far as a service's values are computed: it is built and its
// templates are rendered in the region, whether it is deployed there or not,
// and nothing is verified.
func (s *session) values(ctx context.Context, unit check.Unit, region string) (verdict.Decision, error) {
	return s.run(ctx, unit, []string{region}, valuesScope)
}

// list goes as far as listing the services of a region does.
func (s *session) list(ctx context.Context, unit check.Unit, region string) (verdict.Decision, error) {
	return s.run(ctx, unit, []string{region}, listScope)
}
