package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
)

// epoch is raised with every change of what the checker says about some bytes
// that shows in no rule and no key: another expression behind a rule, another
// order of stages, a newer PromQL parser. Two programs with one engine must give
// the same decision.
const epoch = 1

// engine is the digest of the epoch, the rules and the keys. The schemas say how
// keys are decoded, the reference page also how layers of them meet.
var engine = sync.OnceValue(func() string {
	h := sha256.New()
	fmt.Fprintf(h, "manifest %d\n", epoch)
	digest := func(part []byte, err error) {
		if err != nil {
			panic(fmt.Sprintf("manifest: rules and keys cannot be encoded: %v", err)) // they are plain values
		}
		h.Write(part)
	}
	digest(json.Marshal(registry))
	for _, name := range SchemaNames() {
		digest(JSONSchema(name))
	}
	digest(nil, WriteReference(h))
	return hex.EncodeToString(h.Sum(nil)[:16])
})
