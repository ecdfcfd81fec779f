// Package jail proves that a verdict depends on the bytes that it is about: a static binary
// with nothing else in its root says what it says on a machine with everything.
package jail
