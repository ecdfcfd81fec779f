package yamldoc

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// typeMeant proposes the value of v's type that n was meant for, where that is
// plain. A value below a key that no description names may belong to another key.
func (d *decoder) typeMeant(n *yaml.Node, v *Value) Proposal {
	if p := v.parent; p != nil && p.typ.Kind == ObjectKind {
		if _, named := p.typ.Object.index[v.key]; !named {
			if best := Nearest(v.key, p.typ.Object.Keys()); best != "" {
				return keyMeant(v, best)
			}
		}
	}
	if n.Kind != yaml.ScalarNode {
		return Advice("")
	}
	v.text = n.Value
	return scalarMeant(d.scalars().Node(n), n.Style != 0, v)
}

// keyMeant asks whether v's key was meant for another one. The edit of a key is no
// edit at v, so it is found from there.
func keyMeant(v *Value, best string) Proposal { return Asked(best, v.Renamed(best)) }

// scalarMeant proposes what a scalar was meant for.
func scalarMeant(s Scalar, quoted bool, v *Value) Proposal {
	t := v.typ
	switch {
	case acceptsText(t) && s.Kind != StringScalar && s.Kind != NullScalar:
		return Quote(v)
	case t.Kind == BoolKind && slices.Contains([]string{"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}, s.Text):
		return Write(v, "true", ", without quotes")
	case t.Kind == BoolKind && slices.Contains([]string{"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}, s.Text):
		return Write(v, "false", ", without quotes")
	case t.Meant != nil && s.Kind == StringScalar:
		if p, ok := t.Meant(s.Text, v); ok {
			return p
		}
	}
	return kindMeant(s, quoted, v)
}

// kindMeant proposes what a text was meant for that stands in the place of another kind.
func kindMeant(s Scalar, quoted bool, v *Value) Proposal {
	t := v.typ
	switch {
	case (t.Kind == IntKind || t.Kind == IntOrListKind) && s.Kind == StringScalar:
		return integerMeant(s.Text, quoted, v)
	case t.Kind == ObjectKind && s.Kind == StringScalar && t.Object.onlyName():
		return Write(v, "{name: "+v.src.profile.String(s.Text)+"}", "")
	case t.Kind == ListKind && s.Kind == StringScalar:
		return listMeant(s.Text, v)
	}
	return Advice("")
}

// integerMeant proposes the integer that a text reads as.
func integerMeant(text string, quoted bool, v *Value) Proposal {
	switch {
	case quoted && v.src.profile.Scalars.Plain(text).Kind == IntScalar:
		return Write(v, text, " without quotes")
	case leadingZeros(text):
		digits := strings.TrimLeft(text[:len(text)-1], "0") + text[len(text)-1:]
		return Write(v, digits, ", without leading zeros")
	}
	return Advice("")
}

// ListHelp says how a list is written.
const ListHelp = "a list has one line with a dash for each item, or brackets around all"

// listMeant proposes the list that a text was meant for: of what commas part.
func listMeant(text string, v *Value) Proposal {
	elem := v.typ.Elem
	switch {
	case elem.Kind == ObjectKind && elem.Object.onlyName() && simpleItem(text):
		return Write(v, "[{name: "+v.src.profile.String(text)+"}]", "").Or(ListHelp)
	case elem.Kind != StringKind && elem.Kind != TextKind:
		return Advice("")
	}
	items := strings.Split(text, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
		if !simpleItem(items[i]) {
			return Advice(ListHelp)
		}
	}
	return Write(v, v.src.profile.List(items), "").Or(ListHelp)
}

// simpleItem says that a text is one item beyond doubt.
func simpleItem(text string) bool {
	return text != "" && !strings.ContainsAny(text, " \t\n,;|&[]{}<>\"'`") && !strings.HasPrefix(text, "-")
}

// onlyName says that o must be given a name, and nothing else.
func (o *Object) onlyName() bool {
	i, named := o.index["name"]
	for _, f := range o.Fields {
		if f.Required && f.Key != "name" {
			return false
		}
	}
	return named && (o.Fields[i].Required || len(o.Fields) == 1)
}

// templateFix is the edit that puts quotes around a template that starts at v, nil
// where it does not end on the same line.
func templateFix(v *Value) (quoted string, fix *verdict.Fix) {
	rest := strings.TrimSpace(v.src.from(v.at))
	end := strings.Index(rest, "}}")
	if end < 0 || strings.Contains(rest[:end], " #") {
		return "", nil
	}
	raw := rest[:end+len("}}")]
	if more := strings.TrimSpace(rest[len(raw):]); more != "" && !strings.ContainsAny(more[:1], ",}]#") {
		return "", nil
	}
	quoted = `"` + raw + `"`
	if strings.ContainsAny(raw, `"\`) {
		quoted = "'" + strings.ReplaceAll(raw, "'", "''") + "'"
	}
	return quoted, &verdict.Fix{Line: v.at.line, Column: v.at.column, Old: raw, New: quoted}
}
