// Package commands runs the definitions of docs/commands with the programs that they are about, over
// small repositories of our own, by enqueue. It is a module of its own, which pins those programs that
// are built from source.
package commands
