package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// fingerprints makes the fingerprints of a list differ from one another, as who reads the list
// demands: what stands for a run or a unit has none from a policy, and a finding may come twice.
type fingerprints map[string]bool

// of is the entry's own fingerprint unless another one has it.
func (seen fingerprints) of(e *Entry) string {
	print := valid(e.Fingerprint)
	for n := 0; print == "" || seen[print]; n++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %d", e.Fingerprint, e.Rule, e.Unit.Name, e.File, n))
		print = hex.EncodeToString(sum[:16])
	}
	seen[print] = true
	return print
}
