// Package engines proves, by programs that it builds, that an engine names the code that
// judges and nothing of how or where a program was built.
package engines
