package genfleet

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The model of a YAML document: mappings that keep their order, sequences and
// scalars. A library would do, but not give people's usual layout (dashes not
// indented under their key) and not write what is wrong on purpose.
type (
	// raw is written as it is: a number, a boolean, a flow sequence, or a mistake.
	raw string

	// comment is written as a comment line; the key of its entry is not.
	comment string

	entry struct {
		key   string
		value any // raw, comment, string, int, bool, *mapping or sequence
	}

	mapping struct{ entries []entry }

	sequence []any
)

// mapOf makes a mapping of key, value, key, value.
func mapOf(pairs ...any) *mapping {
	m := &mapping{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m.set(pairs[i].(string), pairs[i+1])
	}
	return m
}

func (m *mapping) index(key string) int {
	return slices.IndexFunc(m.entries, func(e entry) bool {
		_, isComment := e.value.(comment)
		return e.key == key && !isComment
	})
}

func (m *mapping) has(key string) bool { return m.index(key) >= 0 }

func (m *mapping) get(key string) any {
	if i := m.index(key); i >= 0 {
		return m.entries[i].value
	}
	return nil
}

func (m *mapping) set(key string, value any) {
	if i := m.index(key); i >= 0 {
		m.entries[i].value = value
		return
	}
	m.entries = append(m.entries, entry{key, value})
}

func (m *mapping) del(key string) {
	if i := m.index(key); i >= 0 {
		m.entries = slices.Delete(m.entries, i, i+1)
	}
}

// rename gives an entry another key and leaves it where it is.
func (m *mapping) rename(key, to string) {
	if i := m.index(key); i >= 0 {
		m.entries[i].key = to
	}
}

// note puts a comment before the first entry.
func (m *mapping) note(text string) {
	m.entries = slices.Insert(m.entries, 0, entry{value: comment(text)})
}

// sub is the mapping under key, which it makes when it is absent.
func (m *mapping) sub(key string) *mapping {
	if x, ok := m.get(key).(*mapping); ok {
		return x
	}
	x := &mapping{}
	m.set(key, x)
	return x
}

// list is the sequence under key, nil when there is none.
func (m *mapping) list(key string) sequence {
	x, _ := m.get(key).(sequence)
	return x
}

func (m *mapping) text(key string) string { return m.get(key).(string) }

func render(m *mapping) string {
	var b strings.Builder
	writeMapping(&b, m, "", "")
	return b.String()
}

// writeMapping writes m; first stands before its first line, indent before the
// others.
func writeMapping(b *strings.Builder, m *mapping, first, indent string) {
	if len(m.entries) == 0 {
		b.WriteString(first + "{}\n")
		return
	}
	for i, e := range m.entries {
		if i == 0 && first != "" {
			writeEntry(b, e, first, indent)
		} else {
			writeEntry(b, e, indent, indent)
		}
	}
}

func writeEntry(b *strings.Builder, e entry, lead, indent string) {
	switch x := e.value.(type) {
	case comment:
		b.WriteString(lead + "# " + string(x) + "\n")
	case *mapping:
		if len(x.entries) == 0 {
			b.WriteString(lead + e.key + ": {}\n")
			return
		}
		b.WriteString(lead + e.key + ":\n")
		writeMapping(b, x, "", indent+"  ")
	case sequence:
		if len(x) == 0 {
			b.WriteString(lead + e.key + ": []\n")
			return
		}
		b.WriteString(lead + e.key + ":\n")
		writeSequence(b, x, indent)
	default:
		b.WriteString(lead + e.key + ": " + scalar(x) + "\n")
	}
}

func writeSequence(b *strings.Builder, s sequence, indent string) {
	for _, v := range s {
		if m, ok := v.(*mapping); ok {
			writeMapping(b, m, indent+"- ", indent+"  ")
			continue
		}
		b.WriteString(indent + "- " + scalar(v) + "\n")
	}
}

func scalar(v any) string {
	switch x := v.(type) {
	case raw:
		return string(x)
	case string:
		return quote(x)
	case int:
		return strconv.Itoa(x)
	case bool:
		return strconv.FormatBool(x)
	}
	panic(fmt.Sprintf("genfleet: no scalar: %T", v))
}

var (
	plainRe  = regexp.MustCompile(`^[A-Za-z_./][A-Za-z0-9_./@-]*$`)
	urlRe    = regexp.MustCompile(`^https?://[A-Za-z0-9_./-]+$`)
	phraseRe = regexp.MustCompile(`^[A-Z][A-Za-z0-9,' -]*[A-Za-z0-9]$`)
	// otherRe matches what some YAML reader takes for something else than a string.
	otherRe = regexp.MustCompile(`^(?i:true|false|null|yes|no|on|off|y|n|nan|inf|\.inf|\.nan|\.+|-+)$`)
	escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`)
)

// quote writes a string plain where every YAML reader takes it for one.
func quote(s string) string {
	plain := plainRe.MatchString(s) || phraseRe.MatchString(s)
	if plain && !otherRe.MatchString(s) || urlRe.MatchString(s) {
		return s
	}
	return `"` + escapes.Replace(s) + `"`
}
