package verdict

import "strings"

// overrides begins the text about a value that another one stands in the place of.
const overrides = "overrides what is set here: "

// Overridden is the place of a value that a later layer has replaced by the one that a finding
// is about. value is what was written there, in one line.
func Overridden(p Place, value string) Related { return Related{p, overrides + value} }

// Overridden says whether r is the place of a value that was replaced, and which that was.
func (r Related) Overridden() (value string, ok bool) { return strings.CutPrefix(r.Text, overrides) }
