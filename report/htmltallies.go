package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// tallies count the findings that stand, and those that do not.
type tallies struct {
	All    tallyRow
	Rules  tallyTable
	Owners tallyTable // without rows where no unit is anybody's
	Hidden []hiddenTally
	Kinds  []string // of the units with findings
}

// tallyTable is a table of counts. Of the numbers it has those columns that All has some of.
type tallyTable struct {
	Of   string // what its rows are: rule or owner
	All  tallyRow
	Rows []tallyRow
}

// Tables are those that have rows.
func (t tallies) Tables() []tallyTable {
	return slices.DeleteFunc([]tallyTable{t.Owners, t.Rules}, func(table tallyTable) bool { return len(table.Rows) == 0 })
}

// tallyRow counts the findings of one rule, or of one owner's units.
type tallyRow struct {
	Name                           string // printable; "" for the units that are nobody's
	Doc                            string
	Errs                           int // of an owner, units that are errs
	Errors, Warnings, Info, Hidden int
}

// Called is what the page calls the row.
func (r tallyRow) Called() string { return cmp.Or(r.Name, "(nobody)") }

// hiddenTally counts what is hidden for one reason.
type hiddenTally struct {
	Why   verdict.Why
	Count int
}

func newTallies(errs []aggregator.Unit, list *htmlFindings, rules map[string]verdict.Rule) tallies {
	all, byRule, byOwner, kinds := tallyRow{}, map[string]*tallyRow{}, map[string]*tallyRow{}, map[string]bool{}
	for _, u := range errs {
		for _, owner := range ownersOf(u) {
			rowOf(byOwner, owner).Errs++
		}
	}
	for _, side := range [][]*Entry{list.standing, list.hidden} {
		for _, e := range side {
			kinds[printable(string(e.Unit.Kind))] = true
			all.add(e)
			of := rowOf(byRule, ruleOf(e.Finding))
			of.Doc = printable(rules[e.Rule].Summary)
			of.add(e)
			if e.Unit.Name != "" {
				for _, owner := range ownersOf(e.Unit) {
					rowOf(byOwner, owner).add(e)
				}
			}
		}
	}
	owned := all
	owned.Errs = len(errs)
	if len(byOwner) == 1 && byOwner[""] != nil {
		byOwner = nil
	}
	return tallies{all, tallyTable{"rule", all, inOrderOfErrs(byRule)}, tallyTable{"owner", owned, inOrderOfErrs(byOwner)},
		hiddenTallies(list.hidden), slices.Sorted(maps.Keys(kinds))}
}

// ruleOf is what the page calls a finding's rule.
func ruleOf(f verdict.Finding) string { return printable(strings.TrimSpace(f.Rule + " " + f.Name)) }

// ownersOf are the owners of a unit, as the page calls them; "" for one that is nobody's.
func ownersOf(u aggregator.Unit) []string {
	if len(u.Owners) == 0 {
		return []string{""}
	}
	return allPrintable(u.Owners)
}

func rowOf(rows map[string]*tallyRow, name string) *tallyRow {
	if rows[name] == nil {
		rows[name] = &tallyRow{Name: name}
	}
	return rows[name]
}

func (r *tallyRow) add(e *Entry) {
	switch {
	case e.Hidden != nil:
		r.Hidden++
	case rank(e.Finding) == 0:
		r.Errors++
	case rank(e.Finding) == 1:
		r.Warnings++
	default:
		r.Info++
	}
}

// inOrderOfErrs puts those first that have the most to mend.
func inOrderOfErrs(rows map[string]*tallyRow) []tallyRow {
	var all []tallyRow
	for _, r := range rows {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b tallyRow) int {
		return cmp.Or(b.Errs-a.Errs, b.Errors-a.Errors, b.Warnings-a.Warnings, b.Info-a.Info, b.Hidden-a.Hidden, strings.Compare(a.Name, b.Name))
	})
	return all
}

func hiddenTallies(hidden []*Entry) (all []hiddenTally) {
	counts := map[verdict.Why]int{}
	for _, e := range hidden {
		counts[e.Hidden.Why]++
	}
	for _, why := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, hiddenTally{verdict.Why(printable(string(why))), counts[why]})
	}
	return all
}

// rowsAtOnce is how many rows of a table are seen at once.
const rowsAtOnce = 8

// Top is the table of the rows that are seen at once.
func (t tallyTable) Top() tallyTable {
	t.Rows = t.Rows[:min(len(t.Rows), rowsAtOnce)]
	return t
}

// Rest is the table of the rows that open.
func (t tallyTable) Rest() tallyTable {
	t.Rows = t.Rows[min(len(t.Rows), rowsAtOnce):]
	return t
}

// Names are the names of all rows, sorted.
func (t tallyTable) Names() (names []string) {
	for _, r := range t.Rows {
		names = append(names, r.Called())
	}
	slices.Sort(names)
	return names
}

// silentErrs are errs of one kind that have one cause: those that are not decided, and those
// whose findings do not say why they are errs.
type silentErrs struct {
	Kind  string
	Cause string
	Units []ownedUnit
}

type ownedUnit struct {
	Name   string
	Owners []string
}

// newSilentErrs are in the order of the first unit of each.
func newSilentErrs(errs []aggregator.Unit) (all []silentErrs) {
	at := map[[2]string]int{}
	for _, u := range errs {
		why := cause(u)
		if u.Kind == verdict.Invalid && len(u.Findings) > 0 {
			continue
		}
		why = cmp.Or(why, "no finding says why")
		key := [2]string{string(u.Kind), why}
		i, known := at[key]
		if !known {
			i, at[key] = len(all), len(all)
			all = append(all, silentErrs{Kind: printable(string(u.Kind)), Cause: why})
		}
		all[i].Units = append(all[i].Units, ownedUnit{printable(string(u.Name)), allPrintable(u.Owners)})
	}
	return all
}
