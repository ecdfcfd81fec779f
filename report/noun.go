package report

import "cmp"

// Noun is what people call the units of a repository, one and many; the zero value calls them
// services.
type Noun struct{ One, Many string }

// Number is so many units, as in "1 unit" and "2,041 units".
func (n Noun) Number(count int) string {
	if count == 1 {
		return "1 " + n.Singular()
	}
	return grouped(count) + " " + n.Plural()
}

// Singular is what one of them is called.
func (n Noun) Singular() string { return printable(cmp.Or(n.One, "service")) }

// Plural is what many are called.
func (n Noun) Plural() string { return printable(cmp.Or(n.Many, "services")) }
