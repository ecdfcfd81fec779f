package impact

import (
	"context"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/id"
)

// moved are the units that only one side has. Of those that have the same files it says so, where it
// is plain which belong together.
func (c *comparison) moved(ctx context.Context, removed, added []id.Unit) (all []Unit, err error) {
	gone, come := make([]Unit, len(removed)), make([]Unit, len(added))
	for i, unit := range removed {
		gone[i] = c.was.named(unit, Removed)
	}
	for i, unit := range added {
		come[i] = c.is.named(unit, Added)
	}
	if len(gone) > 0 && len(come) > 0 {
		had, has := c.byFiles(ctx, c.was, gone), c.byFiles(ctx, c.is, come)
		for files, from := range had {
			to := has[files]
			if len(from) == 1 && len(to) == 1 {
				from[0].To, to[0].From = to[0].Unit, from[0].Unit
			}
		}
	}
	return append(gone, come...), ctx.Err()
}

// byFiles are units by what their files are, where they have any.
func (c *comparison) byFiles(ctx context.Context, s side, units []Unit) map[blob.Name][]*Unit {
	all := map[blob.Name][]*Unit{}
	for i := range units {
		if ctx.Err() != nil {
			break
		}
		u := s.read(ctx, units[i].Unit, c.format)
		if u.err != nil || len(u.files) == 0 {
			continue
		}
		files := u.files
		if isFile(units[i].Path, files) { // its path is that of the unit
			files = []blob.File{{Path: "", ID: files[0].ID, Type: files[0].Type}}
		}
		name := blob.NameOf(files)
		all[name] = append(all[name], &units[i])
	}
	return all
}
