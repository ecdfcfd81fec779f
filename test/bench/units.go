//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed306eabeb/muster/test/trouble"
)

// units writes a repository of n units of the trouble check that all take the
// same step, and are ok.
func (b *bench) units(name string, n int, step string) (testFleet, error) {
	f := testFleet{dir: filepath.Join(b.dir, name), services: n, oks: n}
	if err := writeFile(filepath.Join(f.dir, trouble.Marker), ""); err != nil {
		return f, err
	}
	for i := range n {
		if err := writeFile(filepath.Join(f.dir, trouble.Units, fmt.Sprintf("unit-%06d", i), trouble.File), step); err != nil {
			return f, err
		}
	}
	return f, nil
}

func writeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
