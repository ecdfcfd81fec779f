//go:build !linux

package directory

// Beside is false: of no directory it is known whether it is a copy.
func (s *Store) Beside(string) (name string, ok bool) { return "", false }
