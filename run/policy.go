package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"time"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// policyFile is the only file of the bundle in which a policy travels.
const policyFile = "policy.json"

// packPolicy is the bundle in which a policy travels, which has no digest where there is
// nothing to carry.
func packPolicy(p policy.Policy) (bundle.Bundle, error) {
	text, err := p.Encode()
	switch {
	case err != nil:
		return bundle.Bundle{}, scope.Usagef("%v", err)
	case text == nil:
		return bundle.Bundle{}, nil
	}
	return bundle.New([]bundle.Entry{{Path: policyFile, Data: text}})
}

// travelled is the policy that a run is judged by. Of the given one, who reports the run says how
// strict he is. A run of a version before carries none.
func travelled(ctx context.Context, l *ledger.Ledger, h ledger.Header, own policy.Policy) (policy.Policy, error) {
	if h.Plan.Policy == "" {
		return own, nil
	}
	packed, err := l.Bundle(ctx, h.Plan.Policy)
	if err != nil {
		return policy.Policy{}, err
	}
	if packed == nil {
		return policy.Policy{}, errors.New("the run's policy is no longer in Redis: its report cannot be made")
	}
	const frame = 1 << 10 // of the bundle around it
	files, err := bundle.Unpack(packed, h.Plan.Policy, policy.MostBytes+frame)
	if err != nil {
		return policy.Policy{}, fmt.Errorf("unpack the policy of the run: %w", err)
	}
	text, err := fs.ReadFile(files.FS(), policyFile)
	if err != nil {
		return policy.Policy{}, fmt.Errorf("unpack the policy of the run: %w", err)
	}
	p, err := policy.Decode(text)
	if err != nil {
		return policy.Policy{}, err
	}
	p.FailOn, p.Today, p.Rules = own.FailOn, own.Today, own.Rules
	return p, nil
}

// judging is a policy that knows of a run what it has to: the day on which it began, the rules that
// its checks make, which of them are about several units, and whether regions were left out.
func judging(p policy.Policy, kinds []scope.Kind, regions []string, started time.Time) policy.Policy {
	p.Today = cmp.Or(p.Today, policy.Day(started))
	p.SomeRegions = len(regions) < len(scope.Resolved{Kinds: kinds}.AllRegions())
	rules := maps.Clone(p.Rules)
	add := func(r verdict.Rule) {
		if rules == nil {
			rules = map[string]verdict.Rule{}
		}
		rules[r.Code] = r
	}
	p.Joined = nil
	for _, j := range scope.JoinsOf(kinds) {
		add(j.Rule)
		p.Joined = append(p.Joined, j.Rule.Code)
	}
	for _, k := range kinds {
		for _, r := range k.Session.Rules() {
			add(r) // in the words of whoever declares it, which those of a join are not
		}
	}
	p.Rules = rules
	return p
}
