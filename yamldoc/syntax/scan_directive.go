package syntax

import "regexp"

// directiveForm is what a directive looks like: a name, and for those that YAML
// defines what has to follow.
var directiveForm = regexp.MustCompile(`^%(?:(?:YAML[ \t]+[0-9]{1,9}\.[0-9]{1,9}|TAG[ \t]+![0-9A-Za-z_-]*!?[ \t]+[^ \t]+)[ \t]*(?:#.*)?|([0-9A-Za-z_-]+)(?:[ \t].*)?)$`)

// readDirective judges a line that begins with a percent sign. A profile that
// gives directives no meaning has yaml.v3 read another in their place, one that
// it takes as often as there are such lines.
func (s *scan) readDirective() *Fault {
	m := directiveForm.FindStringSubmatch(s.text())
	known := m != nil && m[1] == ""
	if m == nil || m[1] == "YAML" || m[1] == "TAG" || !known && !s.profile.AnyDirective {
		return s.here("this is no directive of YAML", "write %YAML 1.2, or begin a comment with #")
	}
	s.stage, s.directive = prologue, true
	if s.profile.AnyDirective {
		s.edits.replace(s.i, 0, len(s.text()), "%TAG !"+letters(s.i)+"! x")
	}
	return nil
}

// letters writes a number with letters, as the name of a tag's handle has it.
func letters(n int) string {
	text := ""
	for ; n >= 0; n = n/26 - 1 {
		text = string(rune('a'+n%26)) + text
	}
	return text
}
