package schema

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

// Registry is the schemas of a repository, known by their path and by their $id. It is safe for
// concurrent use.
type Registry struct {
	files fs.FS
	paths []string          // sorted
	ids   map[string]string // from the URL of a schema to its path

	mu      sync.Mutex
	sources map[string]*source // by path, nil where there is none
}

// source is a schema file.
type source struct {
	path     string
	doc      *document.Document // nil where it cannot be read
	findings []verdict.Finding  // of reading it
}

// NewRegistry reads the schemas at paths, which may refer to each other by $id. A file that
// cannot be read is a finding, and so is an $id that two of them have: then the first counts, in the
// order of their paths.
func NewRegistry(files fs.FS, paths []string) (*Registry, []verdict.Finding) {
	r := &Registry{files: files, ids: map[string]string{}, sources: map[string]*source{}}
	r.paths = slices.Compact(slices.Sorted(slices.Values(paths)))
	var findings []verdict.Finding
	for _, name := range r.paths {
		s := r.source(name)
		if s == nil {
			findings = append(findings, noSchema.At(verdict.Place{File: name}, "there is no schema "+name, ""))
			continue
		}
		findings = append(findings, s.findings...)
		id, keyword := s.id()
		if id == "" || id == urlOf(name) {
			continue
		}
		if other, taken := r.ids[id]; taken {
			f := duplicateID.At(s.place(below("", keyword), false), fmt.Sprintf("%s %q is that of %s, too: references by it lead there", keyword, id, other), "give one of them another "+keyword)
			f.Related = []verdict.Related{{Place: r.source(other).place(below("", keyword), false), Text: "the same " + keyword}}
			findings = append(findings, f)
			continue
		}
		r.ids[id] = name
	}
	return r, verdict.SortFindings(findings)
}

// source reads the file at a path, once; nil if there is none.
func (r *Registry) source(name string) *source {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, known := r.sources[name]
	if !known {
		s = r.read(name)
		r.sources[name] = s
	}
	return s
}

func (r *Registry) read(name string) *source {
	if !isFile(r.files, name) {
		return nil
	}
	data, err := fs.ReadFile(r.files, name)
	if err != nil {
		return nil
	}
	s := &source{path: name}
	format, ok := document.FormatOf(name)
	if !ok || format == document.JSONC {
		format = document.JSON
	}
	file := document.Reader{}.Read(name, data, format)
	s.findings = file.Findings
	switch {
	case verdict.HasError(s.findings):
	case len(file.Docs) != 1:
		s.findings = append(s.findings, badSchema.At(verdict.Place{File: name, Line: 1, Column: 1}, fmt.Sprintf("a schema is one document, not %d", len(file.Docs)), ""))
	default:
		s.doc = file.Docs[0]
	}
	return s
}

// isFile says whether a regular file has a path, or links that stay in the repository lead from it to
// one.
func isFile(files fs.FS, name string) bool {
	const links = 10
	for range links {
		if !fs.ValidPath(name) {
			return false
		}
		info, err := fs.Lstat(files, name)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return err == nil && info.Mode().IsRegular()
		}
		to, err := fs.ReadLink(files, name)
		if err != nil || path.IsAbs(to) {
			return false
		}
		name = path.Join(path.Dir(name), to)
	}
	return false
}

// place is where something stands in the schema file.
func (s *source) place(pointer string, key bool) verdict.Place {
	if key {
		return s.doc.KeyAt(wayOf(pointer)...)
	}
	return s.doc.At(wayOf(pointer)...)
}

// id is the URL that the schema says it has, "" if it says none, and the keyword that says so.
func (s *source) id() (id, keyword string) {
	if s.doc == nil {
		return "", ""
	}
	root, _ := s.doc.Value().(map[string]any)
	draft := latest
	if uri, ok := root["$schema"].(string); ok {
		draft = draftOf(uri)
	}
	keyword = idKeyword(draft)
	if id = ownID(root, draft); id == "" {
		return "", keyword
	}
	base, err := url.Parse(urlOf(s.path))
	if err != nil {
		return "", keyword
	}
	resolved, err := join(base, id)
	if err != nil {
		return "", keyword
	}
	return resolved.String(), keyword
}

// ownID is what a schema says of its URL, without the fragment.
func ownID(schema map[string]any, draft int) string {
	if _, refers := schema["$ref"]; refers && draft < 2019 && draft != 0 {
		return "" // all that stands beside $ref is ignored
	}
	id, _ := schema[idKeyword(draft)].(string)
	id, _, _ = strings.Cut(id, "#")
	return id
}

// repository is what the URLs of the repository's files begin with.
const repository = "repository://files/"

// urlOf is the URL of a file of the repository.
func urlOf(name string) string {
	return repository + (&url.URL{Path: name}).EscapedPath()
}

// pathOf is the path of the file with a URL, false if that is none of the repository's.
func pathOf(u string) (string, bool) {
	rest, ok := strings.CutPrefix(u, repository)
	if !ok {
		return "", false
	}
	name, err := url.PathUnescape(rest)
	return name, err == nil
}

// join resolves a reference without a fragment as the compiler does.
func join(base *url.URL, ref string) (*url.URL, error) {
	u, err := url.Parse(ref)
	if err != nil {
		return nil, err
	}
	resolved := base.ResolveReference(u)
	if !u.IsAbs() && base.Opaque != "" {
		resolved.Opaque = base.Opaque
	}
	return resolved, nil
}

// relative is the path that a relative reference means beside a file. It is false for a reference
// that is none, and for one that leaves the repository.
func relative(from, ref string) (name string, ok bool) {
	u, err := url.Parse(ref)
	if err != nil || u.IsAbs() || u.Host != "" || u.Path == "" {
		return "", false
	}
	if strings.HasPrefix(u.Path, "/") {
		name = path.Clean(u.Path)[1:]
	} else {
		name = path.Join(path.Dir(from), u.Path)
	}
	return name, fs.ValidPath(name)
}
