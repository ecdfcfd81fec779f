package manifest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/internal/foreign"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

const manifestFile = "manifest.yml"

// scope is how far a check goes.
type scope uint8

const (
	auditScope    scope = iota // everything, where the service is deployed
	validateScope              // everything, and the service must be deployed
	valuesScope                // as far as values are computed
	listScope                  // as far as listing goes
)

// inspection decides about one service. It keeps what does not depend on the region,
// so that every file is parsed once.
type inspection struct {
	session   *session
	ctx       context.Context
	unit      check.Unit
	scope     scope
	report    report
	claims    []verdict.Claim // one of several regions stands once for each
	overrides map[string]override
	templates map[string]*template // of the unit's folder
	budget
	// expressions are those that were judged, by their text.
	expressions map[string]*foreign.ExpressionError
	root        *yamldoc.Value
	marks       []verdict.Mark
	marked      map[string]bool // shared files whose marks are among them
	region      *region         // whose turn it is; nil while files are read
	merged      *yamldoc.Value  // the layers of that region, nil until they are put together
}

// templateSteps is what the templates of one service may take in all regions
// together; see tera.Options. It is about a quarter of a second.
const templateSteps = 2_000_000

// override is an override file that was read once.
type override struct {
	value    *yamldoc.Value
	findings []verdict.Finding
	exists   bool
}

var errNoConf = errors.New("the shared files have mistakes; mend them first")

// run checks a service in the regions given, and follows what its findings
// propose.
func (s *session) run(ctx context.Context, unit check.Unit, regions []string, sc scope) (verdict.Decision, error) {
	if s.conf == nil || s.teams == nil {
		return verdict.Decision{Regions: []string{}}, fmt.Errorf("check %s: %w", unit.Name, errNoConf)
	}
	if unit.Dir == "" { // who asks is of the version before, which did not tell it
		unit.Dir = Services + "/" + string(unit.Name)
	}
	d, left, err := s.inspect(ctx, unit, regions, sc, budget{templateSteps, foreign.ServiceWork})
	if err == nil {
		s.followUnit(ctx, unit, regions, sc, d.Findings, left)
	}
	return d, err
}

// budget bounds what a service's check may take.
type budget struct {
	steps int          // left for templates
	work  foreign.Work // left for expressions
}

// inspect checks a service in the regions given within a budget, of which left remains.
func (s *session) inspect(ctx context.Context, unit check.Unit, regions []string, sc scope, b budget) (d verdict.Decision, left budget, err error) {
	d.Regions = []string{}
	c := &inspection{session: s, ctx: ctx, unit: unit, scope: sc, budget: b}
	if err := c.loadManifest(); err != nil {
		return d, c.budget, err
	}
	if c.root.Good() {
		for _, name := range regions {
			deployed, err := c.runRegion(name)
			if err != nil {
				return d, c.budget, err
			}
			if deployed {
				d.Regions = append(d.Regions, name)
			}
		}
		d.Skipped = c.standing(d.Regions)
	}
	d.Findings, d.Claims = c.report.findings(), mergeClaims(c.claims)
	c.facts(&d)
	slices.Sort(d.Regions)
	return d, c.budget, nil
}

// standing says why a service was deployed in none of the regions.
func (c *inspection) standing(regions []string) verdict.Skipped {
	switch {
	case len(regions) > 0:
		return ""
	case c.root.Flag("disabled"):
		return verdict.Disabled
	case c.root.Flag("external"):
		return verdict.External
	}
	return verdict.NotDeployed
}

// fileName is the name in the repository of a file of the unit.
func (c *inspection) fileName(path string) string {
	return c.unit.Dir + "/" + path
}

// add records a finding for the region whose turn it is.
func (c *inspection) add(f verdict.Finding) {
	name := ""
	if c.region != nil {
		name = c.region.name
	}
	c.report.add(f, name)
}

// fault reports v's content.
func (c *inspection) fault(r verdict.Rule, v *yamldoc.Value, message, help string) {
	c.add(c.at(r, v, message, help))
}

// at is a finding at a value. Beside it stands what the value has overridden: whoever mends
// it has to know that it is set there, too.
func (c *inspection) at(r verdict.Rule, v *yamldoc.Value, message, help string) verdict.Finding {
	f := r.At(v.Place(), message, help)
	for o := c.origin(v).Overrode; o != nil; o = o.Overrode {
		f.Related = append(f.Related, verdict.Overridden(o.Place, o.Text))
	}
	return f
}

// origin is where v was set, and what it stands in the place of: what an earlier layer has at
// its path, or in what one around it has replaced.
func (c *inspection) origin(v *yamldoc.Value) yamldoc.Origin {
	if o, ok := c.merged.OriginOf(v.Path()); ok && o.Place == v.Place() {
		return o
	}
	return v.Origin()
}

func (c *inspection) loadManifest() error {
	name := c.fileName(manifestFile)
	data, exists, err := readFile(c.unit.Files, manifestFile, name, c.add)
	switch {
	case err != nil:
		return err
	case !exists:
		c.add(ruleNoManifest.At(verdict.Place{File: name}, c.unit.Dir+" has no manifest.yml", "write one, or delete the folder"))
		return nil
	case data == nil:
		return nil
	}
	c.mark(name, data)
	c.root = dialect.Read(name, data, objectOf(manifestObject), c.add)
	c.identity()
	return nil
}

