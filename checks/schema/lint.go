package schema

import "github.com/seed306eabeb/muster/verdict"

func lint(s *source, l *linker) []verdict.Finding { return nil }
