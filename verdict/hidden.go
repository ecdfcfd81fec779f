package verdict

// Hidden is a finding that a policy does not let stand. It makes no unit an err.
type Hidden struct {
	Finding
	Why Why
	// Reason is what was written down with it: why somebody hides it.
	Reason string
	// By is where that was written down.
	By Place
	// Old says that it was there before the change, where there is something to compare with.
	Old bool
}

// Why is what hides a finding.
type Why string

// What hides findings.
const (
	Suppressed Why = "suppressed" // a mark in a file, or an entry of muster.yaml
	InBaseline Why = "baseline"   // it was there when the baseline was made
	Off        Why = "off"        // its rule is off there
	Old        Why = "old"        // it stood before the change
)
