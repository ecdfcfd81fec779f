//go:build amd64 || arm64

package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	prefix = "muster-box-"
	lock   = "lock"
	// young is how old a folder without a lock is that may still get it.
	young = time.Minute
)

// place is the folder of a box: while it is there, the box holds a lock on a file in it.
type place struct {
	home  string
	stage string // an empty folder
	lock  *os.File
}

// open makes the folder of a box in a base, and removes those of boxes that are gone.
func open(base string) (p place, err error) {
	if base == "" {
		base = defaultBase()
	}
	if base, err = filepath.Abs(base); err != nil {
		return p, fmt.Errorf("find the folder for jobs: %w", err)
	}
	sweep(base)
	if p.home, err = os.MkdirTemp(base, prefix); err != nil {
		return p, fmt.Errorf("make a folder for jobs: %w", err)
	}
	p.stage = filepath.Join(p.home, "root")
	if p.lock, err = locked(filepath.Join(p.home, lock)); err == nil {
		err = os.Mkdir(p.stage, 0o755)
	}
	if err == nil { // other users pass through it, and see nothing
		err = os.Chmod(p.home, 0o711)
	}
	if err != nil {
		return p, errors.Join(fmt.Errorf("make a folder for jobs: %w", err), p.close())
	}
	return p, nil
}

// locked makes a file that nobody sees without the lock on it: who sweeps would take that for one that
// is left.
func locked(name string) (*os.File, error) {
	file, err := os.OpenFile(name+".new", os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		err = os.Rename(file.Name(), name)
	}
	return file, err
}

func (p place) close() error {
	err := os.RemoveAll(p.home)
	if p.lock != nil {
		err = errors.Join(err, p.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("remove the folder for jobs: %w", err)
	}
	return nil
}

// defaultBase is a folder in memory, if there is one.
func defaultBase() string {
	const memory = "/dev/shm"
	if probe, err := os.MkdirTemp(memory, prefix); err == nil {
		_ = os.Remove(probe)
		return memory
	}
	return os.TempDir()
}

// sweep removes the folders of boxes whose process is gone.
func sweep(base string) {
	entries, _ := os.ReadDir(base)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), prefix) && entry.IsDir() {
			sweepOne(filepath.Join(base, entry.Name()))
		}
	}
}

func sweepOne(home string) {
	info, err := os.Lstat(home)
	if err != nil {
		return
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Geteuid() {
		return
	}
	file, err := os.OpenFile(filepath.Join(home, lock), os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if time.Since(info.ModTime()) > young {
			removeAll(home)
		}
		return
	}
	if err != nil {
		return
	}
	defer file.Close()
	if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		removeAll(home)
	}
}

// removeAll removes a folder, also one that a program has closed to us.
func removeAll(home string) {
	if os.RemoveAll(home) == nil {
		return
	}
	_ = filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	_ = os.RemoveAll(home)
}
