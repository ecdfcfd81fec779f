package genhistory

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// badByte makes a name that is not UTF-8.
const badByte = "\xe9"

// unitEdits are those of both dialects.
var unitEdits = []edit{
	{class: Value, weight: 14, do: changeValue},
	{class: Broken, weight: 3, do: breakLine},
	{class: Comment, weight: 3, do: comment},
	{class: LineEnds, weight: 2, do: turnLineEnds},
	{class: FileAdded, weight: 4, do: addFile},
	{class: FileDeleted, weight: 3, do: deleteFile},
	{class: FileMoved, weight: 2, do: moveFile},
	{class: FileMode, weight: 2, do: changeMode},
	{class: FileLinked, weight: 2, do: linkFile},
	{class: LinkReplaced, weight: 2, do: replaceLink},
	{class: UnitAdded, weight: 3, do: addUnit},
	{class: UnitDeleted, weight: 4, do: deleteUnit},
	{class: UnitRenamed, weight: 3, do: renameUnit},
	{class: UnitCopied, weight: 3, do: copyUnit},
	{class: UnitLinked, weight: 1, do: linkUnit},
	{class: UnitGrown, weight: 2, do: grow},
	{class: UnitRestored, weight: 18, do: restoreUnit},
	{class: BadName, weight: 2, do: nameBadly},
	{class: Duplicate, weight: 3, do: duplicate},
	{class: Reference, weight: 3, do: refer},
}

