package schema

import (
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seed306eabeb/muster/internal/ecma"
)

// node is a compiled schema as it is evaluated: what asks for nothing is nil.
type node struct {
	always, never bool // true and false
	loops         bool // it may come back for the same value
	about         string
	title         string

	types    types
	constant *enum
	enum     *enum
	format   *jsonschema.Format
	ref      *node
	// recursive and dynamic are references whose target depends on the way to them, and anchor
	// is the name by which that is looked for.
	recursive, dynamic *node
	anchor             string
	recursesFurther    bool // recursive leads to the outermost schema that says so
	scope              *scope

	allOf, anyOf, oneOf  []*node
	not, when, then, els *node

	object *objectRules
	list   *listRules
	text   *textRules
	number *numberRules
}

type objectRules struct {
	min, max     int // max -1: any number
	required     []string
	properties   map[string]*node
	patterns     []patternRule
	additional   *node
	names        *node
	dependencies []dependency
	unevaluated  *node
}

type patternRule struct {
	re   *ecma.Regexp
	node *node
}

// dependency is what a mapping must have or be if it has a key.
type dependency struct {
	key    string
	keys   []string
	schema *node
}

type listRules struct {
	min, max    int // max -1: any number
	unique      bool
	first       []*node
	rest        *node
	contains    *node
	least, most int // of contains; most -1: any number
	counts      bool
	unevaluated *node
}

type textRules struct {
	min, max int // max -1: any
	pattern  *ecma.Regexp
}

type numberRules struct {
	least, most, above, below, multiple *bound
}

// bound is a number of a schema.
type bound struct {
	rat   *big.Rat
	whole bool
	int   int64 // if whole
}

// scope is a part of a schema with a URL of its own, and where dynamic references lead in
// it.
type scope struct {
	root    *node
	recurs  bool
	anchors map[string]*node
}

// builder makes nodes of compiled schemas.
type builder struct {
	compiler *jsonschema.Compiler
	linker   *linker
	options  Options
	nodes    map[*jsonschema.Schema]*node
	order    []*jsonschema.Schema
	filled   int // of order
	scopes   map[target]*scope
	dynamic  bool
}

func newBuilder(c *jsonschema.Compiler, l *linker, o Options) *builder {
	return &builder{compiler: c, linker: l, options: o, nodes: map[*jsonschema.Schema]*node{}, scopes: map[target]*scope{}}
}

// build makes the node of a schema and of all that it is made of.
func (b *builder) build(s *jsonschema.Schema) (*node, error) {
	root := b.node(s)
	b.finish()
	if b.dynamic {
		for i := 0; i < len(b.order); i++ { // scopes may add to it
			scope, err := b.scopeOf(b.order[i])
			if err != nil {
				return nil, err
			}
			b.nodes[b.order[i]].scope = scope
			b.finish()
		}
	}
	b.markLoops(root)
	return root, nil
}

// node is the node of a schema, which is empty until finish fills it.
func (b *builder) node(s *jsonschema.Schema) *node {
	if s == nil {
		return nil
	}
	n, known := b.nodes[s]
	if !known {
		n = &node{}
		b.nodes[s] = n
		b.order = append(b.order, s)
	}
	return n
}

// finish fills the nodes that are empty.
func (b *builder) finish() {
	for ; b.filled < len(b.order); b.filled++ {
		s := b.order[b.filled]
		b.fill(b.nodes[s], s)
	}
}

func (b *builder) fill(n *node, s *jsonschema.Schema) {
	if s.Bool != nil {
		n.always, n.never = *s.Bool, !*s.Bool
		return
	}
	if s.Ref != nil && s.DraftVersion < 2019 {
		n.ref = b.node(s.Ref) // all that stands beside it is ignored
		return
	}
	n.about, n.title = oneLine(s.Description), oneLine(s.Title)
	n.types = typesOf(s.Types)
	if s.Const != nil {
		n.constant = newEnum([]any{*s.Const})
	}
	if s.Enum != nil {
		n.enum = newEnum(s.Enum.Values)
	}
	if !b.options.FormatsOff {
		n.format = s.Format
	}
	n.ref, n.not = b.node(s.Ref), b.node(s.Not)
	n.allOf, n.anyOf, n.oneOf = b.list(s.AllOf), b.list(s.AnyOf), b.list(s.OneOf)
	n.when, n.then, n.els = b.node(s.If), b.node(s.Then), b.node(s.Else)
	if n.recursive = b.node(s.RecursiveRef); n.recursive != nil {
		b.dynamic = true
		n.recursesFurther = s.RecursiveRef.RecursiveAnchor
	}
	if s.DynamicRef != nil {
		b.dynamic = true
		n.dynamic = b.node(s.DynamicRef.Ref)
		if s.DynamicRef.Ref.DynamicAnchor == s.DynamicRef.Anchor {
			n.anchor = s.DynamicRef.Anchor
		}
	}
	n.object, n.list, n.text, n.number = b.objectRules(s), b.listRules(s), b.textRules(s), numberRulesOf(s)
}

