package syntax

import "regexp"

// directiveForm is what a directive looks like: a name, and for those that YAML
// defines what has to follow.
var directiveForm = regexp.MustCompile(`^%(?:(?:YAML[ \t]+[0-9]{1,9}\.[0-9]{1,9}|TAG[ \t]+![0-9A-Za-z_-]*!?[ \t]+[^ \t]+)[ \t]*(?:#.*)?|([0-9A-Za-z_-]+)(?:[ \t].*)?)$`)

// readDirective judges a line that begins with a percent sign. A profile that
// gives directives no meaning has yaml.v3 read another in place of a document's
// first, and none in place of those behind it: the time that yaml.v3 takes for many
// grows with their square.
func (s *scan) readDirective() *Fault {
	m := directiveForm.FindStringSubmatch(s.text())
	known := m != nil && m[1] == ""
	if m == nil || m[1] == "YAML" || m[1] == "TAG" || !known && !s.profile.AnyDirective {
		return s.here("this is no directive of YAML", "write %YAML 1.2, or begin a comment with #")
	}
	if s.profile.AnyDirective && s.directive {
		s.edits.replace(s.i, 0, len(s.text()), "")
	} else if s.profile.AnyDirective {
		s.edits.replace(s.i, 0, len(s.text()), "%TAG !a! x")
	}
	s.stage, s.directive = prologue, true
	return nil
}
