package cli

import (
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/verdict"
)

// Rules are all the rules that a report may name, sorted by code.
func (p Program) Rules() []verdict.Rule { return config.AllRules(p.Configs) }
