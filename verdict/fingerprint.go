package verdict

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Fingerprint names what a verdict says: two verdicts about the same bytes agree
// exactly when their fingerprints do. It is the beginning of the SHA-256 of
// Verdict.Canonical, in Redis and in memory alike, so that a verdict has the same one
// before and behind the wire.
type Fingerprint [12]byte

// String is the form in which the ledger keeps it.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

func fingerprintOf(canonical []byte) Fingerprint {
	sum := sha256.Sum256(canonical)
	return Fingerprint(sum[:len(Fingerprint{})])
}

// Fingerprint is that of the verdict.
func (v Verdict) Fingerprint() Fingerprint {
	b, err := v.Canonical()
	if err != nil { // texts, numbers and lists of them: JSON has a form for each
		panic(fmt.Sprintf("encode the verdict of %q: %v", v.Unit, err))
	}
	return fingerprintOf(b)
}
