//go:build !linux

package worktree

// readFlat leaves every folder to readFolder.
func (r *reader) readFlat(int, string) bool { return false }
