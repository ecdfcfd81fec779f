package config

import (
	"bytes"
	"io/fs"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/verdict"
)

// withThoseOfChecks are the mistakes of the file and those that its checks find in what they are
// told, which otherwise come to light when the checks are opened: nobody is to mend the one kind to
// be shown the other. One place has one mistake.
func (d *Declaration) withThoseOfChecks(files fs.FS) []verdict.Finding {
	all := slices.Clone(d.Findings)
	for _, s := range d.Sections {
		session, err := declared.New().Open(sectionOver{files, s.Encode()})
		if err != nil {
			continue // the file's own mistakes say why
		}
		for _, f := range session.Findings() {
			f = d.Locate(f)
			if !slices.ContainsFunc(d.Findings, func(known verdict.Finding) bool {
				return known.File == f.File && known.Line == f.Line && known.Column == f.Column
			}) && f.Name != nameNoSchema {
				all = append(all, f)
			}
		}
	}
	return verdict.SortFindings(all)
}

// nameNoSchema is how a check calls a schema that is not there, which is known here.
const nameNoSchema = "no-schema"

// sectionOver is a section in the place of the file that it is made of.
type sectionOver struct {
	fs.FS
	section []byte
}

func (s sectionOver) Open(name string) (fs.File, error) {
	if name == declared.SectionFile {
		return &sectionFile{Reader: bytes.NewReader(s.section)}, nil
	}
	return s.FS.Open(name)
}

// sectionFile is an open section.
type sectionFile struct{ *bytes.Reader }

func (f *sectionFile) Stat() (fs.FileInfo, error) { return f, nil }
func (*sectionFile) Close() error                 { return nil }
func (*sectionFile) Name() string                 { return declared.SectionFile }
func (*sectionFile) Mode() fs.FileMode            { return 0o444 }
func (*sectionFile) ModTime() time.Time           { return time.Time{} }
func (*sectionFile) IsDir() bool                  { return false }
func (*sectionFile) Sys() any                     { return nil }
