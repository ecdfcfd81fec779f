package rule

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

const (
	maxShown   = 60   // runes of a value
	maxMessage = 1000 // runes of what an author says
)

// shown is a value as a finding shows it, as JSON has it, cut where it is long.
func shown(v ref.Val) string {
	var b strings.Builder
	show(&b, v)
	return cutAt(b.String(), maxShown)
}

// show writes a value, and ends when there is enough of it.
func show(b *strings.Builder, v ref.Val) {
	if b.Len() > utf8.UTFMax*maxShown {
		return
	}
	switch v := v.(type) {
	case types.String:
		b.WriteString(strconv.Quote(cutAt(string(v), maxShown)))
	case types.Int:
		b.WriteString(strconv.FormatInt(int64(v), 10))
	case types.Uint:
		b.WriteString(strconv.FormatUint(uint64(v), 10))
	case types.Double:
		b.WriteString(strconv.FormatFloat(float64(v), 'g', -1, 64))
	case types.Bool:
		b.WriteString(strconv.FormatBool(bool(v)))
	case types.Null:
		b.WriteString("null")
	case *types.Optional:
		if !v.HasValue() {
			b.WriteString("absent")
			return
		}
		show(b, v.GetValue())
	case traits.Lister:
		showAll(b, '[', ']', v.Iterator(), nil)
	case traits.Mapper:
		ordered := inOrder(v).(traits.Mapper)
		showAll(b, '{', '}', ordered.Iterator(), ordered)
	case *types.Err:
		b.WriteString("an error")
	default:
		if text, ok := v.ConvertToType(types.StringType).(types.String); ok {
			b.WriteString(string(text))
			return
		}
		b.WriteString("a value of type " + v.Type().TypeName())
	}
}

// showAll writes the items of a list, or the keys and values of a mapping.
func showAll(b *strings.Builder, opened, closed byte, it traits.Iterator, of traits.Mapper) {
	b.WriteByte(opened)
	for i := 0; it.HasNext() == types.True && b.Len() <= utf8.UTFMax*maxShown; i++ {
		if i > 0 {
			b.WriteString(", ")
		}
		item := it.Next()
		show(b, item)
		if of != nil {
			b.WriteString(": ")
			show(b, of.Get(item))
		}
	}
	b.WriteByte(closed)
}

// cut is a text, and not too much of it.
func cut(s string) string { return cutAt(s, maxShown) }

func cutAt(s string, most int) string {
	if len(s) <= most {
		return s
	}
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// oneLine is a text on one line.
func oneLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, " ")
}
