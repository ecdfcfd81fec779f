package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
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
	m := e.m.Get("metadata")
	if !m.Good() {
		return
	}
	for _, c := range m.Get("contacts").Items() {
		e.contact(c)
	}
	if n := m.Get("context").Get("name"); m.Get("context").Good() {
		e.contextName(m.Get("context"), n)
	}
	for _, p := range m.Get("maintainers").Items() {
		if p.Good() && !e.session.teams.knows(p.Text()) {
			e.offerItem(ruleMaintainer, p, fmt.Sprintf("%s is %q, who is not in people of teams.yml", p.Path(), p.Text()),
				yamldoc.Meant(p.Text(), e.session.teams.people, m.Get("maintainers").Texts(), p.Retold))
		}
	}
	e.gitTag(m.Get("gitTagTemplate"))
	e.channelFits(e.channel("support", e.squad().support))
	e.channelFits(e.channel("notifications", e.squad().notifications))
	e.links(m)
	e.customMetadata(m)
}

// customMetadata judges the keys of metadata that no field describes.
func (e *evaluation) customMetadata(m *yamldoc.Value) {
	var candidates, taken []string
	for _, c := range m.Items() {
		if !c.Good() || slices.Contains(e.session.conf.custom, c.Key()) {
			continue
		}
		if candidates == nil {
			candidates = slices.Concat(metadataObject.Keys(), e.session.conf.custom)
			taken = slices.Concat(m.Given(), keysOf(m))
		}
		e.add(yamldoc.Meant(c.Key(), candidates, taken, c.Renamed).Of(ruleCustomMetadata.At(c.KeyPlace(),
			fmt.Sprintf("metadata has no field %q, and allowedCustomMetadata of shipcat.conf does not hold it", c.Key()), "")))
	}
}

// squad is the squad that owns the service.
func (e *evaluation) squad() squad {
	team, _ := e.m.Get("metadata").TextOf("team")
	return e.session.teams.squads[team]
}

func (e *evaluation) contact(c *yamldoc.Value) {
	if n := c.Get("name"); n.Good() && n.Text() == "" {
		e.fault(ruleContact, n, n.Path()+" is empty", "")
	}
	if s := c.Get("slack"); s.Good() && (!strings.HasPrefix(s.Text(), "@") || strings.Contains(s.Text(), "|")) {
		e.fault(ruleContact, s, fmt.Sprintf("%s is %q; expected a handle that starts with @ and has no |", s.Path(), s.Text()), "")
	}
	if g := c.Get("github"); g.Good() && (strings.HasPrefix(g.Text(), "@") || strings.Contains(g.Text(), "/")) {
		e.fault(ruleContact, g, fmt.Sprintf("%s is %q; expected a login without @ and /", g.Path(), g.Text()), "")
	}
}

func (e *evaluation) contextName(context, name *yamldoc.Value) {
	switch {
	case name == nil:
		e.add(ruleContextName.At(context.Under("name"), context.Path()+".name is missing; expected up to 30 lower case letters, digits and dashes", ""))
	case name.Good() && !contextName.MatchString(name.Text()):
		e.fault(ruleContextName, name, fmt.Sprintf("%s is %q; expected up to 30 lower case letters, digits and dashes", name.Path(), name.Text()), "")
	}
}

func (e *evaluation) gitTag(v *yamldoc.Value) {
	if v.Good() && (!gitTagChars.MatchString(v.Text()) || !gitTagVersion.MatchString(v.Text())) {
		e.fault(ruleGitTag, v, fmt.Sprintf("%s is %q; expected {{ version }} in it, with at most one space on either side", v.Path(), v.Text()), "")
	}
}

func (e *evaluation) links(m *yamldoc.Value) {
	links := []*yamldoc.Value{m.Get("ped"), m.Get("testPlan"), m.Get("releasePlan")}
	for _, l := range append(links, m.Get("dpsia").Items()...) {
		if l.Good() && !strings.HasPrefix(l.Text(), "http") {
			e.fault(ruleLink, l, fmt.Sprintf("%s is %q; expected a link that starts with http", l.Path(), l.Text()), "")
		}
	}
	for _, t := range m.Get("threatModel").Items() {
		if t.Good() && !threatModel.MatchString(t.Text()) {
			e.fault(ruleThreatModel, t, fmt.Sprintf("%s is %q; expected an identifier such as ABC.DEF.123", t.Path(), t.Text()), "")
		}
	}
}

// dataHandling judges the names of personal data. Where it comes from is for
// the fleet to judge.
func (e *evaluation) dataHandling() {
	for _, s := range e.m.Get("dataHandling").Get("stores").Items() {
		for _, f := range s.Get("fields").Items() {
			if n := f.Get("name"); n.Good() && !dataFieldName.MatchString(n.Text()) {
				e.fault(ruleDataField, n, fmt.Sprintf("%s is %q; expected Pascal case with at least two letters, such as EmailAddress", n.Path(), n.Text()), "")
			}
		}
	}
}

// Shipcat's verification of metadata and dataHandling, of external services too.
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
