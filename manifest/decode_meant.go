package manifest

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// typeMeant proposes the value of v's type that n was meant for, where that is
// plain. A value below a key that no description names may belong to another key.
func typeMeant(n *yaml.Node, v *value) proposal {
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
	return scalarMeant(resolve(n), n.Style != 0, v)
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
	case t.kind == intKind && s.kind == scalarString:
		return integerMeant(s.text, quoted, v)
	case t.kind == objectKind && s.kind == scalarString && t.object.onlyName():
		return writeYAML(v, "{name: "+yamlString(s.text)+"}", "")
	case t.kind == listKind && s.kind == scalarString:
		return listMeant(s.text, v)
	}
	return advice("")
}

// integerMeant proposes the integer that a text reads as. A file mode is octal where
// it starts with a zero, or is none in decimal.
func integerMeant(text string, quoted bool, v *value) proposal {
	if v.typ.mode {
		if mode, ok := octalMode(text); ok {
			return writeMode(v, mode)
		}
		if n, _, ok := parseInt(text); !ok || n <= maxMode && !strings.HasPrefix(text, "0o") {
			return advice("a file mode is octal with 0o in front, and decimal without")
		}
	}
	switch {
	case quoted && resolvePlain(text).kind == scalarInt:
		return writeYAML(v, text, " without quotes")
	case leadingZeros(text):
		digits := strings.TrimLeft(text[:len(text)-1], "0") + text[len(text)-1:]
		return writeYAML(v, digits, ", without leading zeros")
	}
	return advice("")
}

// maxMode is the last file mode that Kubernetes takes.
const maxMode = 0o777

// octalMode is the file mode that digits mean to whoever knows chmod; ok is false
// where they may as well be meant in decimal.
func octalMode(text string) (mode int64, ok bool) {
	decimal, err := strconv.ParseInt(text, 10, 64)
	if err != nil || text[0] != '0' && decimal <= maxMode {
		return 0, false
	}
	mode, err = strconv.ParseInt(text, 8, 64)
	return mode, err == nil && mode >= 0 && mode <= maxMode
}

// listMeant proposes the list that a text was meant for: of its words for a
// command, and otherwise of what commas part.
func listMeant(text string, v *value) proposal {
	const otherwise = "a list has one line with a dash for each item, or brackets around all"
	elem := v.typ.elem
	switch {
	case elem.kind == objectKind && elem.object.onlyName() && simpleItem(text):
		return writeYAML(v, "[{name: "+yamlString(text)+"}]", "").or(otherwise)
	case elem.kind != stringKind && elem.kind != textKind:
		return advice("")
	case v.key == "command":
		if words, ok := commandWords(text); ok {
			return writeYAML(v, yamlList(words), "").or(otherwise)
		}
		return advice(otherwise)
	}
	items := strings.Split(text, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
		if !simpleItem(items[i]) {
			return advice(otherwise)
		}
	}
	return writeYAML(v, yamlList(items), "").or(otherwise)
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

// asMode says how a mode reads in octal.
func asMode(mode int64) string { return "0o" + strconv.FormatInt(mode, 8) }

// templateMeant proposes quotes around a template where one is rendered. Elsewhere
// it would stay as it is.
func templateMeant(v *value) proposal {
	if !acceptsText(v.typ) {
		return advice("this file is read as it is, before any template; write what the template would")
	}
	if v.key == "gitTagTemplate" || v.parent != nil && v.parent.key == "env" {
		return quoteTemplate(v)
	}
	return advice("variables in env are templates, and config files; elsewhere {{ is a text like others, in quotes")
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
