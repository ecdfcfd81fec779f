package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// fingerprintEpoch is part of every fingerprint. Another one makes all baselines void.
const fingerprintEpoch = "muster.fingerprint/1"

// stamp gives the findings of one unit, whose folder is given, their fingerprints. Each is of its
// rule, its unit, its file inside the unit, its path with names, and its identity; never of lines,
// messages and severities. Findings that do not differ in these are told apart by their number, in
// the order of their places: so one more of them has one more fingerprint, and those that were
// there are there. It is 32 hexadecimal digits.
func stamp(findings []verdict.Finding, unit id.Unit, folder string) {
	alike := make(map[base][]*verdict.Finding, len(findings))
	for i := range findings {
		f := &findings[i]
		b := baseOf(f.Rule, unit, *f, folder)
		alike[b] = append(alike[b], f)
	}
	for b, all := range alike {
		slices.SortStableFunc(all, compareAlike)
		for i, f := range all {
			f.Fingerprint = b.numbered(i + 1)
		}
	}
}

// compareAlike orders findings that their fingerprints do not tell apart. What a message says
// decides last, where nothing else is left.
func compareAlike(a, b *verdict.Finding) int {
	return cmp.Or(a.Place.Compare(b.Place), slices.Compare(a.Regions, b.Regions),
		slices.CompareFunc(a.Related, b.Related, verdict.Related.Compare), strings.Compare(a.Message, b.Message), strings.Compare(a.Help, b.Help))
}

// base is what several findings have in common that do not differ in what a fingerprint is made
// of: all of that, each part with its length in front, so that no two lists of parts are the same
// bytes.
type base string

func baseOf(rule string, unit id.Unit, f verdict.Finding, folder string) base {
	var b []byte
	for _, part := range []string{fingerprintEpoch, rule, string(unit), inside(folder, f.File), withoutNumbers(cmp.Or(f.Named, f.Path)), f.Identity} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	return base(b)
}

// numbered is the fingerprint of the n-th of the findings, from 1.
func (b base) numbered(n int) string {
	text := []byte(b)
	if n > 1 {
		text = binary.BigEndian.AppendUint64(text, uint64(n))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// inside is a file as its unit has it, "" for the unit's folder, so that a folder may be moved.
func inside(folder, file string) string {
	if file == folder && folder != "" {
		return ""
	}
	return strings.TrimPrefix(file, folder+"/")
}

// withoutNumbers takes the numbers of list items out of a YAML path: what is inserted above
// an item changes its number.
func withoutNumbers(path string) string {
	var b strings.Builder
	for {
		before, behind, found := strings.Cut(path, "[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		digits := strings.TrimLeft(behind, "0123456789")
		if len(digits) < len(behind) && strings.HasPrefix(digits, "]") {
			behind = digits
		}
		b.WriteByte('[')
		path = behind
	}
}
