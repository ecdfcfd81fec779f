package yamldoc

import (
	"math"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// Origin is where a value was set, and what it stands in the place of.
type Origin struct {
	Layer string        // its name, or else that of the file
	Place verdict.Place // in that layer's file
	Text  string        // as it is written there, in one line
	// Overrode is the origin of what an earlier layer had set, nil where none had.
	Overrode *Origin
}

// NameLayer gives a part of a file a name of its own as a layer, where a file has several.
// It is called before v is merged, and by one goroutine.
func (v *Value) NameLayer(name string) {
	if v == nil || len(v.src.layers) == math.MaxUint16 {
		return
	}
	v.src.layers = append(v.src.layers, name)
	v.inLayer(uint16(len(v.src.layers)))
}

func (v *Value) inLayer(number uint16) {
	v.layer = number
	for _, part := range [2][]*Value{v.fields, v.items} {
		for _, p := range part {
			if p != nil {
				p.inLayer(number)
			}
		}
	}
}

// layerName is the name of the layer that v is part of.
func (v *Value) layerName() string {
	if v.layer == 0 {
		return v.src.name
	}
	return v.src.layers[v.layer-1]
}

// Origin is where v was set, and what it has overridden as a whole. Of a mapping that
// several layers fill it is the last one. What a part of v has overridden that replaced
// something with v is for OriginOf to say.
func (v *Value) Origin() Origin {
	if v == nil {
		return Origin{}
	}
	o := Origin{Layer: v.layerName(), Place: v.Place(), Text: v.Written()}
	if v.overrode != nil {
		below := v.overrode.Origin()
		o.Overrode = &below
	}
	return o
}

// OriginOf is the origin of the value at a path below v, as Find has it: what it has
// overridden itself, or else what stood at its path in a value that one around it has
// overridden. ok is false if there is no such value.
func (v *Value) OriginOf(path string) (o Origin, ok bool) { return originAt(v.way(path, true)) }

func originAt(way []step) (o Origin, ok bool) {
	if len(way) == 0 {
		return Origin{}, false
	}
	target := way[len(way)-1].value
	o = target.Origin()
	for i := len(way) - 1; i >= 0 && o.Overrode == nil; i-- {
		before := way[i].value.overrode.way(way[i].rest, i == 0)
		if len(before) > 0 && before[len(before)-1].value == target {
			continue // it comes from there
		}
		if below, was := originAt(before); was {
			o.Overrode = &below
		}
	}
	return o, true
}

// Find is the value at a path below v, such as workers[0].name, nil if there is none. A
// path is what Path gives: keys are not quoted, and one may have dots and brackets itself.
// In a tree of several layers it is that of the whole, not that of a layer's file.
func (v *Value) Find(path string) *Value {
	way := v.way(path, true)
	if len(way) == 0 {
		return nil
	}
	return way[len(way)-1].value
}

// step is a value on the way along a path, and what is left of the path there.
type step struct {
	value *Value
	rest  string
}

// way are the values from v to that at a path below it, nil if there is none. At the top
// no dot stands before a key.
func (v *Value) way(path string, top bool) []step {
	if v == nil {
		return nil
	}
	here := []step{{v, path}}
	if path == "" {
		return here
	}
	for _, parts := range [2][]*Value{v.fields, v.items} {
		for _, p := range parts {
			if p == nil {
				continue
			}
			rest, ok := strings.CutPrefix(path, p.segment(top))
			if !ok || rest != "" && rest[0] != '.' && rest[0] != '[' {
				continue
			}
			if below := p.way(rest, false); below != nil {
				return append(here, below...)
			}
		}
	}
	return nil
}

// maxWritten bounds what Written looks at; it shows less.
const maxWritten = 256

// Written is v as its layer has it, in one line: a scalar as it is written in the file,
// lists and mappings in brackets, shortened; of one that cannot be read the rest of its
// line. What other layers have set in v is left out.
func (v *Value) Written() string {
	var b strings.Builder
	v.write(&b)
	return Shorten(b.String())
}

func (v *Value) write(b *strings.Builder) {
	switch {
	case v == nil || b.Len() > maxWritten:
	case v.null:
		b.WriteString("null")
	case v.bad && v.text == "" && b.Len() > 0:
		b.WriteString("…")
	case v.bad && v.text == "":
		b.WriteString(strings.TrimSpace(v.src.from(v.at)))
	case v.fields != nil || v.typ.Kind == MapKind:
		v.writeParts(b, "{", "}")
	case v.typ.Kind == ListKind || v.typ.Kind == StringsKind || v.typ.Kind == StringsOrObjectKind || v.IsList():
		v.writeParts(b, "[", "]")
	default:
		b.WriteString(v.scalarWritten())
	}
}

// writeParts writes the parts of v that v's own layer has set.
func (v *Value) writeParts(b *strings.Builder, open, end string) {
	b.WriteString(open)
	separator := ""
	for _, parts := range [2][]*Value{v.fields, v.items} {
		for _, p := range parts {
			if p == nil || p.src != v.src || p.layer != v.layer {
				continue
			}
			b.WriteString(separator)
			separator = ", "
			if open == "{" {
				b.WriteString(v.src.profile.String(p.key) + ": ")
			}
			p.write(b)
		}
	}
	b.WriteString(end)
}

// scalarWritten is a scalar as the file has it on one line, and in quotes if it does not.
func (v *Value) scalarWritten() string {
	line, column := v.content()
	if raw, ok := v.src.written(position{line, column}, v.text); ok && v.style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return raw
	}
	return v.src.profile.String(v.text)
}
