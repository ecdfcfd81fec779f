// Package cache keeps what checks have decided by all that the decisions depend on, so that
// nothing is decided twice. It says what that is (Components), how an Entry is kept, and what
// is to be asked for a unit (Recipe); where entries are kept, its stores know.
//
// A decision is kept for each check alone, and only one that says ok or invalid: never one that
// failed, ran out of time or was cancelled, nor one that depends on more than its components tell.
//
// A run is as trusted as its enqueuer, and a cache as those who write it. Whoever decides
// writes in a domain of its own; readers say whose domains they trust.
package cache

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Key names an entry, or a set of files.
type Key [32]byte

// short is enough of a key for people.
func (k Key) short() string { return hex.EncodeToString(k[:6]) }

// Space is what a key names.
type Space string

// The spaces.
const (
	// Verdicts have entries, by the digests of their components.
	Verdicts Space = "verdict"
	// Contents have the digests of bundles, by what git calls the files of them (blob.Name).
	Contents Space = "content"
	// Latest have what became of units the last time (Last).
	Latest Space = "last"
	// Stamps have what units contained that lay on a machine in some way (Stamp).
	Stamps Space = "stamp"
)

// Item is what is kept under a key.
type Item struct {
	Key   Key
	Value []byte
}

// ErrFull says that a store has no room left: what was to be kept is not, and what is there can be read. It
// is for errors.Is.
var ErrFull = errors.New("the cache is full")

// Found is an item that somebody comes across who looks at all.
type Found struct {
	Space  Space
	Domain string
	Item
	Bytes   int       // that it takes, with what the store needs for it
	Written time.Time // when it was put down last
}

// Store keeps items. Its methods may be called from several goroutines at once. An error other than ErrFull
// means that the store is away, and never that something is absent: whoever asks goes on without it.
type Store interface {
	// Get returns what is kept under each key, nil for what is not.
	Get(ctx context.Context, s Space, domain string, keys []Key) ([][]byte, error)
	// Put keeps items, in the place of those that are there, for as long as the store keeps any.
	Put(ctx context.Context, s Space, domain string, items []Item) error
	// Salt is the salt of a domain, "" before it was disowned for the first time.
	Salt(ctx context.Context, domain string) (string, error)
}

// Local is a store of one machine, which may keep what holds there alone.
type Local interface {
	Store
	// Beside says whether the store lies on the file system of a folder, so that nobody brings the one back to an earlier
	// state without the other, and names it: a copy of it has another name.
	Beside(folder string) (name string, ok bool)
}

var domainForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// CheckDomain says what is wrong with the name of a domain.
func CheckDomain(name string) error {
	if !domainForm.MatchString(name) {
		return fmt.Errorf("cache domain %q: want 1 to 32 lower-case letters, digits and dashes, such as main", name)
	}
	return nil
}
