package fleet

// Noun is what people call the units of a repository, one and many.
type Noun struct{ One, Many string }

// What units are called: services, if they are known by name, and else just units.
var (
	Services = Noun{"service", "services"}
	Units    = Noun{"unit", "units"}
)

// Called is what the units of the layout are called.
func (l Layout) Called() Noun { return CalledIn(l.Named()) }

// CalledIn is what units are called, given the folder of those that are known by name, as
// Layout.Named says it.
func CalledIn(named string) Noun {
	if named == nowhere {
		return Units
	}
	return Services
}
