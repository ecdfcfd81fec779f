package proposal

import (
	"context"
	"io/fs"
)

// OfSome is Of with another bound of the files and folders that are looked at.
func OfSome(ctx context.Context, files fs.FS, entries int) (Proposal, error) {
	b := standard
	b.entries = entries
	return b.of(ctx, files)
}
