// Command bench measures muster and writes down what it found: how quick the
// commands are, what the queue costs and what it brings, beside the goals that
// muster has set itself and beside what others do on the same machine.
//
// Every quantity is measured several times, interleaved with what it is compared
// to, by real commands built from this checkout and redis-servers of its own.
// What others make, repositories and programs, is named by environment variables
// (outside.go), and a row says what is missing of it. rows.go lists the rows; each has a file.
package main
