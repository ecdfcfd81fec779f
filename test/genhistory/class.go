package genhistory

import (
	"fmt"
	"strings"
)

// Class is a class of edits.
type Class string

// Edits of units.
const (
	Value        Class = "value"      // a value of a document becomes that of another unit, or some other
	Broken       Class = "broken"     // a line is lost, or there twice
	Comment      Class = "comment"    // a comment alone
	LineEnds     Class = "line-ends"  // LF becomes CRLF, or CRLF LF
	FileAdded    Class = "file-added" // a file comes, which a check reads or none
	FileDeleted  Class = "file-deleted"
	FileMoved    Class = "file-moved"    // from one unit to another
	FileMode     Class = "file-mode"     // a file becomes executable, or ceases to be
	FileLinked   Class = "file-linked"   // a link takes a file's place
	LinkReplaced Class = "link-replaced" // a file takes a link's place
	UnitAdded    Class = "unit-added"    // with bytes of its own
	UnitDeleted  Class = "unit-deleted"  // every other time one that others name
	UnitRenamed  Class = "unit-renamed"
	UnitCopied   Class = "unit-copied"
	UnitLinked   Class = "unit-linked"   // a link takes a unit's place
	UnitGrown    Class = "unit-grown"    // until it is too large, or nearly; or it is small again
	UnitRestored Class = "unit-restored" // its old content comes back
	BadName      Class = "bad-name"      // a file or a unit comes, or goes, whose name is not UTF-8
	Duplicate    Class = "duplicate"     // a unit takes a key that no two may have
	Reference    Class = "reference"     // a unit names one that is not there
)

// Edits of what units share, and of how they are judged.
const (
	Conf      Class = "conf"     // of a shipcat.conf, such as a default
	Region    Class = "region"   // one comes, or goes
	Team      Class = "team"     // one comes, goes or changes
	Template  Class = "template" // one that some units use, and one that none does
	Schema    Class = "schema"   // one of a check, one that another refers to, one that none does
	Rule      Class = "rule"     // another expression, pattern or message
	Check     Class = "check"    // one comes, or goes, or stands elsewhere
	Setting   Class = "setting"  // a key of a kind or a check
	Severity  Class = "severity"
	Ignore    Class = "ignore"
	Owner     Class = "owner"     // of CODEOWNERS
	Unrelated Class = "unrelated" // a file that no check reads
)

// Edits of a history alone.
const (
	Start  Class = "start"  // the first commit
	Empty  Class = "empty"  // a commit that changes nothing
	Merge  Class = "merge"  // of a line of its own that began some commits before
	Revert Class = "revert" // of an earlier commit
)

// Classes are those of a dialect's edits, without those of a history alone, in a fixed order.
func Classes(d Dialect) (all []Class) {
	seen := map[Class]bool{}
	for _, edits := range [][]edit{unitEdits, dialects[d].edits} {
		for _, e := range edits {
			if !seen[e.class] {
				all, seen[e.class] = append(all, e.class), true
			}
		}
	}
	return all
}

// edit is a way to make an edit of a class.
type edit struct {
	class  Class
	weight int // how often, beside the others
	// do makes it and says what it has done. It may change nothing.
	do     func(*Repository) string
	breaks bool   // nothing can be verified until it is made again
	toggle toggle // what it does, if it breaks something
}

// toggle is a change of a file that is made and unmade in turn: of a text in it, or of whether it
// is there.
type toggle struct {
	class Class
	file  string
	from  string // "" where the file comes and goes
	to    string // never empty
	// with stands behind place while to stands there; "" for nothing.
	place, with string
	breaks      bool // nothing can be verified while to stands there
}

// edit makes the toggle, or unmakes it.
func (t toggle) edit() edit {
	return edit{class: t.class, weight: 1, breaks: t.breaks, toggle: t, do: func(r *Repository) string {
		f, there := r.tree[t.file]
		switch {
		case t.from == "" && there:
			delete(r.tree, t.file)
			return t.file + " is deleted"
		case t.from == "":
			r.tree.text(t.file, t.to)
			return t.file + " is added"
		case !there:
			return ""
		}
		on, old, other := t.on(r.tree), t.from, t.to
		if on {
			old, other = other, old
		}
		text := strings.Replace(f.Data, old, other, 1)
		if text == f.Data {
			return "" // another edit has changed what it would
		}
		if t.with != "" {
			place, more := t.place, t.place+t.with
			if on {
				place, more = more, place
			}
			text = strings.Replace(text, place, more, 1)
		}
		r.tree.text(t.file, text)
		return fmt.Sprintf("%s: %q becomes %q", t.file, old, other)
	}}
}

// on says whether a toggle is made in a tree. Either text may be a part of the other.
func (t toggle) on(tree Tree) bool {
	f, there := tree[t.file]
	if t.from == "" {
		return there
	}
	if strings.Contains(t.to, t.from) {
		return strings.Contains(f.Data, t.to)
	}
	return !strings.Contains(f.Data, t.from)
}

func toggles(all ...toggle) (edits []edit) {
	for _, t := range all {
		edits = append(edits, t.edit())
	}
	return edits
}
