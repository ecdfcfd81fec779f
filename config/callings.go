package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// callings are what the units of one kind are called.
type callings struct {
	unnamed []string
	taken   map[string][]string // units by their names
}

// take notes what a unit is called.
func (c *callings) take(k fleet.Kind, file string) {
	if k.Called == nil {
		return
	}
	switch name, err := k.Called(file); {
	case err != nil:
		c.unnamed = append(c.unnamed, file)
	case name != "":
		if c.taken == nil {
			c.taken = map[string][]string{}
		}
		c.taken[name] = append(c.taken[name], file)
	}
}

// judgeNames finds units of a kind that have no name, or that of another one to which others refer: what is wrong
// with a kind is one finding of each sort.
func (d *Declaration) judgeNames(i int, c callings) (found []verdict.Finding) {
	k := d.Layout.Kinds[i]
	if slices.Sort(c.unnamed); len(c.unnamed) > 0 {
		first := c.unnamed[0]
		_, err := k.Called(first)
		found = append(found, ruleUnnamed.At(d.atName(i, first), fmt.Sprintf("%s %v%s", fleet.NameOf(first), err, others(len(c.unnamed)-1)), "let it match the path of each unit, or except the unit"))
	}
	maps.DeleteFunc(c.taken, func(_ string, files []string) bool { return len(files) == 1 })
	if names := slices.Sorted(maps.Keys(c.taken)); len(names) > 0 {
		files := c.taken[names[0]]
		slices.Sort(files)
		message, help := fleet.SameName(fleet.NameOf(files[0]), fleet.NameOf(files[1]), k.Name, names[0])
		found = append(found, ruleSameName.At(d.atName(i, files[0]), message+others(len(names)-1), help))
	}
	return found
}

// others says that there are as many more of the sort.
func others(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %d more)", n)
}

// atName is the place of what gives a unit its name: the expression of its kind, or else the glob.
func (d *Declaration) atName(i int, file string) verdict.Place {
	if v := d.kinds[i].value.Get("name"); v != nil {
		return v.Place()
	}
	return d.atGlob(i, file)
}
