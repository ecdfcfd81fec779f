// Package processes builds the commands and runs them as their users do, beside
// a test or a measurement that ends them.
package processes
