//go:build !linux

package cell

// Landlock is the version of it that the kernel has, 0 for none.
func Landlock() int { return 0 }
