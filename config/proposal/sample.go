package proposal

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

// sampled is a file of a kind that was read.
type sampled struct {
	file string
	docs []*document.Document
	// names is the schema that the file names for editors, "" for none.
	names string
	wrong string // why it has no documents
}

// some are so many of the files, evenly spread.
func some(files []string, n int) []string {
	if len(files) <= n {
		return files
	}
	all := make([]string, n)
	for i := range all {
		all[i] = files[i*len(files)/n]
	}
	return all
}

// sampleOf reads some of the files.
func (s *survey) sampleOf(files []string) (all []sampled) {
	for _, file := range some(files, s.bounds.sample) {
		read, data, err := s.document(file)
		one := sampled{file: file, docs: read.Docs}
		switch {
		case err != nil:
			one.wrong = reason(err)
		case len(read.Docs) == 0:
			one.wrong = firstError(read.Findings)
		default:
			one.names = schemaNamed(data, read.Docs)
		}
		all = append(all, one)
	}
	return all
}

func firstError(findings []verdict.Finding) string {
	for _, f := range findings {
		if f.Severity == verdict.Error {
			return f.Message
		}
	}
	return "it holds nothing"
}

// readable are those that have documents, and one of the others.
func readable(all []sampled) (good []sampled, bad sampled) {
	for _, one := range all {
		if one.wrong == "" {
			good = append(good, one)
		} else if bad.file == "" {
			bad = one
		}
	}
	return good, bad
}

// modeline is the comment by which a YAML file names its schema to an editor.
var modeline = regexp.MustCompile(`(?m)^\s*#\s*(?:yaml-language-server\s*:.*?\$schema\s*=\s*|\$schema\s*[:=]\s*)(\S+)`)

// schemaKey is the key by which a document does, and by which a JSON Schema names its draft.
const schemaKey = "$schema"

// schemaNamed is the schema that a file names for editors.
func schemaNamed(data []byte, docs []*document.Document) string {
	if found := modeline.FindSubmatch(data); found != nil {
		return string(found[1])
	}
	if top, ok := docs[0].Value().(map[string]any); ok {
		if name, ok := top[schemaKey].(string); ok && !isDraft(name) {
			return name
		}
	}
	return ""
}

func isDraft(uri string) bool { return strings.Contains(uri, "json-schema.org/") }

// isSchema says whether a document is a JSON Schema.
func isSchema(doc any) bool {
	top, ok := doc.(map[string]any)
	if !ok {
		return false
	}
	if draft, ok := top[schemaKey].(string); ok && isDraft(draft) {
		return true
	}
	if _, ok := top["$id"].(string); !ok {
		return false
	}
	return slices.ContainsFunc([]string{"properties", "$defs", "definitions"}, func(key string) bool {
		_, ok := top[key].(map[string]any)
		return ok
	})
}

// shape are the keys that at least half of the documents have at their top, sorted.
func shape(all []sampled) []string {
	n, keys := 0, map[string]int{}
	for _, one := range all {
		for _, doc := range one.docs {
			n++
			if top, ok := doc.Value().(map[string]any); ok {
				for key := range top {
					keys[key]++
				}
			}
		}
	}
	maps.DeleteFunc(keys, func(_ string, has int) bool { return has*2 < n })
	return slices.Sorted(maps.Keys(keys))
}

// alike says whether two shapes have at least half of their keys in common.
func alike(a, b []string) bool {
	common := 0
	for _, key := range a {
		if slices.Contains(b, key) {
			common++
		}
	}
	return common > 0 && common*2 >= len(a)+len(b)-common
}

// namedAsSchema says whether a file's name says that it is a JSON Schema.
func namedAsSchema(file string) bool {
	stem := strings.TrimSuffix(file, path.Ext(file))
	return strings.HasSuffix(stem, ".schema") || strings.HasSuffix(stem, "-schema") || strings.HasSuffix(stem, "_schema")
}
