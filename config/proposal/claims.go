package proposal

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/checks/declared"
)

// claims finds what the kind's documents say of others, and of themselves.
func (d *draft) claims() {
	names := map[*kind]map[string]bool{}
	columns := map[*kind][]column{}
	for _, k := range d.kinds {
		names[k], columns[k] = k.names(), columnsOf(k.sample)
	}
	ids := map[*kind]column{}
	for _, k := range d.kinds {
		if rule, ok := k.named(columns[k]); ok {
			k.checks = append(k.checks, rule)
			continue
		}
		if id, sure, ok := k.identity(columns[k]); ok {
			ids[k] = id
			k.checks = append(k.checks, d.unique(k, id, sure, ids))
		}
	}
	for _, k := range d.kinds {
		d.references(k, columns[k], names)
		if id, ok := ids[k]; ok {
			d.idReferences(k, columns[k], id, ids)
		}
	}
}

// names are those of all units of the kind.
func (k *kind) names() map[string]bool {
	all := make(map[string]bool, len(k.files))
	for _, file := range k.files {
		all[k.nameOf(file)] = true
	}
	return all
}

// checked writes a check, with the files inside a unit's folder that it is about.
func (k *kind) checked(verb, value string, more ...string) string {
	text := verb + ": " + value
	if k.folder {
		text += ", in: " + scalar(escaped(k.file))
	}
	return strings.Join(append([]string{text}, more...), ", ")
}

// named is a rule that a unit's document calls it by its own name, where all of the sample
// do.
func (k *kind) named(columns []column) (line, bool) {
	for _, c := range columns {
		if c.selector != "name" && c.selector != "id" || len(c.cells) != k.documents() || len(c.cells) < few {
			continue
		}
		if !slices.ContainsFunc(c.cells, func(one cell) bool { return one.text != k.nameOf(one.file) }) {
			return line{text: k.checked(declared.Rule, "self."+c.selector+" == unit.name"), remark: fmt.Sprintf("as in all %d that were read", len(k.sample))}, true
		}
	}
	return line{}, false
}

// documents is the number of the sample's documents.
func (k *kind) documents() (n int) {
	for _, one := range k.sample {
		n += len(one.docs)
	}
	return n
}

// identities are the keys by which documents are told apart; the last ones may have other
// purposes.
var identities = []string{"id", "uuid", "guid", "key", "slug", "name"}

// sureIdentities is how many of them mean nothing else.
const sureIdentities = 3

// identity is a column that looks as if no two units may have the same text there.
func (k *kind) identity(columns []column) (id column, sure, ok bool) {
	for i, key := range identities {
		for _, c := range columns {
			n := len(c.cells)
			if c.selector == key && n >= few && n*10 >= k.documents()*9 && len(c.distinct()) == n {
				return c, i < sureIdentities || c.isUUIDs(), true
			}
		}
	}
	return column{}, false, false
}

// unique is the check that a column is one of identities. Kinds that look alike have
// UUIDs in one space.
func (d *draft) unique(k *kind, id column, sure bool, ids map[*kind]column) line {
	space := k.name + " " + id.key
	for _, other := range d.kinds {
		if before, ok := ids[other]; ok && other != k && before.selector == id.selector && before.isUUIDs() && id.isUUIDs() && alike(shape(other.sample), shape(k.sample)) {
			space = other.space
			break
		}
	}
	k.space = space
	l := line{text: k.checked(declared.Unique, scalar(id.selector), "as: "+scalar(space)), remark: fmt.Sprintf("distinct in the %d that were read", len(k.sample)), off: !sure}
	if !sure {
		l.remark += ": must it be?"
	}
	return l
}

// reference is a column whose texts are mostly names of units.
type reference struct {
	column
	as      []string // kinds
	missing []cell
}

