package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Pack reads the files of one unit that the layout chooses, each once. Findings
// says which of its errors are the unit's own; the others mean that it could not
// be read.
func (f *Fleet) Pack(ctx context.Context, name id.Unit) (bundle.Bundle, error) {
	if err := ctx.Err(); err != nil {
		return bundle.Bundle{}, err
	}
	if err := f.checkName(name); err != nil {
		return bundle.Bundle{}, err
	}
	return f.units.Read(string(name), f.layout.Unit, f.limit)
}

// Shared reads the files that all units share, check.SharedLimit bytes at most.
// Absent ones are left out.
func (f *Fleet) Shared(ctx context.Context) (bundle.Bundle, error) {
	if err := ctx.Err(); err != nil {
		return bundle.Bundle{}, err
	}
	return bundle.ReadPaths(f.root, f.layout.Shared, f.layout.SharedFile, check.SharedLimit)
}

// FolderTooLarge is a unit that exceeds a limit and is therefore not checked.
var FolderTooLarge = verdict.Rule{
	Code:     "F101",
	Name:     "folder-too-large",
	Severity: verdict.Error,
	Summary:  "the folder has more or larger files than are checked",
	Doc: "A unit travels to a worker as one value, so the files that are read from its folder are limited: " +
		"in bytes together, in number and in how deep they lie. Over a limit nothing of the unit is checked; " +
		"it is never checked in part.",
	Good: "services/pay/manifest.yml of a few kilobytes",
	Bad:  "services/pay/dump.yml of several megabytes",
}

// BadFileName is a unit with a file whose name cannot be carried or shown.
var BadFileName = verdict.Rule{
	Code:     "F102",
	Name:     "bad-file-name",
	Severity: verdict.Error,
	Summary:  "a file's name is not valid UTF-8 or holds a backslash",
	Doc: "Such a name means something else, or nothing, on another machine and in a report. " +
		"Only files that are read count; the unit is not checked until the file is renamed.",
	Good: "services/pay/prod-uk.yml",
	Bad:  `services/pay/prod\uk.yml`,
}

// Rules are the rules that this package finds broken.
func Rules() []verdict.Rule { return []verdict.Rule{FolderTooLarge, BadFileName} }

// Findings turns an error of Pack into findings of the unit, where it is the
// unit's own fault. It says false for all other errors: then the unit could not
// be read, and nothing is known of it.
func Findings(name id.Unit, err error) ([]verdict.Finding, bool) {
	var large *bundle.TooLargeError
	var bad *bundle.NameError
	switch {
	case errors.As(err, &large):
		return []verdict.Finding{FolderTooLarge.At(verdict.Place{File: large.Dir},
			tooLarge(name, large), "move files that no rule needs out of the folder")}, true
	case errors.As(err, &bad):
		return []verdict.Finding{BadFileName.At(verdict.Place{File: bad.Dir},
			fmt.Sprintf("%s has a file named %q, whose name %s", name, bad.Path, bad.Reason), "rename the file")}, true
	}
	return nil, false
}

func tooLarge(name id.Unit, e *bundle.TooLargeError) string {
	switch e.Unit {
	case "files":
		return fmt.Sprintf("%s has more than %d files and folders", name, e.Limit)
	case "levels":
		return fmt.Sprintf("%s has folders nested more than %d levels deep", name, e.Limit)
	}
	return fmt.Sprintf("%s has at least %d bytes of files, more than the %d that are allowed", name, e.Size, e.Limit)
}
