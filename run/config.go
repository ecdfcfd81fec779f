package run

import (
	"context"

	"github.com/seed306eabeb/muster/verdict"
)

// VerifyConfig gives the findings of the shared files, and the regions in scope if
// there is no error among them.
func VerifyConfig(ctx context.Context, s Scope) ([]verdict.Finding, []string, error) {
	o, err := s.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	return o.session.Findings(), o.regions, nil
}
