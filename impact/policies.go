package impact

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/seed306eabeb/muster/policy"
)

// Policies is what differs between two policies, by its parts: any unit may be judged otherwise by it,
// though its verdict is the same.
func Policies(was, is policy.Policy) (all []Reason, err error) {
	before, err := parts(was)
	if err != nil {
		return nil, err
	}
	now, err := parts(is)
	if err != nil {
		return nil, err
	}
	names := maps.Clone(now)
	maps.Copy(names, before)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		switch had, has := before[name], now[name]; {
		case bytes.Equal(had, has):
		case had == nil:
			all = append(all, Reason{Input: Policy, Name: name, Is: "there"})
		case has == nil:
			all = append(all, Reason{Input: Policy, Name: name, Was: "there"})
		default:
			all = append(all, Reason{Input: Policy, Name: name, Was: "other", Is: "other"})
		}
	}
	return all, nil
}

// parts are those of a policy's encoding, by their names.
func parts(p policy.Policy) (map[string]json.RawMessage, error) {
	p.Distrusted, p.Borrowed, p.Proposed = nil, nil, nil // they are of a comparison, too
	text, err := p.Encode()
	if err != nil || text == nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	return all, json.Unmarshal(text, &all)
}
