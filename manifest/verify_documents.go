package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

var (
	contextName   = regexp.MustCompile(`^[0-9a-z\-]{1,30}$`)
	gitTagChars   = regexp.MustCompile(`[a-z0-9\-\.\{\}]`)
	gitTagVersion = regexp.MustCompile(`\{\{.?version.?\}\}`)
	threatModel   = regexp.MustCompile(`^[A-Z]{3,4}\.[A-Z]{3,4}\.\p{Nd}{3,5}$`)
	dataFieldName = regexp.MustCompile(`^[A-Z][a-zA-Z\p{Nd}]+$`)
)

// metadata judges the documents and people of a service.
func (e *evaluation) metadata() {
	m := e.m.get("metadata")
	if !m.good() {
		return
	}
	for _, c := range m.get("contacts").list() {
		e.contact(c)
	}
	if n := m.get("context").get("name"); m.get("context").good() {
		e.contextName(m.get("context"), n)
	}
	for _, p := range m.get("maintainers").list() {
		if p.good() && !e.session.teams.knows(p.text) {
			e.offer(ruleMaintainer, p, fmt.Sprintf("%s is %q, who is not in people of teams.yml", p.path(), p.text),
				meant(p.text, e.session.teams.people, m.get("maintainers").strings(), p.retold))
		}
	}
	e.gitTag(m.get("gitTagTemplate"))
	e.channelFits(e.channel("support", e.squad().support))
	e.channelFits(e.channel("notifications", e.squad().notifications))
	e.links(m)
	e.customMetadata(m)
}

// customMetadata judges the keys of metadata that no field describes.
func (e *evaluation) customMetadata(m *value) {
	var candidates, taken []string
	for _, c := range m.list() {
		if !c.good() || slices.Contains(e.session.conf.custom, c.key) {
			continue
		}
		if candidates == nil {
			candidates = slices.Concat(metadataObject.keys(), e.session.conf.custom)
			taken = slices.Concat(m.given(), keysOf(m))
		}
		e.add(meant(c.key, candidates, taken, c.renamed).of(ruleCustomMetadata.At(c.keyPlace(),
			fmt.Sprintf("metadata has no field %q, and allowedCustomMetadata of shipcat.conf does not hold it", c.key), "")))
	}
}

// squad is the squad that owns the service.
func (e *evaluation) squad() squad {
	team, _ := e.m.get("metadata").str("team")
	return e.session.teams.squads[team]
}

func (e *evaluation) contact(c *value) {
	if n := c.get("name"); n.good() && n.text == "" {
		e.fault(ruleContact, n, n.path()+" is empty", "")
	}
	if s := c.get("slack"); s.good() && (!strings.HasPrefix(s.text, "@") || strings.Contains(s.text, "|")) {
		e.fault(ruleContact, s, fmt.Sprintf("%s is %q; expected a handle that starts with @ and has no |", s.path(), s.text), "")
	}
	if g := c.get("github"); g.good() && (strings.HasPrefix(g.text, "@") || strings.Contains(g.text, "/")) {
		e.fault(ruleContact, g, fmt.Sprintf("%s is %q; expected a login without @ and /", g.path(), g.text), "")
	}
}

func (e *evaluation) contextName(context, name *value) {
	switch {
	case name == nil:
		e.add(ruleContextName.At(context.under("name"), context.path()+".name is missing; expected up to 30 lower case letters, digits and dashes", ""))
	case name.good() && !contextName.MatchString(name.text):
		e.fault(ruleContextName, name, fmt.Sprintf("%s is %q; expected up to 30 lower case letters, digits and dashes", name.path(), name.text), "")
	}
}

func (e *evaluation) gitTag(v *value) {
	if v.good() && (!gitTagChars.MatchString(v.text) || !gitTagVersion.MatchString(v.text)) {
		e.fault(ruleGitTag, v, fmt.Sprintf("%s is %q; expected {{ version }} in it, with at most one space on either side", v.path(), v.text), "")
	}
}

