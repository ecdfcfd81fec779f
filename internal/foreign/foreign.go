// Package foreign calls the parsers that are not ours, and nothing else that judges does.
//
// They read what anybody may write into a manifest, so none of them is trusted: what each is
// given is bounded in size and in the work that it can make, a panic of one is an answer like
// any other, and what would be read from the machine (time zones, its clock, the size of an
// int) is refused before. An answer depends on the text alone.
package foreign

import (
	"errors"
	"fmt"
)

// ErrBroken is the answer where a parser panics. It holds nothing of the panic, whose text may
// differ from process to process.
var ErrBroken = errors.New("its parser cannot cope with it")

// guard calls a parser and turns a panic into ErrBroken.
func guard(parse func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = ErrBroken
		}
	}()
	return parse()
}

// maxSaid is how many runes of a parser's message are passed on: some repeat what they read.
const maxSaid = 200

// brief is the message of an error, not too much of it.
func brief(err error) string {
	said := err.Error()
	if r := []rune(said); len(r) > maxSaid {
		return string(r[:maxSaid]) + "…"
	}
	return said
}

// atMost is an error for a text of more bytes than a parser is given.
func atMost(text string, most int) error {
	if len(text) > most {
		return fmt.Errorf("it is %d bytes long; expected at most %d", len(text), most)
	}
	return nil
}
