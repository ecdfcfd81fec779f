package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// wish is what asks for findings to be hidden: a mark in a file, or an entry of muster.yaml.
type wish struct {
	noun   string // what messages call it
	words  []word // none: all rules
	reason string
	until  string
	by     verdict.Place
	void   *denial // why it hides nothing at all

	used   []bool             // by words; one for all rules
	denied map[string]*denial // by the codes of rules whose findings it may not hide
}

func newWish(noun string, rules []string, reason, until string, by verdict.Place, today string) wish {
	w := wish{noun: noun, words: wordsOf(rules), reason: reason, until: until, by: by, denied: map[string]*denial{}}
	w.used = make([]bool, max(1, len(w.words)))
	switch {
	case strings.TrimSpace(reason) == "":
		w.void = &denial{ruleNoReason, "this " + noun + " gives no reason, and hides nothing", "say why, for whoever finds it in a year"}
	case strings.HasPrefix(until, "until="):
		w.void = &denial{ruleNoDay, fmt.Sprintf("this %s says %q, which is not one day, and hides nothing", noun, until), "write one day, as until=2026-12-31"}
	case until != "" && !IsDay(until):
		w.void = &denial{ruleNoDay, fmt.Sprintf("this %s says until %q, which is no day, and hides nothing", noun, until), "write a day as 2026-12-31"}
	case isOver(until, today):
		w.void = &denial{ruleExpired, fmt.Sprintf("this %s held until %s, and hides nothing any more", noun, until), "mend what it hid, or give it a later day"}
	}
	return w
}

// asks says whether findings whose rule has some names are to be hidden, and notes by which
// words.
func (w *wish) asks(names []string) (asked bool) {
	if len(w.words) == 0 {
		w.used[0] = true
		return true
	}
	for i, word := range w.words {
		if word.names(names) {
			w.used[i], asked = true, true
		}
	}
	return asked
}

// hides says whether a finding is hidden that the wish is about, and notes what it asks for
// that may not be.
func (a *application) hides(w *wish, f verdict.Finding) bool {
	if w.void != nil || !w.asks(a.vocabulary.of(f.Rule, f.Name)) {
		return false
	}
	if no := a.limits.hiding(f.Rule, a.vocabulary.called(f.Rule), w.noun, w.until); no != nil {
		w.denied[f.Rule] = no
		return false
	}
	return true
}

// said are the findings about a wish, at its place. idle says of each of its words, or of a
// wish for all rules, whether it may be called unused where it is.
func (a *application) said(w *wish, idle func(word) bool) (all []verdict.Finding) {
	if w.void != nil {
		return []verdict.Finding{findingOf(w.void, w.by, "")}
	}
	for _, word := range w.words {
		a.denyNamed(w, word)
	}
	for _, code := range slices.Sorted(maps.Keys(w.denied)) {
		all = append(all, findingOf(w.denied[code], w.by, code))
	}
	if len(w.words) == 0 {
		if !w.used[0] && idle(word{"*", "*"}) {
			all = append(all, findingOf(a.unused(w, ""), w.by, ""))
		}
		return all
	}
	for i, word := range w.words {
		switch {
		case w.used[i] || a.isDenied(w, word):
		case !a.vocabulary.knows(word):
			all = append(all, findingOf(a.unknown(w, word), w.by, word.text))
		case idle(word):
			all = append(all, findingOf(a.unused(w, word.text), w.by, word.text))
		}
	}
	return all
}

// denyNamed notes that a wish names a rule whose findings it may not hide, be there some or
// not.
func (a *application) denyNamed(w *wish, word word) {
	if len(a.limits.of) == 0 || !word.isLiteral() {
		return
	}
	for _, code := range a.vocabulary.codes(word) {
		if no := a.limits.hiding(code, a.vocabulary.called(code), w.noun, w.until); no != nil {
			w.denied[code] = no
		}
	}
}

// isDenied says whether what a word stands for may not be hidden, which is said already.
func (a *application) isDenied(w *wish, word word) bool {
	for code := range w.denied {
		if word.names(a.vocabulary.of(code, "")) {
			return true
		}
	}
	return false
}

func (a *application) unused(w *wish, of string) *denial {
	if of == "" || len(w.words) == 1 {
		return &denial{ruleUnused, "this " + w.noun + " hides nothing", "take it out"}
	}
	return &denial{ruleUnused, fmt.Sprintf("this %s hides nothing of %s", w.noun, quoted(of)), "take the rule out of it"}
}

func (a *application) unknown(w *wish, word word) *denial {
	help := "`enqueue rules` lists all"
	if _, near := Nearest(word.text, a.vocabulary.rules); near != "" {
		help = "did you mean " + a.vocabulary.called(near) + "?"
	}
	return &denial{ruleNoRule, fmt.Sprintf("this %s names %s, and there is no such rule", w.noun, quoted(word.text)), help}
}

// findingOf says what is denied at a place. about tells it from others of its rule there.
func findingOf(d *denial, at verdict.Place, about string) verdict.Finding {
	f := d.by.At(at, d.message, d.help)
	f.Identity = about
	return f
}

func quoted(text string) string { return fmt.Sprintf("%q", text) }
