// Package layout holds the rules about which package may import which, as a test.
// Data goes one way through the packages, and the imports show it.
package layout
