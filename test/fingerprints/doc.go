// Package fingerprints proves that findings keep their fingerprints: from release to release, and
// while people work on the files in which they stand.
package fingerprints