func (b *builder) list(all []*jsonschema.Schema) []*node {
	var nodes []*node
	for _, s := range all {
		nodes = append(nodes, b.node(s))
	}
	return nodes
}

// either is the node of what may be a bool or a schema.
func (b *builder) either(v any) *node {
	switch v := v.(type) {
	case bool:
		return &node{always: v, never: !v}
	case *jsonschema.Schema:
		return b.node(v)
	}
	return nil
}

func (b *builder) objectRules(s *jsonschema.Schema) *objectRules {
	r := &objectRules{min: least(s.MinProperties), max: most(s.MaxProperties), required: s.Required,
		additional: b.either(s.AdditionalProperties), names: b.node(s.PropertyNames), unevaluated: b.node(s.UnevaluatedProperties)}
	if len(s.Properties) > 0 {
		r.properties = map[string]*node{}
	}
	for _, key := range sortedKeys(s.Properties) {
		r.properties[key] = b.node(s.Properties[key])
	}
	for re, of := range s.PatternProperties {
		r.patterns = append(r.patterns, patternRule{re.(*ecma.Regexp), b.node(of)})
	}
	slices.SortFunc(r.patterns, func(a, b patternRule) int { return strings.Compare(a.re.String(), b.re.String()) })
	for _, key := range sortedKeys(s.Dependencies) {
		switch of := s.Dependencies[key].(type) {
		case []string:
			r.dependencies = append(r.dependencies, dependency{key: key, keys: of})
		case *jsonschema.Schema:
			r.dependencies = append(r.dependencies, dependency{key: key, schema: b.node(of)})
		}
	}
	for _, key := range sortedKeys(s.DependentRequired) {
		r.dependencies = append(r.dependencies, dependency{key: key, keys: s.DependentRequired[key]})
	}
	for _, key := range sortedKeys(s.DependentSchemas) {
		r.dependencies = append(r.dependencies, dependency{key: key, schema: b.node(s.DependentSchemas[key])})
	}
	if r.min == 0 && r.max < 0 && r.additional == nil && r.names == nil && r.unevaluated == nil &&
		len(r.required)+len(r.properties)+len(r.patterns)+len(r.dependencies) == 0 {
		return nil
	}
	return r
}

func (b *builder) listRules(s *jsonschema.Schema) *listRules {
	r := &listRules{min: least(s.MinItems), max: most(s.MaxItems), unique: s.UniqueItems,
		contains: b.node(s.Contains), least: 1, most: most(s.MaxContains), counts: s.DraftVersion >= 2020, unevaluated: b.node(s.UnevaluatedItems)}
	if s.MinContains != nil {
		r.least = *s.MinContains
	}
	switch of := s.Items.(type) {
	case *jsonschema.Schema:
		r.rest = b.node(of)
	case []*jsonschema.Schema:
		r.first, r.rest = b.list(of), b.either(s.AdditionalItems)
	}
	if s.DraftVersion >= 2020 {
		r.first, r.rest = b.list(s.PrefixItems), b.node(s.Items2020)
	}
	if r.min == 0 && r.max < 0 && !r.unique && r.contains == nil && r.unevaluated == nil && r.rest == nil && len(r.first) == 0 {
		return nil
	}
	return r
}

func (b *builder) textRules(s *jsonschema.Schema) *textRules {
	r := &textRules{min: least(s.MinLength), max: most(s.MaxLength)}
	if s.Pattern != nil {
		r.pattern = s.Pattern.(*ecma.Regexp)
	}
	if r.min == 0 && r.max < 0 && r.pattern == nil {
		return nil
	}
	return r
}

func numberRulesOf(s *jsonschema.Schema) *numberRules {
	r := numberRules{newBound(s.Minimum), newBound(s.Maximum), newBound(s.ExclusiveMinimum), newBound(s.ExclusiveMaximum), newBound(s.MultipleOf)}
	if r == (numberRules{}) {
		return nil
	}
	return &r
}

func newBound(r *big.Rat) *bound {
	if r == nil {
		return nil
	}
	b := &bound{rat: r}
	if r.IsInt() && r.Num().IsInt64() {
		b.whole, b.int = true, r.Num().Int64()
	}
	return b
}

// asksNothing says whether everything fits, as far as that is plain to see.
func (n *node) asksNothing() bool {
	said := *n
	said.about, said.title, said.loops, said.scope = "", "", false, nil
	if ref := said.ref; ref != nil && ref != n && ref.ref == nil && ref.asksNothing() {
		said.ref = nil
	}
	return n.always || reflect.ValueOf(said).IsZero()
}

func least(n *int) int {
	if n == nil {
		return 0
	}
	return max(0, *n)
}

func most(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}
