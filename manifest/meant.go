package manifest

import (
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/yamldoc"
)

// commandMeant proposes the words of a command line as a list.
func commandMeant(line string, v *yamldoc.Value) (yamldoc.Proposal, bool) {
	if words, ok := commandWords(line); ok {
		return yamldoc.Write(v, yamldoc.Serde.List(words), "").Or(yamldoc.ListHelp), true
	}
	return yamldoc.Advice(yamldoc.ListHelp), true
}

// modeMeant proposes the file mode that a text reads as: octal where it starts with a
// zero, or is none in decimal.
func modeMeant(text string, v *yamldoc.Value) (yamldoc.Proposal, bool) {
	if mode, ok := octalMode(text); ok {
		return writeMode(v, mode), true
	}
	if n, ok := yamldoc.Serde.Integer(text); !ok || n <= maxMode && !strings.HasPrefix(text, "0o") {
		return yamldoc.Advice(modeHelp), true
	}
	return yamldoc.Proposal{}, false
}

// modeHelp says how a file mode is written.
const modeHelp = "a file mode is octal with 0o in front, and decimal without"

// maxMode is the last file mode that Kubernetes takes.
const maxMode = 0o777

// octalMode is the file mode that digits mean to whoever knows chmod; ok is false
// where they may as well be meant in decimal.
func octalMode(text string) (mode int64, ok bool) {
	decimal, err := strconv.ParseInt(text, 10, 64)
	if err != nil || text[0] != '0' && decimal <= maxMode {
		return 0, false
	}
	mode, err = strconv.ParseInt(text, 8, 64)
	return mode, err == nil && mode >= 0 && mode <= maxMode
}

// asMode says how a mode reads in octal.
func asMode(mode int64) string { return "0o" + strconv.FormatInt(mode, 8) }

// templateMeant proposes quotes around a template where one is rendered. Elsewhere
// it would stay as it is.
func templateMeant(v *yamldoc.Value) yamldoc.Proposal {
	if !v.AcceptsText() {
		return yamldoc.Advice("this file is read as it is, before any template; write what the template would")
	}
	if v.Key() == "gitTagTemplate" || v.Parent() != nil && v.Parent().Key() == "env" {
		return yamldoc.QuoteTemplate(v)
	}
	return yamldoc.Advice("variables in env are templates, and config files; elsewhere {{ is a text like others, in quotes")
}
