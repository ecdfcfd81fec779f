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

// engine is the digest of the epoch, the rules and the keys.
var engine = sync.OnceValue(func() string {
	h := sha256.New()
	fmt.Fprintf(h, "manifest %d\n", epoch)
	rules, err := json.Marshal(registry)
	if err != nil {
		panic(fmt.Sprintf("manifest: rules cannot be encoded: %v", err)) // they are plain strings
	}
	h.Write(rules)
	for _, o := range []*object{manifestObject, overrideObject, confObject, teamsObject} {
		describeTo(h, o, map[*object]bool{})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
})
