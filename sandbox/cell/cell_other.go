//go:build !linux || !(amd64 || arm64)

package cell

// Landlock is the version of it that the kernel has, 0 for none.
func Landlock() int { return 0 }
