package manifest

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// typeMeant proposes the value of v's type that n was meant for, where that is
// plain. A value below a key that no description names may belong to another key.
func (d *decoder) typeMeant(n *yaml.Node, v *value) proposal {
	if p := v.parent; p != nil && p.typ.kind == objectKind {
		if _, named := p.typ.object.index[v.key]; !named {
			if best := nearest(v.key, p.typ.object.keys()); best != "" {
				return keyMeant(v, best)
			}
		}
	}
	if n.Kind != yaml.ScalarNode {
		return advice("")
	}
	v.text = n.Value
	return scalarMeant(d.scalars().node(n), n.Style != 0, v)
}

// keyMeant asks whether v's key was meant for another one. The edit of a key is no
// edit at v, so it is found from there.
func keyMeant(v *value, best string) proposal { return asked(best, v.renamed(best)) }

func scalarMeant(s scalar, quoted bool, v *value) proposal {
	t := v.typ
	switch {
	case acceptsText(t) && s.kind != scalarString && s.kind != scalarNull:
		return quote(v)
	case t.kind == boolKind && slices.Contains([]string{"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}, s.text):
		return writeYAML(v, "true", ", without quotes")
	case t.kind == boolKind && slices.Contains([]string{"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}, s.text):
		return writeYAML(v, "false", ", without quotes")
	case t.meant != nil && s.kind == scalarString:
		if p, ok := t.meant(s.text, v); ok {
			return p
		}
	}
	return scalarOf(s, quoted, v)
}

func scalarOf(s scalar, quoted bool, v *value) proposal {
	t := v.typ
	switch {
	case t.kind == intKind && s.kind == scalarString:
		return integerMeant(s.text, quoted, v)
	case t.kind == objectKind && s.kind == scalarString && t.object.onlyName():
		return writeYAML(v, "{name: "+v.src.profile.String(s.text)+"}", "")
	case t.kind == listKind && s.kind == scalarString:
		return listMeant(s.text, v)
	}
	return advice("")
}

// integerMeant proposes the integer that a text reads as.
func integerMeant(text string, quoted bool, v *value) proposal {
	switch {
	case quoted && v.src.profile.Scalars.plain(text).kind == scalarInt:
		return writeYAML(v, text, " without quotes")
	case leadingZeros(text):
		digits := strings.TrimLeft(text[:len(text)-1], "0") + text[len(text)-1:]
		return writeYAML(v, digits, ", without leading zeros")
	}
	return advice("")
}

// listHelp says how a list is written.
const listHelp = "a list has one line with a dash for each item, or brackets around all"

// listMeant proposes the list that a text was meant for: of what commas part.
func listMeant(text string, v *value) proposal {
	elem := v.typ.elem
	switch {
	case elem.kind == objectKind && elem.object.onlyName() && simpleItem(text):
		return writeYAML(v, "[{name: "+v.src.profile.String(text)+"}]", "").or(listHelp)
	case elem.kind != stringKind && elem.kind != textKind:
		return advice("")
	}
	items := strings.Split(text, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
		if !simpleItem(items[i]) {
			return advice(listHelp)
		}
	}
	return writeYAML(v, v.src.profile.List(items), "").or(listHelp)
}

// simpleItem says that a text is one item beyond doubt.
func simpleItem(text string) bool {
	return text != "" && !strings.ContainsAny(text, " \t\n,;|&[]{}<>\"'`") && !strings.HasPrefix(text, "-")
}

// onlyName says that o must be given a name, and nothing else.
func (o *object) onlyName() bool {
	i, named := o.index["name"]
	for _, f := range o.fields {
		if f.required && f.key != "name" {
			return false
		}
	}
	return named && (o.fields[i].required || len(o.fields) == 1)
}

// templateFix is the edit that puts quotes around a template that starts at v, nil
// where it does not end on the same line.
func templateFix(v *value) (quoted string, fix *verdict.Fix) {
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
