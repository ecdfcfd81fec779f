package manifest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// ownership judges the team and the channels that the service gets from it.
func (e *evaluation) ownership() {
	meta := e.m.Get("metadata")
	if !meta.Good() {
		return
	}
	name, ok := meta.TextOf("team")
	if !ok {
		return
	}
	if meta.Get("team") == nil {
		name = ""
	}
	sq, known := e.session.teams.squads[name]
	if !known {
		e.unknownTeam(meta, name)
		return
	}
	if e.channel("support", sq.support) == nil || e.channel("notifications", sq.notifications) == nil {
		e.add(ruleTeamChannels.At(meta.Under("team"), fmt.Sprintf("the squad %q has no Slack channel for support or for notifications", name),
			"give the squad both in teams.yml, or set metadata.support and metadata.notifications"))
	}
}

func (e *evaluation) unknownTeam(meta *yamldoc.Value, name string) {
	if team := meta.Get("team"); team != nil {
		e.offer(ruleUnknownTeam, team, fmt.Sprintf("metadata.team is %q, which is no squad of teams.yml", name), yamldoc.Meant(name, e.session.teams.names, nil, team.Retold))
		return
	}
	e.add(ruleUnknownTeam.At(meta.Under("team"), "metadata.team is missing; expected a squad of teams.yml", yamldoc.Choices(e.session.teams.names)))
}

// channel is metadata.support or metadata.notifications, the squad's where the
// manifest sets none.
func (e *evaluation) channel(key string, squad *yamldoc.Value) *yamldoc.Value {
	if own := e.m.Get("metadata").Get(key); own != nil {
		return own
	}
	return squad
}

// notifications is the effective channel for notifications, nil if there is none.
func (e *evaluation) notifications() *yamldoc.Value {
	team, _ := e.m.Get("metadata").TextOf("team")
	return e.channel("notifications", e.session.teams.squads[team].notifications)
}

// slackChannel takes what shipcat takes: its second half lacks a pair of
// brackets, so anything that starts with C passes.
var slackChannel = regexp.MustCompile(`^#[a-z0-9._-]+$|^C|G[A-Z0-9]+$`)

func (e *evaluation) channelFits(v *yamldoc.Value) {
	if v.Good() && !slackChannel.MatchString(v.Text()) {
		e.fault(ruleChannel, v, fmt.Sprintf("%s is %q; expected a Slack channel such as #my-team or C0123ABCD", v.Path(), v.Text()), "names are lower case; identifiers start with C or G")
	}
}

// publicChannel judges where alerts go: own is the section's channel, and the
// team's stands in for it.
func (e *evaluation) publicChannel(section, own *yamldoc.Value) {
	effective := own
	if effective == nil {
		effective = e.notifications()
	}
	if !effective.Good() || strings.HasPrefix(effective.Text(), "C") || !slackChannel.MatchString(effective.Text()) {
		return // good, or judged as a channel already
	}
	p := section.KeyPlace()
	if own != nil {
		p = own.Place()
	}
	e.add(rulePrivateChannel.At(p, fmt.Sprintf("%s reports to the Slack channel %q; expected the identifier of a public channel, which starts with C", section.Path(), effective.Text()),
		"set "+section.Path()+".slack"))
}

// Shipcat's checks of metadata against teams.yml, in every region.
var (
	ruleUnknownTeam = define(verdict.Rule{Code: "M301", Name: "unknown-team", Severity: verdict.Error,
		Summary: "metadata.team is a squad of teams.yml",
		Good:    "metadata: {team: sq}\n", Bad: "metadata: {team: squad} # want 18 `team is \"squad\"`\n"})
	ruleTeamChannels = define(verdict.Rule{Code: "M302", Name: "team-channels", Severity: verdict.Error,
		Summary: "a service has Slack channels for support and notifications, its own or its team's",
		Good:    "metadata: {team: quiet, support: C1, notifications: C2}\n", Bad: "metadata: {team: quiet} # want 1 `the squad \"quiet\" has no Slack channel for support or for notifications`\n"})
	ruleChannel = define(verdict.Rule{Code: "M303", Name: "slack-channel", Severity: verdict.Error,
		Summary: "Slack channels look like channels",
		Good:    "metadata: {team: sq, support: \"#my-team\"}\n", Bad: "metadata: {team: sq, support: my-team} # want 31 `support is \"my-team\"`\n"})
	rulePrivateChannel = define(verdict.Rule{Code: "M304", Name: "private-channel", Severity: verdict.Error,
		Summary: "newrelic and sentry report to the identifier of a public channel",
		Good:    "sentry: {slack: C0123ABCD}\n", Bad: "sentry: {slack: \"#my-team\"} # want 17 `sentry reports to the Slack channel \"#my-team\"`\n"})
)
