package report

import "cmp"

// Noun is what people call the units of a repository, one and many. The zero value is Service.
type Noun struct{ One, Many string }

// What units are called: where a repository's configuration says no more of them than that they
// are units, they are called so.
var (
	Service = Noun{"service", "services"}
	Unit    = Noun{"unit", "units"}
)

// Number is so many units, as in "1 unit" and "2,041 units".
func (n Noun) Number(count int) string {
	if count == 1 {
		return "1 " + n.one()
	}
	return grouped(count) + " " + n.many()
}

func (n Noun) one() string { return printable(cmp.Or(n.One, Service.One)) }

func (n Noun) many() string { return printable(cmp.Or(n.Many, Service.Many)) }