func (e *evaluation) links(m *value) {
	links := []*value{m.get("ped"), m.get("testPlan"), m.get("releasePlan")}
	for _, l := range append(links, m.get("dpsia").list()...) {
		if l.good() && !strings.HasPrefix(l.text, "http") {
			e.fault(ruleLink, l, fmt.Sprintf("%s is %q; expected a link that starts with http", l.path(), l.text), "")
		}
	}
	for _, t := range m.get("threatModel").list() {
		if t.good() && !threatModel.MatchString(t.text) {
			e.fault(ruleThreatModel, t, fmt.Sprintf("%s is %q; expected an identifier such as ABC.DEF.123", t.path(), t.text), "")
		}
	}
}

// dataHandling judges the names of personal data. Where it comes from is for
// the fleet to judge.
func (e *evaluation) dataHandling() {
	for _, s := range e.m.get("dataHandling").get("stores").list() {
		for _, f := range s.get("fields").list() {
			if n := f.get("name"); n.good() && !dataFieldName.MatchString(n.text) {
				e.fault(ruleDataField, n, fmt.Sprintf("%s is %q; expected Pascal case with at least two letters, such as EmailAddress", n.path(), n.text), "")
			}
		}
	}
}

var (
	ruleContact = define(verdict.Rule{Code: "M411", Name: "contact", Severity: verdict.Error,
		Summary: "contacts have a name, a Slack handle and a plain GitHub login",
		Good:    "metadata: {team: sq, contacts: [{name: Ann, slack: \"@U1\", github: ann}]}\n", Bad: "metadata: {team: sq, contacts: [{name: Ann, slack: U1}]} # want 52 `slack is \"U1\"`\n"})
	ruleContextName = define(verdict.Rule{Code: "M412", Name: "context-name", Severity: verdict.Error,
		Summary: "a context's name is up to 30 lower case letters, digits and dashes",
		Good:    "metadata: {team: sq, context: {name: billing}}\n", Bad: "metadata: {team: sq, context: {name: Billing}} # want 38 `name is \"Billing\"`\n"})
	ruleMaintainer = define(verdict.Rule{Code: "M413", Name: "maintainer", Severity: verdict.Error,
		Summary: "maintainers are people of teams.yml",
		Good:    "metadata: {team: sq, maintainers: [ann]}\n", Bad: "metadata: {team: sq, maintainers: [anne]} # want 36 `maintainers[0] is \"anne\"`\n"})
	ruleGitTag = define(verdict.Rule{Code: "M414", Name: "git-tag-template", Severity: verdict.Error,
		Summary: "gitTagTemplate holds {{ version }}",
		Good:    "metadata: {team: sq, gitTagTemplate: \"v{{ version }}\"}\n", Bad: "metadata: {team: sq, gitTagTemplate: v1} # want 38 `gitTagTemplate is \"v1\"`\n"})
	ruleLink = define(verdict.Rule{Code: "M415", Name: "link", Severity: verdict.Error,
		Summary: "ped, testPlan, releasePlan and dpsia are links",
		Good:    "metadata: {team: sq, ped: \"https://a.example\"}\n", Bad: "metadata: {team: sq, ped: a.example} # want 27 `ped is \"a.example\"`\n"})
	ruleCustomMetadata = define(verdict.Rule{Code: "M416", Name: "custom-metadata", Severity: verdict.Error,
		Summary: "further keys of metadata are in allowedCustomMetadata",
		Good:    "metadata: {team: sq, wiki: x}\n", Bad: "metadata: {team: sq, wikki: x} # want 22 `metadata has no field \"wikki\"`\n"})
	ruleDataField = define(verdict.Rule{Code: "M417", Name: "data-field-name", Severity: verdict.Error,
		Summary: "names of personal data are in Pascal case",
		Good:    "dataHandling: {stores: [{backend: S3, fields: [{name: EmailAddress}]}]}\n",
		Bad:     "dataHandling: {stores: [{backend: S3, fields: [{name: emailAddress}]}]} # want 55 `name is \"emailAddress\"`\n"})
	ruleThreatModel = define(verdict.Rule{Code: "M713", Name: "threat-model", Severity: verdict.Warning,
		Summary: "threat models look like ABC.DEF.123",
		Good:    "metadata: {team: sq, threatModel: FOO.BAR.123}\n", Bad: "metadata: {team: sq, threatModel: foo} # want 35 `threatModel is \"foo\"`\n"})
)
