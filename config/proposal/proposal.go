// Package proposal looks at a repository and writes a muster.yaml for it: units by what
// repeats, schemas by which of them the units satisfy, and claims by what their values are.
// All it says is true of what it has read, and what it has not read it does not say.
package proposal

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/manifest"
)

// File is the name of the file that a proposal is for, in the root of the repository.
const File = declared.SectionFile

// Proposal is a muster.yaml for a repository.
type Proposal struct {
	Text string
	// Notes say what was found, and what was left out and why, a sentence each.
	Notes []string
}

// ErrNothing is the reason why there is no proposal: nothing in the repository repeats.
var ErrNothing = errors.New("nothing here repeats: looked for " + lookedFor)

const lookedFor = "YAML and JSON files of one name in three folders or more, and for three or more with one ending below a folder"

// bounds are how much of a repository is looked at.
type bounds struct {
	entries int   // files and folders
	sample  int   // files of one kind that are read
	schemas int   // files that are tried as schemas
	bytes   int64 // of a file that is read
	kinds   int
}

var standard = bounds{entries: 200_000, sample: 48, schemas: 64, bytes: 1 << 20, kinds: 6}

// Of looks at a repository. Links are not followed, and what cannot be read is a note, but
// for the root. The same files give the same proposal. With ErrNothing, and with ctx's
// error, there are notes alone.
func Of(ctx context.Context, files fs.FS) (Proposal, error) { return standard.of(ctx, files) }

func (b bounds) of(ctx context.Context, files fs.FS) (Proposal, error) {
	s, err := b.survey(ctx, files)
	if err != nil {
		return Proposal{}, err
	}
	if s.has(manifest.Marker) {
		return s.shipcat()
	}
	d := draft{survey: s, kinds: s.kinds()}
	if len(d.kinds) == 0 {
		return Proposal{Notes: s.said}, ErrNothing
	}
	if err := d.check(ctx); err != nil {
		return Proposal{Notes: s.said}, err
	}
	return Proposal{Text: d.text(), Notes: s.said}, nil
}

// draft is a proposal in the making.
type draft struct {
	*survey
	kinds []*kind
	globs []string // of schemas that refer to each other
}

// check finds the checks of each kind. Each of them reads the files; where there is none,
// that they can be read is one.
func (d *draft) check(ctx context.Context) error {
	if err := d.schemas(ctx); err != nil {
		return err
	}
	d.claims()
	for _, k := range d.kinds {
		if !slices.ContainsFunc(k.checks, func(l line) bool { return !l.off }) {
			k.checks = slices.Insert(k.checks, 0, line{text: k.checked(declared.Syntax, "auto")})
		}
	}
	return nil
}
