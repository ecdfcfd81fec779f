package verdict

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// What a part says of its unit in texts that somebody else wrote has bounds, whatever the check.
const (
	maxOwner    = 256 // runes
	maxIdentity = 256 // bytes
	headOfLong  = 200 // bytes of a longer identity, before the digest of the whole
)

// bound keeps owner and identities small, and makes text of them.
func (p *Part) bound() {
	p.Owner = firstRunes(strings.ToValidUTF8(strings.TrimSpace(p.Owner), "\ufffd"), maxOwner)
	for i := range p.Findings {
		if f := &p.Findings[i]; len(f.Identity) > maxIdentity {
			sum := sha256.Sum256([]byte(f.Identity))
			f.Identity = strings.ToValidUTF8(f.Identity[:headOfLong], "") + "…#" + hex.EncodeToString(sum[:8])
		}
	}
}

// firstRunes is the beginning of a text.
func firstRunes(text string, most int) string {
	if len(text) <= most || utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}
