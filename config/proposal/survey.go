package proposal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/document"
)

// survey is what lies in a repository.
type survey struct {
	bounds
	files   fs.FS
	folders map[string]*folder // by path; "." is the root
	entries int
	links   int
	unnamed int // entries whose names no unit can have
	notes
}

// folder is what lies directly in a folder.
type folder struct {
	path  string
	plain []string // the names of its files, sorted
	subs  []string // the names of its folders, but hidden ones
	links []string // the names of its symbolic links
	// aside says that files below are about other files of the repository: tests.
	aside bool
	// closed says that nobody looked into it.
	closed bool
	// odd says that it holds what is neither a file nor a folder.
	odd bool
}

// foreign are the folders of what others have written; trials those of files that try
// something and are not meant.
var (
	foreign = []string{"node_modules", "vendor", "testdata"}
	trials  = []string{"test", "tests", "__tests__", "fixtures", "__fixtures__"}
)

// locks are written by tools alone.
var locks = []string{"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "composer.lock.json", "packages.lock.json"}

// survey walks the repository breadth first, so that its bound leaves out what lies deep.
func (b bounds) survey(ctx context.Context, files fs.FS) (*survey, error) {
	s := &survey{bounds: b, files: files, folders: map[string]*folder{}}
	for queue := []*folder{{path: "."}}; len(queue) > 0; queue = queue[1:] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := queue[0]
		s.folders[f.path] = f
		if f.closed {
			continue
		}
		entries, err := fs.ReadDir(files, f.path)
		if err != nil && f.path == "." {
			return nil, fmt.Errorf("read the repository: %w", err)
		} else if err != nil {
			f.closed = true
			s.note("%s was not looked into: %s", f.path, reason(err))
			continue
		}
		if s.entries += len(entries); s.entries > s.bounds.entries {
			s.note("only the first %s files and folders were looked at: what lies in %s and behind it is not considered", number(s.bounds.entries), f.path)
			f.closed = true
			break
		}
		for _, e := range entries {
			s.take(f, e)
		}
		for _, name := range f.subs {
			queue = append(queue, f.enter(name))
		}
	}
	s.setAside()
	if s.links > 0 {
		s.note("%s not followed", count(s.links, "symbolic link was", "symbolic links were"))
	}
	if s.unnamed > 0 {
		s.note("%s: not UTF-8, or with a backslash. What a glob matches of that is an err", count(s.unnamed, "name is not considered", "names are not considered"))
	}
	return s, nil
}

// take keeps an entry of a folder.
func (s *survey) take(f *folder, e fs.DirEntry) {
	switch t := e.Type(); {
	case t&fs.ModeSymlink != 0:
		f.odd = true
		s.links++
		if nameable(e.Name()) {
			f.links = append(f.links, e.Name())
		}
	case !nameable(e.Name()):
		f.odd = true
		s.unnamed++
	case strings.HasPrefix(e.Name(), "."):
	case t.IsDir():
		f.subs = append(f.subs, e.Name())
	case t.IsRegular():
		f.plain = append(f.plain, e.Name())
	default:
		f.odd = true
	}
}

// nameable says whether a unit can have a name.
func nameable(name string) bool { return utf8.ValidString(name) && !strings.Contains(name, `\`) }

func (f *folder) enter(name string) *folder {
	return &folder{path: path.Join(f.path, name), closed: slices.Contains(foreign, name)}
}

// setAside finds the folders of tests. One that holds files of the names that other folders
// beside it have is none: whatever they are, it is.
func (s *survey) setAside() {
	for _, dir := range slices.Sorted(maps.Keys(s.folders)) {
		f, parent := s.folders[dir], s.folders[path.Dir(dir)]
		f.aside = dir != "." && (parent.aside || isTrial(path.Base(dir)) && !slices.ContainsFunc(parent.subs, func(name string) bool {
			beside := s.folders[path.Join(parent.path, name)]
			return beside != nil && beside != f && !isTrial(name) && slices.ContainsFunc(beside.plain, func(file string) bool {
				_, ok := document.FormatOf(file)
				return ok && slices.Contains(f.plain, file)
			})
		}))
	}
}

func isTrial(name string) bool { return slices.Contains(trials, strings.ToLower(name)) }

// reason is an error without the path that the sentence around it names.
func reason(err error) string {
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		return of.Err.Error()
	}
	return err.Error()
}

// paths are those of all plain files that belong to the repository's matter, sorted.
func (s *survey) paths(aside bool) (all []string) {
	for _, f := range s.folders {
		if f.aside == aside {
			for _, name := range f.plain {
				all = append(all, path.Join(f.path, name))
			}
		}
	}
	slices.Sort(all)
	return all
}

// has says whether a plain file is there.
func (s *survey) has(file string) bool {
	f, ok := s.folders[path.Dir(file)]
	return ok && slices.Contains(f.plain, path.Base(file))
}

// read reads a file, unless it is larger than is read of any.
func (s *survey) read(file string) ([]byte, error) {
	f, err := s.files.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, s.bytes+1))
	if err == nil && int64(len(data)) > s.bytes {
		return nil, fmt.Errorf("it has more than %s bytes", number(int(s.bytes)))
	}
	return data, err
}

// document reads a file's documents.
func (s *survey) document(file string) (document.File, []byte, error) {
	data, err := s.read(file)
	if err != nil {
		return document.File{}, nil, err
	}
	format, ok := document.FormatOf(file)
	if !ok {
		return document.File{}, nil, errors.New("it is neither YAML nor JSON")
	}
	return document.Reader{}.Read(file, data, format), data, nil
}
