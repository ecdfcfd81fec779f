package schema

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seed306eabeb/muster/verdict"
)

// metas are the schemas of the drafts, each compiled when it is asked for.
var metas = map[int]func() (*Schema, error){
	4: compileMeta("http://json-schema.org/draft-04/schema"), 6: compileMeta("http://json-schema.org/draft-06/schema"), 7: compileMeta("http://json-schema.org/draft-07/schema"),
	2019: compileMeta("https://json-schema.org/draft/2019-09/schema"), 2020: compileMeta("https://json-schema.org/draft/2020-12/schema"),
}

func metaOf(draft int) (*Schema, error) { return metas[draft]() }

func compileMeta(url string) func() (*Schema, error) {
	return sync.OnceValues(func() (*Schema, error) {
		var s *Schema
		err := guard(func() error {
			c := newCompiler(nil)
			compiled, err := c.Compile(url)
			if err != nil {
				return err
			}
			b := newBuilder(c, nil, Options{})
			root, err := b.build(compiled)
			s = &Schema{root: root}
			return err
		})
		return s, err
	})
}

// draftOf is the draft of a file, false where parts of it follow another one, or a dialect of
// their own.
func (l *linker) draftOf(file string) (draft int, ok bool) {
	for _, u := range l.units {
		if u.source.path != file {
			continue
		}
		for _, res := range u.resources {
			if res.custom || draft != 0 && res.draft != draft {
				return 0, false
			}
			draft = res.draft
		}
	}
	return draft, draft != 0
}

// refused is what the compiler says, where it found what nobody else has.
func (l *linker) refused(name string, err error) verdict.Finding {
	at, said := "", err.Error()
	var invalid *jsonschema.SchemaValidationError
	var regex *jsonschema.InvalidRegexError
	switch {
	case errors.As(err, &invalid):
		at = invalid.URL
		var why *jsonschema.ValidationError
		if errors.As(invalid.Err, &why) {
			why = slices.MinFunc(leaves(why), func(a, b *jsonschema.ValidationError) int { return strings.Compare(a.Error(), b.Error()) })
			at += below("", why.InstanceLocation...)
			said = why.Error()
		}
	case errors.As(err, &regex):
		at, said = regex.URL, fmt.Sprintf("%s is no regular expression: %v", quote(regex.Regex), regex.Err)
	}
	file, fragment, _ := strings.Cut(at, "#")
	pointer, _ := url.PathUnescape(fragment)
	path, known := l.paths[file]
	if !known {
		path, pointer = name, ""
	}
	said = strings.ReplaceAll(said, repository, "")
	return badSchema.At(l.registry.source(path).place(strings.TrimSuffix(pointer, "/"), false), "the schema does not compile: "+brief(said), "")
}

// leaves are the errors that have no causes.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}
