package fleet

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// FolderTooLarge is a unit that exceeds a limit and is therefore not checked.
var FolderTooLarge = verdict.Rule{
	Code:     "F101",
	Name:     "folder-too-large",
	Severity: verdict.Error,
	Summary:  "the folder has more or larger files than are checked",
	Doc: "A unit travels to a worker as one value, so the files that are read of it are limited: " +
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

// LinkedFolder is a symbolic link in place of a unit's folder.
var LinkedFolder = verdict.Rule{
	Code:     "F103",
	Name:     "linked-folder",
	Severity: verdict.Error,
	Summary:  "an entry of the units' folder is a symbolic link",
	Doc: "A unit is a folder of its own, or a plain file where its kind says so. A link is not followed, whatever it " +
		"leads to: what is behind it would be checked twice, or lies outside the repository, or is not there. It is not passed over either, for to " +
		"others it may look like a unit.",
	Good: "services/pay, a folder",
	Bad:  "services/pay -> ../archive/pay",
}

// SpecialFile is a pipe, a socket or a device in place of a unit's folder.
var SpecialFile = verdict.Rule{
	Code:     "F104",
	Name:     "special-file",
	Severity: verdict.Error,
	Summary:  "an entry of the units' folder is a named pipe, a socket or a device",
	Doc:      "A unit is a folder, or a plain file where its kind says so. What is neither does not belong there; it is never opened.",
	Good:     "services/pay, a folder",
	Bad:      "services/pay, a socket that a program has left behind",
}

// BadFolderName is a unit whose own name cannot be carried or shown.
var BadFolderName = verdict.Rule{
	Code:     "F105",
	Name:     "bad-folder-name",
	Severity: verdict.Error,
	Summary:  "a unit's name is not valid UTF-8 or holds a backslash",
	Doc: "Such a name means something else, or nothing, on another machine and in a report. Where it is shown, each " +
		"backslash and each byte that is not UTF-8 is written `\\xNN`, and the unit can be selected by that. It is not " +
		"checked until it is renamed.",
	Good: "services/café",
	Bad:  `services/caf\xe9`,
}

// Rules are the rules that this package finds broken.
func Rules() []verdict.Rule {
	return []verdict.Rule{FolderTooLarge, BadFileName, LinkedFolder, SpecialFile, BadFolderName}
}

// Findings turns an error of Source.Unit into findings of the unit, where it is the
// unit's own fault. It says false for all other errors: then the unit could not
// be read, and nothing is known of it.
func Findings(name id.Unit, err error) ([]verdict.Finding, bool) {
	var large *bundle.TooLargeError
	var bad *bundle.NameError
	var entry *EntryError
	switch {
	case errors.As(err, &large):
		return []verdict.Finding{FolderTooLarge.At(verdict.Place{File: large.Dir},
			tooLarge(name, large), makeRoom(large))}, true
	case errors.As(err, &bad):
		return []verdict.Finding{BadFileName.At(verdict.Place{File: bad.Dir},
			fmt.Sprintf("%s has a file named %q, whose name %s", name, bad.Path, bad.Reason), "rename the file")}, true
	case errors.As(err, &entry):
		return entry.findings(name), true
	}
	return nil, false
}

// makeRoom says what lets a unit be smaller, or larger ones be.
func makeRoom(large *bundle.TooLargeError) string {
	help := "move files that no rule needs out of the folder"
	if large.Unit == "bytes" && large.Limit < MostUnit {
		help += fmt.Sprintf(", or raise the limit in muster.yaml, as in limits: {unit: %dMiB}", min(max(4, large.Limit>>19), MostUnit>>20))
	}
	return help
}

// findings are one for what is there in place of the unit, and one for its name.
func (e *EntryError) findings(name id.Unit) (all []verdict.Finding) {
	place := verdict.Place{File: e.Path}
	switch {
	case e.Type&fs.ModeSymlink != 0:
		all = append(all, LinkedFolder.At(place, fmt.Sprintf("%s is a symbolic link, which is not followed", name),
			"put a "+e.unit()+" in its place, or take the link out"))
	case e.Type != 0:
		all = append(all, SpecialFile.At(place, fmt.Sprintf("%s is %s, not a %s", name, check.FileKind(e.Type), e.unit()), "take it out"))
	}
	if e.BadName {
		all = append(all, BadFolderName.At(place, fmt.Sprintf("%s has a name that is not valid UTF-8 or holds a backslash, written \\xNN here", name),
			"rename it"))
	}
	return all
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