// references proposes that what looks like names of units is one.
func (d *draft) references(k *kind, columns []column, names map[*kind]map[string]bool) {
	byKinds := map[string][]reference{}
	for _, c := range columns {
		if r, ok := d.reference(k, c, names); ok {
			kinds := strings.Join(r.as, " ")
			byKinds[kinds] = append(byKinds[kinds], r)
		}
	}
	for i, kinds := range slices.Sorted(maps.Keys(byKinds)) {
		rs := byKinds[kinds]
		as := "as: " + scalars(rs[0].as)
		id := ""
		if i > 0 {
			id = fmt.Sprintf(", id: %s/%s-%d", k.name, declared.Exists, i+1)
		}
		selectors := selectorsOf(rs)
		k.checks = append(k.checks, line{text: k.checked(declared.Exists, scalars(selectors), as) + id, remark: missingOf(rs)})
		if slices.Equal(rs[0].as, []string{k.name}) && i == 0 {
			k.checks = append(k.checks, line{text: k.checked(declared.Acyclic, scalars(always(selectors)), as), remark: "must they never lead back?", off: true})
		}
	}
}

func selectorsOf(rs []reference) []string {
	all := make([]string, len(rs))
	for i, r := range rs {
		all[i] = r.selector
	}
	return all
}

// always are the selectors without those below keys that people choose, which are there in
// some cases alone; all where there are no others.
func always(selectors []string) []string {
	some := slices.DeleteFunc(slices.Clone(selectors), func(s string) bool { return strings.Contains(s, ".*") })
	if len(some) == 0 {
		return selectors
	}
	return some
}

// missingOf says which of the values are no names.
func missingOf(rs []reference) string {
	n, missing := 0, []cell{}
	for _, r := range rs {
		n, missing = n+len(r.cells), append(missing, r.missing...)
	}
	if len(missing) == 0 {
		return fmt.Sprintf("true of all %s that were read", number(n))
	}
	return fmt.Sprintf("%s of %s that were read are none: %q of %s", number(len(missing)), number(n), missing[0].text, missing[0].file)
}

// reference is a column as one, where four fifths of its texts or more are names.
func (d *draft) reference(k *kind, c column, names map[*kind]map[string]bool) (reference, bool) {
	r := reference{column: c, missing: c.cells}
	for {
		best, hits, left := (*kind)(nil), few-1, r.missing
		for _, other := range d.kinds {
			still, n := missingFrom(r.missing, names[other])
			if n > hits {
				best, hits, left = other, n, still
			}
		}
		if best == nil {
			break
		}
		r.as, r.missing = append(r.as, best.name), left
	}
	share := 4
	if !c.listed {
		share = 19
	}
	found := len(c.cells) - len(r.missing)
	return r, len(r.as) > 0 && found*(share+1) >= len(c.cells)*share && !k.callsItself(c)
}

// missingFrom are the cells whose texts are no names, and how many different texts are.
func missingFrom(cells []cell, names map[string]bool) (missing []cell, hits int) {
	found := map[string]bool{}
	for _, one := range cells {
		if names[one.text] {
			found[one.text] = true
		} else {
			missing = append(missing, one)
		}
	}
	return missing, len(found)
}

// callsItself says whether half of the column's texts are the names of the units that they stand in.
func (k *kind) callsItself(c column) bool {
	own := 0
	for _, one := range c.cells {
		if one.text == k.nameOf(one.file) {
			own++
		}
	}
	return own*2 >= len(c.cells)
}

// idReferences proposes, without knowing it, that what looks like the identities of others
// is one: those of the sample alone are known.
func (d *draft) idReferences(k *kind, columns []column, id column, ids map[*kind]column) {
	if !id.isUUIDs() {
		return
	}
	for _, c := range columns {
		if c.listed && c.isUUIDs() && len(c.distinct()) >= few {
			k.checks = append(k.checks, line{text: k.checked(declared.Exists, scalar(c.selector), "as: "+scalar(k.space)), remark: fmt.Sprintf("%s that look like it: are they?", number(len(c.cells))), off: true})
			return
		}
	}
}
