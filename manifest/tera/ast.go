package tera

// Offsets (pos) are bytes from the start of the template's text.

// A node is a piece of a template's body: text, output or a tag.
type node interface{}

// tag is what all tags have in common: where they stand and which white space
// their dashes remove, named from the tag's point of view.
type tag struct {
	pos int
	// outBefore and outAfter: the text around the whole tag, with its end tag.
	outBefore, outAfter bool
	// inFirst and inLast: the start and the end of the tag's own body.
	inFirst, inLast bool
}

// edges gives access to the common part of any tag.
func (t *tag) edges() *tag { return t }

type (
	textNode struct{ text string }

	rawNode struct {
		tag
		text string
	}

	outputNode struct{ value *expr }

	setNode struct {
		tag
		name   string
		global bool
		value  *expr
	}

	ifNode struct {
		tag
		branches []branch
	}

	forNode struct {
		tag
		key, value string // key is empty without one
		in         *expr
		body       []node
	}

	// jumpNode is break or continue.
	jumpNode struct {
		tag
		leave bool
	}

	filterNode struct {
		tag
		filter *call
		body   []node
	}

	blockNode struct {
		tag
		name string
		body []node
	}

	macroNode struct {
		tag
		name string
		body []node
	}

	includeNode struct {
		tag
		file string
	}

	// importNode stands where nothing is rendered.
	importNode struct{ tag }
)

// A branch is one arm of an if; cond is nil in else.
type branch struct {
	cond                *expr
	outBefore, firstOut bool
	body                []node
}

type exprKind int

const (
	exprString exprKind = iota
	exprInt
	exprFloat
	exprBool
	exprPath
	exprConcat
	exprTest
	exprCall
	exprMacro
	exprMath
	exprCompare
	exprLogic
	exprArray
)

// An expr is one node of an expression; which fields count depends on its kind.
type expr struct {
	pos     int
	kind    exprKind
	negated bool
	filters []*call
	height  int // of the tree below, so that evaluation cannot recurse too deep

	text        string  // string: the value; macro: its name
	integer     int64   // int
	float       float64 // float
	truth       bool    // bool
	path        *path   // path
	call        *call   // call
	test        *test   // test
	items       []*expr // concat, array
	op          string  // math, compare, logic
	left, right *expr
}

// A call is a filter or a function with its keyword arguments, in order.
type call struct {
	pos  int
	name string
	args []argument
}

type argument struct {
	name  string
	value *expr
}

// arg finds an argument; of two with one name the last counts.
func (c *call) arg(name string) *expr {
	for i := len(c.args) - 1; i >= 0; i-- {
		if c.args[i].name == name {
			return c.args[i].value
		}
	}
	return nil
}

// A test is "path is name(args)".
type test struct {
	path *path
	pos  int // of the name
	name string
	args []*expr
}

// A path names a variable: env.A, xs[0], urls[region].
type path struct {
	pos   int
	text  string // as written
	steps []step
}

// A step is a name, an index or a quoted key, or a path whose value is one.
type step struct {
	name string
	sub  *path
}
