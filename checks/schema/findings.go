package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// tidy makes one fault of what is one mistake: a key that is misspelt and therefore missing,
// several keys that one mapping lacks, and what follows from a value's being of another type or not decided.
func tidy(all, undecided []fault) []fault {
	told := all
	all = grounded(unread(paired(merged(all))))
	for _, f := range undecided {
		all = slices.DeleteFunc(all, func(g fault) bool { return !g.key && slices.Equal(f.way, g.way) })
	}
	var left []fault
	for _, f := range slices.Concat(undecided, all) {
		same := func(g fault) bool { return f.key == g.key && slices.Equal(f.way, g.way) }
		follows := func(g fault) bool {
			return !f.key && f.rule.Name != g.rule.Name && g.rule.Name == wrongType.Name && same(g)
		}
		repeats := func(g fault) bool { return f.said == g.said && same(g) }
		if !slices.ContainsFunc(all, follows) && !slices.ContainsFunc(left, repeats) {
			left = append(left, f)
		}
	}
	if len(left) == 0 {
		return told // something is wrong, and is not kept back
	}
	return left
}

// merged is faults with one for each mapping that lacks keys.
func merged(all []fault) []fault {
	var left []fault
	for _, f := range all {
		i := slices.IndexFunc(left, func(g fault) bool {
			return f.rule.Name == missingKey.Name && g.rule.Name == missingKey.Name && f.simple() && g.simple() && f.beside == g.beside && slices.Equal(f.way, g.way)
		})
		if i < 0 {
			left = append(left, f)
			continue
		}
		g := &left[i]
		if slices.ContainsFunc(f.keys, func(k string) bool { return !slices.Contains(g.keys, k) }) {
			keys := slices.Concat(g.keys, f.keys)
			slices.Sort(keys)
			g.lack(slices.Compact(keys))
			g.help, g.about = cmp.Or(g.help, f.help), ""
			g.related = slices.Concat(g.related, f.related)
		}
	}
	return left
}

// simple says whether a fault about missing keys wants all of them, and not one of several sets.
func (f *fault) simple() bool { return f.said == "needs "+keyWords(f.keys, "and") || f.beside }

// paired is faults in which no key is missing for a typo that is told.
func paired(all []fault) []fault {
	gone := make([]bool, len(all))
	for i := range all {
		u := &all[i]
		if u.rule.Name != unknownKey.Name {
			continue
		}
		for j := range all {
			m := &all[j]
			if gone[j] || m.rule.Name != missingKey.Name || m.beside || !m.simple() || !slices.Equal(m.way, u.of) {
				continue
			}
			near := yamldoc.Nearest(u.keys[0], m.keys)
			if near == "" {
				continue
			}
			u.help = fmt.Sprintf("did you mean %q, which is missing?", near)
			if len(m.keys) == 1 {
				gone[j] = true
				continue
			}
			m.related, m.help = nil, ""
			m.lack(slices.DeleteFunc(slices.Clone(m.keys), func(k string) bool { return k == near }))
		}
	}
	var left []fault
	for i, f := range all {
		if !gone[i] {
			left = append(left, f)
		}
	}
	return left
}

// unread is faults without those of a value whose key looks like one that is missing: it is
// not known what it is to be.
func unread(all []fault) []fault {
	var below [][]string
	for _, f := range all {
		if f.rule.Name == missingKey.Name {
			for _, r := range f.related {
				below = append(below, r.way)
			}
		}
	}
	return slices.DeleteFunc(all, func(f fault) bool {
		return f.rule.Name != unknownKey.Name && slices.ContainsFunc(below, func(way []string) bool { return len(f.way) >= len(way) && slices.Equal(f.way[:len(way)], way) })
	})
}

// grounded is faults without those of schemas that hold because of a value that is wrong, or missing,
// itself.
func grounded(all []fault) []fault {
	wrong := func(way []string) bool {
		return slices.ContainsFunc(all, func(f fault) bool {
			switch {
			case f.rule.Name == missingKey.Name:
				return !f.beside && slices.Equal(f.way, way[:len(way)-1]) && slices.Contains(f.keys, way[len(way)-1])
			case f.key || len(f.depends) > 0:
				return false
			}
			return slices.Equal(f.way, way)
		})
	}
	left := make([]fault, 0, len(all))
	for _, f := range all {
		if !slices.ContainsFunc(f.depends, wrong) {
			left = append(left, f)
		}
	}
	if len(left) == 0 {
		return all
	}
	return left
}

// findings are faults in the order of their places in a document.
func findings(d *document.Document, all []fault) []verdict.Finding {
	var found []verdict.Finding
	more := false
	for i := range all {
		if all[i].rule.Name == tooManyMistakes.Name {
			more = true
			continue
		}
		found = append(found, all[i].finding(d))
	}
	found = verdict.SortFindings(found)
	if more = more || len(found) > maxTold; more {
		last := further()
		found = verdict.SortFindings(append(found[:min(len(found), maxTold)], last.finding(d)))
	}
	return found
}

func (f *fault) finding(d *document.Document) verdict.Finding {
	at := f.place(d)
	help := f.help
	if help == "" {
		help = f.about
	}
	if f.hint != "" && help != "" {
		help += "; " + f.hint
	} else {
		help += f.hint
	}
	found := f.rule.At(at, f.message(d, at), help)
	found.Identity = strings.Join(append([]string{f.rule.Name}, f.identity()...), " ")
	for _, r := range f.related {
		found.Related = append(found.Related, verdict.Related{Place: (&fault{way: r.way, key: r.key}).place(d), Text: r.text})
	}
	return found
}

// identity is what tells a fault from others of its kind at its place: the keys that are missing
// there, the item that is in a list twice. Kinds tell others apart, for all of them are findings
// of the one check that has asked for the schema.
func (f *fault) identity() []string {
	if f.rule.Name == missingKey.Name {
		return f.keys
	}
	return f.item
}

func (f *fault) place(d *document.Document) verdict.Place {
	if f.key {
		return d.KeyAt(f.way...)
	}
	return d.At(f.way...)
}

// message is what is said with its subject.
func (f *fault) message(d *document.Document, at verdict.Place) string {
	of := at.Path
	switch {
	case f.of != nil && len(f.of) == 0:
		of = ""
	case f.of != nil:
		of = d.At(f.of...).Path
	case f.ofKey:
		of = d.At(f.way[:len(f.way)-1]...).Path
	}
	switch {
	case f.whole && of == "":
		return f.said
	case f.whole:
		return f.said + " in " + of
	case f.ofKey:
		return "a key of " + cmp.Or(of, "the document") + " " + f.said
	}
	return cmp.Or(of, "the document") + " " + f.said
}

// pathText is a way as people write it.
func pathText(way []string) string {
	var text strings.Builder
	for i, step := range way {
		switch _, err := strconv.ParseUint(step, 10, 32); {
		case err == nil:
			text.WriteString("[" + step + "]")
		case i > 0:
			text.WriteString("." + step)
		default:
			text.WriteString(step)
		}
	}
	return text.String()
}
