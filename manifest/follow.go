package manifest

import (
	"context"
	"io/fs"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// followBudget bounds the work for the proposals of one service: a try costs the
// bytes of the file and as much as a kilobyte for each finding. What it does not
// reach for is not proposed.
const followBudget = 1 << 20

// follow keeps the proposals that heal: each is followed in a copy of the files,
// and after it the finding is gone and no other has come. Others fall back to
// what their help says otherwise. judge is what is found once an edit was made.
func follow(found []verdict.Finding, judge func(file string, f *verdict.Fix) (after []verdict.Finding, bytes int, ok bool)) {
	budget, before := followBudget, map[remains]int(nil)
	for i := range found {
		f := &found[i]
		if f.Fix == nil {
			continue
		}
		if before == nil {
			before = remaining(found)
		}
		if budget -= len(found) << 10; budget > 0 {
			after, bytes, ok := judge(f.File, f.Fix)
			if budget -= bytes; ok && heals(remainsOf(f), before, remaining(after)) {
				continue
			}
		}
		f.Help, f.Fix = f.Fix.Otherwise, nil
	}
}

// remains are what stays of a finding when lines and columns move.
type remains struct{ rule, file, path string }

func remainsOf(f *verdict.Finding) remains { return remains{f.Rule, f.File, f.Path} }

func remaining(found []verdict.Finding) map[remains]int {
	counts := make(map[remains]int, len(found))
	for i := range found {
		counts[remainsOf(&found[i])]++
	}
	return counts
}

// heals says that a finding is gone and no other has come.
func heals(f remains, before, after map[remains]int) bool {
	for t, n := range after {
		if n > before[t] {
			return false
		}
	}
	return after[f] < before[f]
}

// followUnit follows the proposals for a service. All of them together may take
// what the check has left of its budget.
func (s *session) followUnit(ctx context.Context, unit check.Unit, regions []string, sc scope, found []verdict.Finding, left budget) {
	follow(found, func(file string, f *verdict.Fix) ([]verdict.Finding, int, bool) {
		on, u, bytes := s, unit, 0
		if own, ok := strings.CutPrefix(file, unit.Dir+"/"); ok {
			u.Files, bytes, ok = patch(unit.Files, own, f)
			if !ok {
				return nil, bytes, false
			}
		} else if on, bytes = s.patched(file, f); on == nil {
			return nil, bytes, false
		}
		if left.steps <= 0 || on.conf == nil || on.teams == nil {
			return nil, bytes, false
		}
		d, rest, err := on.inspect(ctx, u, regions, sc, left)
		left = rest
		return d.Findings, bytes, err == nil
	})
}

// patched is the session with an edit made in a shared file of so many bytes, nil
// where the edit cannot be made.
func (s *session) patched(file string, f *verdict.Fix) (after *session, bytes int) {
	shared, bytes, ok := patch(s.shared, file, f)
	if !ok {
		return nil, bytes
	}
	if after, err := read(shared); err == nil {
		return after, bytes
	}
	return nil, bytes
}

// followShared follows the proposals for the shared files.
func (s *session) followShared() {
	follow(s.found, func(file string, f *verdict.Fix) ([]verdict.Finding, int, bool) {
		after, bytes := s.patched(file, f)
		if after == nil {
			return nil, bytes, false
		}
		return after.found, bytes, true
	})
}

// patchedFS is a file system with another text in one of its files.
type patchedFS struct {
	fs.FS
	name string
	data []byte
}

// patch makes an edit in a file of so many bytes.
func patch(files fs.FS, name string, f *verdict.Fix) (after fs.FS, bytes int, ok bool) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, 0, false
	}
	text, ok := yamldoc.Edited(string(data), f)
	return patchedFS{files, name, []byte(text)}, len(data), ok
}

// ReadFile is the patched text, or another file's own.
func (p patchedFS) ReadFile(name string) ([]byte, error) {
	if name == p.name {
		return p.data, nil
	}
	return fs.ReadFile(p.FS, name)
}

// Stat tells the kind of a file, which a patch does not change.
func (p patchedFS) Stat(name string) (fs.FileInfo, error) { return fs.Stat(p.FS, name) }
