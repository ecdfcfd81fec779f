package schema

import (
	"strings"
)

// shape is how the schemas of a keyword lie below it.
type shape uint8

const (
	plain shape = iota
	oneSchema
	schemaList
	schemaOrList
	schemasByName
	schemasOrKeysByName // dependencies
)

// keyword is a word that JSON Schema knows, from one draft to another; until 0 is for ever.
type keyword struct {
	shape        shape
	since, until int
	// stored: its schemas apply to nothing unless somebody refers to them.
	stored bool
}

// latest is the draft of a schema that names none.
const latest = 2020

// keywords are all that some draft knows.
var keywords = map[string]keyword{
	"$schema": {since: 4}, "$ref": {since: 4}, "id": {since: 4, until: 4}, "$id": {since: 6},
	"$comment": {since: 7}, "$anchor": {since: 2019}, "$vocabulary": {since: 2019},
	"$recursiveRef": {since: 2019, until: 2019}, "$recursiveAnchor": {since: 2019, until: 2019},
	"$dynamicRef": {since: 2020}, "$dynamicAnchor": {since: 2020},
	"definitions": {shape: schemasByName, since: 4, stored: true},
	"$defs":       {shape: schemasByName, since: 2019, stored: true},

	"title": {since: 4}, "description": {since: 4}, "default": {since: 4}, "examples": {since: 6},
	"readOnly": {since: 7}, "writeOnly": {since: 7}, "deprecated": {since: 2019},

	"type": {since: 4}, "enum": {since: 4}, "const": {since: 6}, "format": {since: 4},
	"multipleOf": {since: 4}, "maximum": {since: 4}, "minimum": {since: 4}, "exclusiveMaximum": {since: 4}, "exclusiveMinimum": {since: 4},
	"maxLength": {since: 4}, "minLength": {since: 4}, "pattern": {since: 4},
	"contentEncoding": {since: 7}, "contentMediaType": {since: 7}, "contentSchema": {shape: oneSchema, since: 2019, stored: true},
	"maxItems": {since: 4}, "minItems": {since: 4}, "uniqueItems": {since: 4}, "minContains": {since: 2019}, "maxContains": {since: 2019},
	"maxProperties": {since: 4}, "minProperties": {since: 4}, "required": {since: 4}, "dependentRequired": {since: 2019},

	"allOf": {shape: schemaList, since: 4}, "anyOf": {shape: schemaList, since: 4}, "oneOf": {shape: schemaList, since: 4}, "not": {shape: oneSchema, since: 4},
	"if": {shape: oneSchema, since: 7}, "then": {shape: oneSchema, since: 7}, "else": {shape: oneSchema, since: 7},
	"properties": {shape: schemasByName, since: 4}, "patternProperties": {shape: schemasByName, since: 4},
	"additionalProperties": {shape: oneSchema, since: 4}, "propertyNames": {shape: oneSchema, since: 6},
	"dependencies":     {shape: schemasOrKeysByName, since: 4}, // kept by v6 in all drafts
	"dependentSchemas": {shape: schemasByName, since: 2019},
	"items":            {shape: schemaOrList, since: 4}, "prefixItems": {shape: schemaList, since: 2020},
	"additionalItems": {shape: oneSchema, since: 4, until: 2019}, "contains": {shape: oneSchema, since: 6},
	"unevaluatedItems": {shape: oneSchema, since: 2019}, "unevaluatedProperties": {shape: oneSchema, since: 2019},
}

// knows says whether a draft has the keyword.
func (k keyword) knows(draft int) bool {
	return draft >= k.since && (k.until == 0 || draft <= k.until)
}

// draftName is what people call a draft.
func draftName(draft int) string {
	return map[int]string{4: "draft-04", 6: "draft-06", 7: "draft-07", 2019: "draft 2019-09", 2020: "draft 2020-12"}[draft]
}

// metaschemas are the paths, at json-schema.org, of the schemas that are built in.
var metaschemas = map[string]int{
	"schema":          latest,
	"draft-04/schema": 4, "draft-06/schema": 6, "draft-07/schema": 7,
	"draft/2019-09/schema": 2019, "draft/2020-12/schema": 2020,
	"draft/2019-09/meta/core": 2019, "draft/2019-09/meta/applicator": 2019, "draft/2019-09/meta/validation": 2019,
	"draft/2019-09/meta/meta-data": 2019, "draft/2019-09/meta/format": 2019, "draft/2019-09/meta/content": 2019,
	"draft/2020-12/meta/core": 2020, "draft/2020-12/meta/applicator": 2020, "draft/2020-12/meta/unevaluated": 2020,
	"draft/2020-12/meta/validation": 2020, "draft/2020-12/meta/meta-data": 2020, "draft/2020-12/meta/content": 2020,
	"draft/2020-12/meta/format-annotation": 2020, "draft/2020-12/meta/format-assertion": 2020,
}

// metaschema is the draft of a built-in schema, by its URL without fragment; 0 for others.
func metaschema(url string) int {
	for _, scheme := range []string{"http://", "https://"} {
		if path, ok := strings.CutPrefix(url, scheme+"json-schema.org/"); ok {
			return metaschemas[path]
		}
	}
	return 0
}

// draftOf is the draft that the URL of a $schema stands for; 0 where it is none.
func draftOf(url string) int {
	url, fragment, _ := strings.Cut(url, "#")
	if fragment != "" || !strings.HasSuffix(url, "schema") {
		return 0
	}
	return metaschema(url)
}

// idKeyword is the keyword that gives a schema its URL.
func idKeyword(draft int) string {
	if draft == 4 {
		return "id"
	}
	return "$id"
}
