package config

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

// FuzzReadDeclaration: whatever muster.yaml holds, it is read the same way twice, without a
// panic and with all places in the file; what has no mistakes can be walked, has a form that
// can be read again, and fits the JSON Schema.
func FuzzReadDeclaration(f *testing.F) {
	for _, text := range []string{full, located, commands, "", "muster: 1\nunits: {a: &a {at: *a}}\n"} {
		f.Add(text, "units.rule.checks[1].rule", 2, 3)
	}
	for _, r := range registry {
		f.Add(withoutWants(r.Good), "units.port.checks[0].in[0]", 1, 1)
		if r.Code != ruleAliasExpansion.Code { // it takes as long as a thousand others
			f.Add(withoutWants(r.Bad), "units.rule.at", 0, 0)
		}
	}
	s := compiled(f)
	f.Fuzz(func(t *testing.T, text, path string, line, column int) {
		files := repository(map[string]string{Marker: text})
		d := declareIn(t, files)
		if diff := cmp.Diff(said(d.Findings), said(declareIn(t, files).Findings)); diff != "" {
			t.Errorf("read again:\n%s", diff)
		}
		located := d.Locate(verdict.Finding{Place: verdict.Place{File: Marker, Path: path, Line: line, Column: column}})
		for _, found := range append(d.Findings, located) {
			inside(t, text, found)
		}
		d.Settings()
		if len(d.Findings) > 0 {
			return
		}
		if err := d.Layout.Check(); err != nil {
			t.Errorf("the layout has %v", err)
		}
		if _, _, err := d.Census(files); err != nil {
			t.Error(err)
		}
		for i, k := range d.Layout.Kinds {
			if again, err := declared.DecodeSection(d.Sections[i].Encode()); err != nil || string(again.Encode()) != string(d.Sections[i].Encode()) || len(k.Checks) == 0 {
				t.Errorf("section %+v is read as %+v, %v", d.Sections[i], again, err)
			}
		}
		if doc := (document.Reader{}).Read(Marker, []byte(text), document.YAML); len(doc.Docs) == 1 {
			if err := s.Validate(doc.Docs[0].Value()); err != nil {
				t.Errorf("the schema: %v", err)
			}
		}
	})
}

// inside says that a finding stands in the text, or in another file.
func inside(t *testing.T, text string, f verdict.Finding) {
	t.Helper()
	if f.File != Marker {
		return
	}
	lines := strings.Split(text, "\n")
	if f.Line < 1 || f.Column < 1 || f.Line > len(lines) || utf8.ValidString(text) && f.Column > utf8.RuneCountInString(lines[f.Line-1])+1 {
		t.Errorf("%s is outside of\n%s", said([]verdict.Finding{f}), text)
	}
}
