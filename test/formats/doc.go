// Package formats holds what enqueue writes for other programs against programs that are not
// ours: the JSON Schema of SARIF by OASIS, the reader of JUnit's XML of go-junit-report, and the
// messages of reviewdog. It is a module of its own, so that none of their requirements becomes one
// of muster. The shapes of the other formats stand in the contracts of package report.
package formats
