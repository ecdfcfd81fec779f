//go:build !linux

package bundle

// readFlat leaves every folder to Read.
func (r *reader) readFlat(int, string) bool { return false }