// identity judges what the folder and its root file say of the service in every region.
func (c *inspection) identity() {
	if c.scope == auditScope || c.scope == validateScope {
		c.strayOverrides()
	}
	if n := c.root.Get("name"); n.Good() && n.Text() != string(c.unit.Name) {
		c.fault(ruleNameMismatch, n, fmt.Sprintf("the name is %q, but the folder is %s", n.Text(), c.unit.Dir), "give both the same name")
	}
	known, regions := c.session.Regions(), c.root.Get("regions").Texts()
	for _, r := range c.root.Get("regions").Items() {
		if r.Good() && !slices.Contains(known, r.Text()) {
			c.offerItem(ruleUnknownRegion, r, fmt.Sprintf("%s is %q, which is no region of shipcat.conf", r.Path(), r.Text()), yamldoc.Meant(r.Text(), known, regions, r.Retold))
		}
	}
}

// layer is an override file as the region whose turn it is reads it. A file
// that is not there is an empty layer; ok is false for one that cannot be read.
func (c *inspection) layer(name string) (v *yamldoc.Value, ok bool, err error) {
	file := name + ".yml"
	o, known := c.overrides[file]
	if !known {
		if o, err = c.readOverride(file); err != nil {
			return nil, false, err
		}
		if c.overrides == nil {
			c.overrides = map[string]override{}
		}
		c.overrides[file] = o
	}
	for _, f := range o.findings {
		c.add(f)
	}
	return o.value, !o.exists || o.value.Good(), nil
}

func (c *inspection) readOverride(file string) (override, error) {
	var o override
	found := func(f verdict.Finding) { o.findings = append(o.findings, f) }
	data, exists, err := readFile(c.unit.Files, file, c.fileName(file), found)
	if err != nil || !exists {
		return o, err
	}
	o.exists = true
	if data != nil {
		c.mark(c.fileName(file), data)
		o.value = dialect.Read(c.fileName(file), data, objectOf(overrideObject), found)
	}
	return o, nil
}

// runRegion checks the service in one region and says whether it is deployed
// there.
func (c *inspection) runRegion(name string) (deployed bool, err error) {
	if err := c.ctx.Err(); err != nil {
		return false, fmt.Errorf("check %s: %w", c.unit.Name, err)
	}
	r := c.session.conf.byName[name]
	if r == nil {
		return false, fmt.Errorf("check %s: unknown region %q", c.unit.Name, name)
	}
	c.region = r
	defer func() { c.region, c.merged = nil, nil }()
	listed := slices.Contains(c.root.Get("regions").Texts(), name)
	deployed = listed && !c.root.Flag("disabled") && !c.root.Flag("external")
	m, ok, err := c.merge(r)
	if err != nil || !ok {
		return deployed, err
	}
	c.merged = m
	e := &evaluation{inspection: c, m: m, listed: listed}
	return deployed, e.run(deployed)
}

// merge puts the layers of a region together. ok is false when one of them
// cannot be read: nothing can then be said of the whole.
func (c *inspection) merge(r *region) (m *yamldoc.Value, ok bool, err error) {
	t := objectOf(manifestObject)
	m, ok = yamldoc.Overlay(t, r.inherited, c.root), true
	for _, name := range []string{r.environment, r.name} {
		layer, readable, err := c.layer(name)
		if err != nil {
			return nil, false, err
		}
		ok = ok && readable
		if layer.Good() {
			m = yamldoc.Amend(t, m, layer)
		}
	}
	return m, ok, nil
}

// evaluation is a service in one region, its layers merged.
type evaluation struct {
	*inspection
	m       *yamldoc.Value
	listed  bool // the manifest's regions hold the region
	apis    []kongAPI
	volumes map[string]bool // once they were asked for
}

func (e *evaluation) run(deployed bool) error {
	e.list()
	external := e.root.Flag("external")
	switch {
	case e.scope == listScope:
		return nil
	case e.scope == auditScope && !deployed && !(external && e.listed && !e.root.Flag("disabled")):
		return nil
	}
	e.build()
	if err := e.render(); err != nil {
		return err
	}
	if e.scope == valuesScope {
		return nil
	}
	e.verify()
	e.claim()
	return nil
}

// list judges what listing the services of a region needs.
func (e *evaluation) list() {
	e.ownership()
	e.kong()
	e.mainImage()
}

// build judges the parts that are put together before anything is verified.
func (e *evaluation) build() {
	e.resources(e.m.Get("resources"))
	e.envKeys(e.m.Get("env"))
	e.ports(e.m.Get("ports"))
	e.workers()
	e.sidecars()
	e.initContainers()
	e.cronJobs()
	e.newrelic()
	e.sentry()
}

// verify judges the whole. Of an external service only the documents count.
func (e *evaluation) verify() {
	e.name()
	e.destinationRules()
	e.dataHandling()
	e.metadata()
	if e.root.Flag("external") {
		return
	}
	e.versionScheme()
	e.gate()
	e.runtime()
	e.network()
	e.storage()
	e.labels()
	e.eventStreams()
	e.kafka()
	e.alerts()
	e.oddities()
}
