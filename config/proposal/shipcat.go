package proposal

import (
	"github.com/seed306eabeb/muster/manifest"
)

// shipcat is the proposal for a repository of shipcat manifests: what is true of it without
// a muster.yaml, too.
func (s *survey) shipcat() (Proposal, error) {
	services := s.folders[manifest.Services]
	if services == nil || len(services.subs) == 0 {
		s.note("a %s is there, and no folder below %s/", manifest.Marker, manifest.Services)
		return Proposal{Notes: s.said}, ErrNothing
	}
	s.note("a %s is there: its services are the units, as without a %s", manifest.Marker, File)
	k := kind{group: &group{}, name: "service", at: []string{manifest.Services + "/*/"}, seen: count(len(services.subs), "folder", "folders"),
		checks: []line{{text: "shipcat: {}", remark: "what is checked without this file"}}}
	d := draft{survey: s, kinds: []*kind{&k}}
	return Proposal{Text: d.text(), Notes: s.said}, nil
}
