package check

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/seed306eabeb/muster/verdict"
)

// absent is a kind of check that a task names and this program does not have: it decides about
// no unit, and leaves the others to do so.
type absent string

func (k absent) error() error {
	return fmt.Errorf("this program has no check %q: bring enqueuers and workers to one version", string(k))
}

func (k absent) Name() string                { return string(k) }
func (absent) Engine() string                { return "" }
func (absent) Rules() []verdict.Rule         { return nil }
func (k absent) Open(fs.FS) (Session, error) { return k, nil }
func (absent) Findings() []verdict.Finding   { return nil }
func (absent) Joins() []verdict.Join         { return nil }
func (absent) Traits() Traits                { return Traits{} }
func (k absent) Check(context.Context, Unit, []string) (verdict.Decision, error) {
	return verdict.Decision{}, k.error()
}
