// Package id has a type for each name that travels between processes: of a run, a
// unit, bytes, and a delivery. Where several stand in a row the compiler tells them
// apart. All of them are plain text on the wire.
package id

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Run names a run.
type Run string

// Unit names what is checked as one: the name of its folder.
type Unit string

// Digest names bytes: a SHA-256 in 64 lower-case hexadecimal digits. "" stands for
// bytes that are not known.
type Digest string

// Delivery names one delivery of one task to one worker.
type Delivery string

// NewRun makes the name of a run. Such names sort by time.
func NewRun(now time.Time) Run {
	return Run(now.UTC().Format("20060102-150405-") + strings.ToLower(rand.Text()[:6]))
}

var runForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Check says what is wrong with a run's name that somebody chose.
func (r Run) Check() error {
	if !runForm.MatchString(string(r)) {
		return fmt.Errorf("run ID %q: want 1 to 100 letters, digits, dots, dashes and underscores, beginning with a letter or digit", string(r))
	}
	return nil
}

// Short is enough of a digest for people.
func (d Digest) Short() string { return string(d[:min(len(d), 12)]) }

// NewDelivery names the nth delivery to a worker.
func NewDelivery(worker string, n int64) Delivery {
	return Delivery(worker + "#" + strconv.FormatInt(n, 10))
}

// Worker is whom the delivery went to; ok is false for what NewDelivery did not make.
func (d Delivery) Worker() (name string, ok bool) {
	i := strings.LastIndexByte(string(d), '#')
	if i < 0 {
		return "", false
	}
	return string(d[:i]), true
}
