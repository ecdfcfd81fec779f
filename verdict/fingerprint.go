package verdict

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Fingerprint names what a verdict says: two verdicts about the same bytes agree exactly
// when their fingerprints do. It is the beginning of the SHA-256 of the canonical form,
// both in Redis and in memory, so that a verdict has the same fingerprint before and
// after it has travelled.
type Fingerprint [12]byte

// String is the form in which the ledger keeps the fingerprint.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

func fingerprintOf(canonical []byte) Fingerprint {
	sum := sha256.Sum256(canonical)
	return Fingerprint(sum[:len(Fingerprint{})])
}

// Fingerprint is the fingerprint of the verdict.
func (v Verdict) Fingerprint() Fingerprint {
	b, err := v.Canonical()
	if err != nil { // texts, numbers and lists of them: JSON has a form for each
		panic(fmt.Sprintf("encode the verdict of %q: %v", v.Unit, err))
	}
	return fingerprintOf(b)
}
