// Package sources has the lines around findings, out of the bytes that were checked: a
// bundle is fetched by its digest when a report asks for the first line of it, and what is
// not there any more is said.
package sources

import (
	"path"
	"sync"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/verdict"
)

// Fetch has the files of a unit as they were checked. The error says to people why they are
// gone. It may be called from several goroutines at once.
type Fetch func(unit aggregator.Unit) (bundle.Bundle, error)

// Sources is a report.Sources. It takes each bundle once, keeps the lines around all findings
// of the unit, and lets the bundle go.
type Sources struct {
	fetch  Fetch
	units  map[string]*unit // by their paths
	shared []*folder
	mu     sync.Mutex // of what follows
	loaded []*unit    // oldest first
	kept   int        // bytes of their lines
	limit  int
}

var _ report.Sources = (*Sources)(nil)

// unit is one of which lines may be asked for.
type unit struct {
	about  aggregator.Unit
	places []verdict.Place // that findings speak of

	mu    sync.Mutex // held while it is fetched; of what follows
	lines map[spot]report.Snippet
	gone  string
	size  int
}

// spot is a line of a file.
type spot struct {
	file string
	line int
}

// mostKept is how many bytes of lines are kept. Those of units that had to go are fetched
// again.
const mostKept = 64 << 20

// New has the lines that the findings of a summary speak of. shared are the files that units
// share, as they were checked, and others are files beside them, by their paths.
func New(s policy.Summary, shared []bundle.Bundle, others map[string][]byte, fetch Fetch) *Sources {
	all := &Sources{fetch: fetch, units: map[string]*unit{}, limit: mostKept}
	for _, b := range shared {
		all.shared = append(all.shared, folderOf(b))
	}
	if len(others) > 0 {
		all.shared = append(all.shared, &folder{files: others})
	}
	for _, side := range [][]aggregator.Unit{s.Errs, s.OKs} {
		for _, u := range side {
			if u.Path != "" && u.Digest != "" {
				all.units[u.Path] = &unit{about: aggregator.Unit{Name: u.Name, Path: u.Path, Digest: u.Digest}}
			}
		}
	}
	all.note(s.Config)
	all.note(s.Remarks)
	for _, side := range [][]aggregator.Unit{s.Errs, s.OKs} {
		for _, u := range side {
			all.note(u.Findings)
			for i := range u.Hidden {
				all.note([]verdict.Finding{u.Hidden[i].Finding})
			}
		}
	}
	return all
}

// note remembers which lines of which unit findings speak of.
func (s *Sources) note(findings []verdict.Finding) {
	for i := range findings {
		s.notePlace(findings[i].Place)
		for _, r := range findings[i].Related {
			s.notePlace(r.Place)
		}
	}
}

func (s *Sources) notePlace(p verdict.Place) {
	if u := s.owner(p.File); u != nil && p.Line > 0 {
		u.places = append(u.places, p)
	}
}

// owner is the unit whose file a path is, the innermost of several, nil if it is none's.
func (s *Sources) owner(file string) *unit {
	for at := file; at != "." && at != "/"; at = path.Dir(at) {
		if u := s.units[at]; u != nil {
			return u
		}
	}
	return nil
}

// Snippet is the lines around a place in a file of a unit, of another one that a finding
// speaks of, or of one that units share.
func (s *Sources) Snippet(of aggregator.Unit, at verdict.Place) report.Snippet {
	if at.Line == 0 || at.File == "" {
		return report.Snippet{}
	}
	u := s.owner(at.File)
	if u == nil {
		return s.sharedLines(at)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.lines == nil {
		s.load(u)
	}
	found, ok := u.lines[spot{at.File, at.Line}]
	switch {
	case u.gone != "":
		return report.Snippet{Gone: u.gone}
	case ok:
		return found
	}
	return s.sharedLines(at) // a file of the folder that is shared, and not the unit's
}

func (s *Sources) sharedLines(at verdict.Place) report.Snippet {
	for _, f := range s.shared {
		if data, ok := f.files[at.File]; ok {
			return report.Cut(data, at)
		}
	}
	return report.Snippet{}
}

// load fetches a unit and keeps its lines. u.mu must be held.
func (s *Sources) load(u *unit) {
	u.lines, u.gone, u.size = map[spot]report.Snippet{}, "", 0
	b, err := s.fetch(u.about)
	if err != nil {
		u.gone = err.Error()
		return
	}
	files := folderOf(b)
	for _, p := range u.places {
		key := spot{p.File, p.Line}
		data, there := files.of(u.about.Path, p.File)
		if _, done := u.lines[key]; done || !there {
			continue
		}
		found := report.Cut(data, p)
		u.lines[key] = found
		for _, line := range found.Lines {
			u.size += len(line)
		}
	}
	s.keep(u)
}

// keep counts what a unit has, and lets the oldest go while there is too much.
func (s *Sources) keep(u *unit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded, s.kept = append(s.loaded, u), s.kept+u.size
	for len(s.loaded) > 1 && s.kept > s.limit {
		old := s.loaded[0]
		if !old.mu.TryLock() { // somebody reads it: it goes the next time
			return
		}
		s.loaded, s.kept = s.loaded[1:], s.kept-old.size
		old.lines = nil
		old.mu.Unlock()
	}
}

// folder is the files of a bundle.
type folder struct{ files map[string][]byte }

func folderOf(b bundle.Bundle) *folder {
	f := &folder{files: make(map[string][]byte, b.Len())}
	for path, data := range b.Files() {
		f.files[path] = data
	}
	return f
}

// of is a file of a unit, which a bundle has by its path in the unit's folder, or in the
// repository where the unit is a file.
func (f *folder) of(unit, file string) (data []byte, ok bool) {
	if data, ok = f.files[file]; ok && unit == file {
		return data, true
	}
	inside, below := cutFolder(file, unit)
	if !below {
		return nil, false
	}
	data, ok = f.files[inside]
	return data, ok
}

func cutFolder(file, folder string) (inside string, ok bool) {
	n := len(folder)
	if len(file) > n+1 && file[:n] == folder && file[n] == '/' {
		return file[n+1:], true
	}
	return "", false
}
