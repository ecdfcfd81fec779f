package report

import (
	"fmt"
	"strings"
)

// mostAnnotations is how many errors, and how many warnings, GitHub and Azure keep of one
// step; they drop what is printed behind without a word.
const mostAnnotations = 10

// annotations are the causes that a platform is told of, best first, and how many there are.
type annotations struct {
	causes []*problem
	shown  map[string]int // by level
	all    map[string]int
}

// annotationsOf picks of each of the levels as many as a platform keeps.
func annotationsOf(r Report, o Options, levels ...string) annotations {
	a := annotations{shown: map[string]int{}, all: map[string]int{}}
	for _, c := range causes(r, o) {
		level := severityOf(c.Finding)
		a.all[level]++
		for _, taken := range levels {
			if taken == level && a.shown[level] < mostAnnotations {
				a.shown[level]++
				a.causes = append(a.causes, c)
			}
		}
	}
	return a
}

// title says how many there are, and of how many.
func (a annotations) title(levels ...string) string {
	var parts []string
	missing := false
	for _, level := range levels {
		switch shown, all := a.shown[level], a.all[level]; {
		case all == 0:
		case shown < all:
			missing = true
			parts = append(parts, fmt.Sprintf("%d of %s", shown, many(all, level)))
		default:
			parts = append(parts, many(all, level))
		}
	}
	title := "annotations: " + strings.Join(parts, ", ")
	if missing {
		title += fmt.Sprintf(" (at most %d of a kind are kept)", mostAnnotations)
	}
	return title
}

// told is what an annotation says of a cause, in lines.
func (c *problem) told(noun Noun) []string {
	lines := []string{printable(c.Message) + regions(c.Finding.Regions)}
	if c.Help != "" {
		lines = append(lines, "help: "+printable(c.Help))
	}
	for _, r := range c.Related {
		if !names(c.Message, r.Place) {
			lines = append(lines, printable(r.Text)+": "+printable(r.Place.String()))
		}
	}
	if where := c.where(noun); where != "" {
		lines = append(lines, where)
	}
	return lines
}

// rule is the code and the name of a finding's rule.
func (c *problem) rule() string {
	return strings.TrimSpace(printable(c.Rule) + " " + printable(c.Name))
}
