package proposal

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/seed306eabeb/muster/document"
)

// fitted is how well a schema and some files go together.
type fitted struct {
	candidate
	ok, of int
	misfit string // a file that does not fit, "" if all do
	// asks is the part of the files' keys that the schema says something of.
	asks  float64
	named int // how many of the files name the schema
}

// off says that fewer than half of the files fit.
func (f fitted) off() bool { return f.ok*2 < f.of }

// score is high where many files fit a schema that says much of them.
func (f fitted) score() float64 { return f.asks * float64(f.ok) / float64(f.of) }

// probes is how many of a kind's documents are changed to see what a schema asks for.
const probes = 3

// fit is the schema that fits a part's files best, of those that ask for something; one
// without a path where there is none.
func (d *draft) fit(ctx context.Context, p part, all []candidate) (best fitted, err error) {
	named := map[string]int{}
	for _, one := range p.sample {
		named[d.here(one)]++
	}
	for _, c := range all {
		if err := ctx.Err(); err != nil {
			return fitted{}, err
		}
		f := c.fit(p.sample)
		f.named = named[c.path]
		if f.asks > 0 && (best.path == "" || f.compare(best, p) > 0) {
			best = f
		}
	}
	return best, nil
}

// compare is above 0 where f goes better with the part than another one does. Of two that
// do as well, it is the one that the files name, and then the one that lies nearer.
func (f fitted) compare(other fitted, p part) int {
	dir, _, _ := p.base()
	return cmp.Or(cmp.Compare(f.score(), other.score()), cmp.Compare(f.named, other.named), cmp.Compare(common(f.path, dir), common(other.path, dir)),
		cmp.Compare(len(other.path), len(f.path)))
}

// common is the length of what two paths begin with.
func common(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (c candidate) fit(sample []sampled) fitted {
	f := fitted{candidate: c, of: len(sample)}
	probed := 0
	for _, one := range sample {
		if c.hasErrors(one.docs) {
			f.misfit = cmp.Or(f.misfit, one.file)
			continue
		}
		f.ok++
		if probed < probes {
			probed++
			f.asks = max(f.asks, c.asksOf(one.docs[0].Value()))
		}
	}
	return f
}

// asksOf is the part of a valid document's keys that the schema says something of: without
// them, or with another value there, the document is not valid.
func (c candidate) asksOf(value any) float64 {
	top, ok := value.(map[string]any)
	if !ok {
		return map[bool]float64{true: 1}[c.rejects("another text") || c.rejects(map[string]any{})]
	}
	asked := 0
	for _, key := range slices.Sorted(maps.Keys(top)) {
		without := maps.Clone(top)
		delete(without, key)
		if c.rejects(without) || c.rejects(with(top, key, false)) || c.rejects(with(top, key, map[string]any{"": []any{false}})) {
			asked++
		}
	}
	return float64(asked) / float64(max(1, len(top)))
}

func with(m map[string]any, key string, value any) map[string]any {
	other := maps.Clone(m)
	other[key] = value
	return other
}

// rejects says whether a value breaks the schema. One that cannot be written as JSON does
// not.
func (c candidate) rejects(value any) bool {
	text, err := json.Marshal(value)
	if err != nil {
		return false
	}
	docs := document.Reader{}.Read("probe.json", text, document.JSON).Docs
	return len(docs) > 0 && c.hasErrors(docs)
}

// mostNamed is the name with the highest number, "" where there is none.
func mostNamed(n map[string]int) (most string) {
	for _, name := range slices.Sorted(maps.Keys(n)) {
		if n[name] > n[most] {
			most = name
		}
	}
	return most
}
