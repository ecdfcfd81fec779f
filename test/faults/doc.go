// Package faults proves from the outside what a run survives: real enqueue and
// worker processes, a redis-server of each test's own, real signals, and a
// network that misbehaves when told to.
//
// The matrix is in matrix_test.go, one function a row. `go test` runs the rows
// that are quick, `make faults` all of them, and `make faults ROW=7` one. Some are
// run over other fleets, too: plain units that make trouble, and a repository that a
// muster.yaml governs (`make faults ROW=7 FLEET=muster`), and some over units that need a
// command, or with a cache, too (`make faults ROW=7 FLEET=commands`, `FLEET=cache`). The page docs/faults.md is what a whole
// matrix has measured.
package faults
