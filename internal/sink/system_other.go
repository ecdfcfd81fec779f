//go:build !unix

package sink

import (
	"errors"
	"fmt"
	"os"
)

// check knows standard output alone.
func (d descriptor) check() error {
	if d == stdout {
		return nil
	}
	return fmt.Errorf("descriptor %d: %w", d, errors.ErrUnsupported)
}

func (d descriptor) open() (*os.File, error) {
	return nil, fmt.Errorf("descriptor %d: %w", d, errors.ErrUnsupported)
}

func letWait(*os.File) error { return nil }

func access(string) error { return nil }

func (f file) replaceable() error { return nil }
