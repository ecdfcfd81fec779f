package manifest

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/yamldoc"
)

// schemaRoots are the files that have a schema, by the names that JSONSchema
// and WriteReference use.
var schemaRoots = []struct {
	name string
	root *yamldoc.Object
}{
	{"manifest", manifestObject},
	{"override", overrideObject},
	{"conf", confObject},
	{"teams", teamsObject},
}

// SchemaNames are the names that JSONSchema takes: manifest for manifest.yml,
// override for files beside it, conf for shipcat.conf and teams for teams.yml.
func SchemaNames() []string {
	names := make([]string, len(schemaRoots))
	for i, r := range schemaRoots {
		names[i] = r.name
	}
	return names
}

// JSONSchema is a JSON Schema (draft 2020-12) of one kind of file, for editors
// and other tools. It says what decoding asks of a file by itself: keys, types,
// ranges and values. What several fields or files say together it does not.
func JSONSchema(name string) ([]byte, error) {
	for _, r := range schemaRoots {
		if r.name == name {
			return yamldoc.JSONSchema(r.root)
		}
	}
	return nil, fmt.Errorf("unknown schema %q: expected one of %s", name, strings.Join(SchemaNames(), ", "))
}

// WriteReference writes a page in Markdown about every key of manifest.yml, its
// overrides, shipcat.conf and teams.yml.
func WriteReference(w io.Writer) error {
	if _, err := fmt.Fprint(w, "# Keys\n\nEvery key that is read. A key without a default that is not required may be absent or null.\n"); err != nil {
		return err
	}
	var roots []*yamldoc.Object
	for _, r := range schemaRoots {
		roots = append(roots, r.root)
	}
	pages := slices.DeleteFunc(yamldoc.Objects(roots...), func(o *yamldoc.Object) bool { return o == overrideObject })
	return yamldoc.WriteReference(w, pages)
}