// units are the paths of all units, sorted.
func (r *Repository) units() (all []string) {
	for p := range r.tree {
		if unit, ok := r.dialect.unitOf(p); ok {
			all = append(all, unit)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// unit is one of the units, with its files.
func (r *Repository) unit() (unit string, files []string) {
	unit, _ = pick(r.rng, r.units())
	return unit, r.tree.under(unit)
}

// file is a plain file of a unit that some test suits, "" if there is none.
func (r *Repository) file(suits func(path string, f File) bool) string {
	var all []string
	for _, p := range r.tree.paths() { // in order, for suits may draw
		if _, ok := r.dialect.unitOf(p); ok && r.tree[p].Mode != Link && suits(p, r.tree[p]) {
			all = append(all, p)
		}
	}
	one, _ := pick(r.rng, all)
	return one
}

func every(string, File) bool { return true }

// main is the file of a unit that every unit of its kind has.
func (r *Repository) main(unit string) (string, bool) {
	for _, p := range []string{unit + "/" + r.dialect.main, unit} {
		if f, there := r.tree[p]; there && f.Mode != Link {
			return p, true
		}
	}
	return "", false
}

// isMain says of a file that it is the one that every unit of its kind has.
func (r *Repository) isMain(p string, _ File) bool {
	unit, ok := r.dialect.unitOf(p)
	return ok && (p == unit || p == unit+"/"+r.dialect.main)
}

// fresh is a number that no name has.
func (r *Repository) fresh() int {
	r.made++
	return r.made
}

// renamed is a new path for a unit, in the same folder.
func (r *Repository) renamed(unit string) string {
	end := path.Ext(unit)
	base := strings.TrimSuffix(unit, end)
	if i := strings.LastIndex(base, "-x"); i > strings.LastIndexByte(base, '/') {
		base = base[:i]
	}
	return fmt.Sprintf("%s-x%d%s", base, r.fresh(), end)
}

// pair is a line with a key and a scalar.
var pair = regexp.MustCompile(`^([ -]*"?[A-Za-z][\w.-]*"?\s*[:=]\s*)([^\s{\[|>&*].*)$`)

// odd are values that seldom fit.
var odd = []string{"0", "-1", "true", "nothing", `"80"`, "1.5", "[]", "{}", "~", "{{ service }}", "{{ nowhere }}", "2001-01-01"}

// changeValue gives a key the value that it has in another unit, or an odd one.
func changeValue(r *Repository) string {
	p := r.file(every)
	lines := strings.Split(r.tree[p].Data, "\n")
	var keys []int
	for i, line := range lines {
		if pair.MatchString(strings.TrimSuffix(line, "\r")) {
			keys = append(keys, i)
		}
	}
	at, ok := pick(r.rng, keys)
	if !ok {
		return ""
	}
	parts := pair.FindStringSubmatch(strings.TrimSuffix(lines[at], "\r"))
	value, _ := pick(r.rng, odd)
	if r.IntN(5) > 0 {
		value = r.elsewhere(p, parts[1], parts[2])
	}
	lines[at] = parts[1] + value
	r.tree.text(p, strings.Join(lines, "\n"))
	return fmt.Sprintf("%s: %s%s", p, strings.TrimLeft(parts[1], " -"), value)
}

// elsewhere is a value that a key has in files like this one, another than the one given.
func (r *Repository) elsewhere(p, key, not string) string {
	var values []string
	for other, f := range r.tree {
		if path.Ext(other) != path.Ext(p) || f.Mode == Link {
			continue
		}
		for line := range strings.Lines(f.Data) {
			if value, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), key); ok && value != not && value != "" {
				values = append(values, value)
			}
		}
	}
	slices.Sort(values)
	if value, ok := pick(r.rng, slices.Compact(values)); ok {
		return value
	}
	return not + "1"
}

func breakLine(r *Repository) string {
	p := r.file(func(_ string, f File) bool { return f.Data != "" })
	if p == "" {
		return ""
	}
	lines := strings.SplitAfter(r.tree[p].Data, "\n")
	at, what := r.IntN(max(1, len(lines)-1)), "is lost"
	if r.half() {
		lines = slices.Delete(lines, at, at+1)
	} else {
		lines, what = slices.Insert(lines, at, lines[at]), "is there twice"
	}
	r.tree.text(p, strings.Join(lines, ""))
	return fmt.Sprintf("%s: line %d %s", p, at+1, what)
}

func comment(r *Repository) string {
	p := r.file(r.isMain)
	if p == "" {
		return ""
	}
	text := fmt.Sprintf("# note %d\n", r.fresh())
	if data := r.tree[p].Data; r.half() {
		r.tree.text(p, text+data)
	} else {
		r.tree.text(p, data+text)
	}
	return p + ": a comment"
}

func turnLineEnds(r *Repository) string {
	crlf := func(_ string, f File) bool { return strings.Contains(f.Data, "\r\n") }
	if p := r.file(crlf); p != "" && r.half() {
		r.tree.text(p, strings.ReplaceAll(r.tree[p].Data, "\r\n", "\n"))
		return p + ": LF"
	}
	p := r.file(func(p string, f File) bool { return !crlf(p, f) && f.Data != "" })
	if p == "" {
		return ""
	}
	r.tree.text(p, strings.ReplaceAll(r.tree[p].Data, "\n", "\r\n"))
	return p + ": CRLF"
}

// addFile adds one that the dialect has at hand to a unit that is a folder.
func addFile(r *Repository) string {
	unit, files := r.unit()
	if len(files) == 0 || files[0] == unit {
		return ""
	}
	name, _ := pick(r.rng, r.dialect.files)
	if _, there := r.tree[unit+"/"+name.path]; there {
		return ""
	}
	r.tree.text(unit+"/"+name.path, name.text)
	return unit + "/" + name.path + " is added"
}

func deleteFile(r *Repository) string {
	p := r.file(func(p string, f File) bool { return !r.isMain(p, f) || r.IntN(8) == 0 })
	delete(r.tree, p)
	return p + " is deleted"
}

// moveFile moves a file into another unit, whose own of that name it takes the place of.
func moveFile(r *Repository) string {
	p := r.file(func(p string, f File) bool { unit, _ := r.dialect.unitOf(p); return p != unit })
	from, _ := r.dialect.unitOf(p)
	to, files := r.unit()
	if p == "" || len(files) == 0 || files[0] == to || to == from {
		return ""
	}
	r.tree[to+strings.TrimPrefix(p, from)] = r.tree[p]
	delete(r.tree, p)
	return p + " is moved to " + to
}

func changeMode(r *Repository) string {
	p := r.file(every)
	if p == "" {
		return ""
	}
	f := r.tree[p]
	f.Mode ^= Plain ^ Executable
	r.tree[p] = f
	return fmt.Sprintf("%s is %o", p, f.Mode)
}

// linkFile puts a link in a file's place, to a copy of it, to a file of the root, or to nothing.
func linkFile(r *Repository) string {
	p := r.file(func(p string, f File) bool { unit, _ := r.dialect.unitOf(p); return p != unit })
	if p == "" {
		return ""
	}
	f, to := r.tree[p], path.Base(p)+".txt"
	switch r.IntN(3) {
	case 0:
		r.tree[path.Join(path.Dir(p), to)] = f
	case 1:
		to = strings.Repeat("../", strings.Count(p, "/")) + r.dialect.marker
	}
	r.tree[p] = File{Link, to}
	return p + " is a link to " + to
}

// replaceLink puts what was there at the start in a link's place, or something else.
func replaceLink(r *Repository) string {
	var links []string
	for p, f := range r.tree {
		if f.Mode == Link {
			links = append(links, p)
		}
	}
	slices.Sort(links)
	p, ok := pick(r.rng, links)
	if !ok {
		return ""
	}
	unit, _ := r.dialect.unitOf(p)
	delete(r.tree, p)
	if p == unit {
		r.tree.copy(r.first, p, p)
	} else if f, there := r.first[p]; there {
		r.tree[p] = f
	} else {
		r.tree.text(p, "other: true\n")
	}
	return p + " is a link no more"
}

func addUnit(r *Repository) string {
	unit, _ := r.unit()
	if len(r.units()) > r.most() {
		return ""
	}
	start, ok := pick(r.rng, r.first.like(r.dialect, unit))
	if !ok {
		return ""
	}
	to := r.renamed(start)
	r.tree.copy(r.first, start, to)
	for _, p := range r.tree.under(to) {
		r.tree.text(p, r.dialect.own(r.tree[p].Data, start, to, r.fresh()))
	}
	return to + " is added"
}

// most bounds how many units there are.
func (r *Repository) most() int { return len(r.first.like(r.dialect, ""))*5/4 + 2 }

// like are the units of a tree that lie in the same top folder as another one, "" for all; sorted.
func (t Tree) like(d dialect, other string) (all []string) {
	top, _, _ := strings.Cut(other, "/")
	for p := range t {
		if unit, ok := d.unitOf(p); ok && (other == "" || strings.HasPrefix(unit, top+"/")) {
			all = append(all, unit)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func deleteUnit(r *Repository) string {
	units := r.units()
	if len(units)*2 < len(r.first.like(r.dialect, "")) {
		return ""
	}
	unit, _ := pick(r.rng, units)
	if named := r.named(units); len(named) > 0 && r.half() {
		unit, _ = pick(r.rng, named)
	}
	r.tree.drop(unit)
	return unit + " is deleted"
}

// named are those units that another one names.
func (r *Repository) named(units []string) (named []string) {
	for _, unit := range units {
		name := r.dialect.name(unit)
		for p, f := range r.tree {
			if of, ok := r.dialect.unitOf(p); ok && of != unit && strings.Contains(f.Data, name) {
				named = append(named, unit)
				break
			}
		}
	}
	return named
}

// renameUnit moves a unit, which every other time says its new name itself.
func renameUnit(r *Repository) string {
	unit, files := r.unit()
	if unit == "" {
		return ""
	}
	to := r.renamed(unit)
	r.tree.copy(r.tree, unit, to)
	for _, p := range files {
		delete(r.tree, p)
	}
	if p, ok := r.main(to); ok && r.half() {
		r.tree.text(p, strings.ReplaceAll(r.tree[p].Data, r.dialect.name(unit), r.dialect.name(to)))
	}
	return unit + " is renamed " + to
}

func copyUnit(r *Repository) string {
	unit, _ := r.unit()
	if unit == "" || len(r.units()) > r.most() {
		return ""
	}
	to := r.renamed(unit)
	r.tree.copy(r.tree, unit, to)
	return unit + " is copied to " + to
}

func linkUnit(r *Repository) string {
	unit, _ := r.unit()
	other, _ := r.unit()
	if unit == other {
		return ""
	}
	r.tree.drop(unit)
	r.tree[unit] = File{Link, strings.Repeat("../", strings.Count(unit, "/")) + other}
	return unit + " is a link to " + other
}

// filler makes a unit grow.
const filler = "# filler ----------------------------------------------------------\n"

// grow makes a unit too large, or nearly, or one that is so small again.
func grow(r *Repository) string {
	if p := r.file(func(_ string, f File) bool { return strings.Contains(f.Data, filler) }); p != "" && r.IntN(4) > 0 {
		r.tree.text(p, strings.ReplaceAll(r.tree[p].Data, filler, ""))
		return p + " is small again"
	}
	p := r.file(r.isMain)
	if p == "" {
		return ""
	}
	unit, _ := r.dialect.unitOf(p)
	room := r.dialect.limit
	for _, other := range r.tree.under(unit) {
		room -= len(r.tree[other].Data) + len(other)
	}
	lines, what := max(0, room)/len(filler)+1, "is too large"
	if r.half() {
		lines, what = max(0, lines-20), "is nearly too large"
	}
	r.tree.text(p, r.tree[p].Data+strings.Repeat(filler, lines))
	return p + " " + what
}

// restoreUnit brings a unit back as it was at the start or some edits ago, or takes away one that
// was not there then.
func restoreUnit(r *Repository) string {
	from := r.first
	if old, ok := pick(r.rng, r.past); ok && r.half() {
		from = old
	}
	touched := map[string]bool{}
	for _, p := range r.tree.differs(from) {
		if unit, ok := r.dialect.unitOf(p); ok {
			touched[unit] = true
		}
	}
	unit, ok := pick(r.rng, sorted(touched))
	if !ok {
		return ""
	}
	r.tree.drop(unit)
	r.tree.copy(from, unit, unit)
	return unit + " is what it was"
}

// nameBadly adds a file or a unit whose name is not UTF-8, or takes such a one away.
func nameBadly(r *Repository) string {
	for _, p := range r.tree.paths() {
		if strings.Contains(p, badByte) && r.half() {
			delete(r.tree, p)
			return fmt.Sprintf("%q is deleted", p)
		}
	}
	unit, files := r.unit()
	if unit == "" {
		return ""
	}
	to := strings.TrimSuffix(unit, path.Ext(unit)) + badByte + path.Ext(unit)
	if len(files) > 0 && files[0] != unit && r.half() {
		to = unit + "/caf" + badByte + ".yml"
		r.tree.text(to, "a: 1\n")
		return fmt.Sprintf("%q is added", to)
	}
	r.tree.copy(r.tree, unit, to)
	return fmt.Sprintf("%q is added", to)
}

// duplicate gives a unit a key of another one.
func duplicate(r *Repository) string {
	key, _ := pick(r.rng, r.dialect.unique)
	var values []string
	for p, f := range r.tree {
		if _, ok := r.dialect.unitOf(p); ok {
			values = append(values, key.FindAllString(f.Data, -1)...)
		}
	}
	slices.Sort(values)
	value, ok := pick(r.rng, slices.Compact(values))
	p := r.file(func(_ string, f File) bool { return key.MatchString(f.Data) && !strings.Contains(f.Data, value) })
	if p == "" || !ok {
		return ""
	}
	r.tree.text(p, replaceFirst(key, r.tree[p].Data, value))
	return p + ": " + strings.TrimSpace(value)
}

// refer names a unit that is not there, in place of one.
func refer(r *Repository) string {
	key, _ := pick(r.rng, r.dialect.refers)
	p := r.file(func(_ string, f File) bool { return key.MatchString(f.Data) })
	if p == "" {
		return ""
	}
	found := key.FindString(r.tree[p].Data)
	value := fmt.Sprintf("%sgone-%d", strings.TrimRight(found, "/abcdefghijklmnopqrstuvwxyz0123456789-"), r.fresh())
	r.tree.text(p, strings.Replace(r.tree[p].Data, found, value, 1))
	return p + ": " + strings.TrimSpace(value)
}

func replaceFirst(re *regexp.Regexp, text, by string) string {
	at := re.FindStringIndex(text)
	return text[:at[0]] + by + text[at[1]:]
}
