//go:build unix

package embedded

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const folderPrefix = "muster-redis-"

// folder is a server's folder, which only its owner can enter. The owner holds a
// lock on it that ends with the process: a folder that can be locked is a dead
// one's.
type folder struct {
	path string
	lock *os.File
}

// newFolder makes a locked folder in base. A sweep of another process may come
// between making and locking: then there is nothing left to lock, and it tries
// again.
func newFolder(base string) (*folder, error) {
	for range 10 {
		path, err := os.MkdirTemp(base, folderPrefix)
		if err != nil {
			return nil, fmt.Errorf("make a folder: %w", err)
		}
		f, err := lockFolder(path)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), os.RemoveAll(path))
		}
	}
	return nil, fmt.Errorf("make a folder in %s: each one vanished at once: set TMPDIR to another folder", base)
}

// lockFolder takes the lock of an existing folder, or fails at once.
func lockFolder(path string) (*folder, error) {
	lock, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, err
	}
	locked, err := lock.Stat()
	if err != nil {
		lock.Close()
		return nil, err
	}
	if there, err := os.Lstat(path); err != nil || !os.SameFile(locked, there) {
		lock.Close()
		return nil, os.ErrNotExist
	}
	return &folder{path: path, lock: lock}, nil
}

// remove deletes the folder and then gives up its lock.
func (f *folder) remove() error {
	return errors.Join(os.RemoveAll(f.path), f.lock.Close())
}

// sweep removes the folders in base whose processes have died.
func sweep(base string, log *slog.Logger) {
	entries, err := os.ReadDir(base)
	if err != nil {
		return // newFolder will say so
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), folderPrefix) {
			continue
		}
		f, err := lockFolder(filepath.Join(base, e.Name()))
		if err != nil {
			continue // in use, somebody else's, or gone
		}
		shutdown(f.path)
		if err := f.remove(); err != nil {
			log.Warn("cannot remove the folder of a private Redis that has ended", "folder", f.path, "error", err)
		}
	}
}

// shutdown ends a server that has outlived the process that started it, as it
// can where the kernel does not tie the two together.
func shutdown(path string) {
	conn, err := net.Dial("unix", filepath.Join(path, socketName))
	if err != nil {
		return // refused: it is dead
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(conn, "SHUTDOWN NOSAVE\r\n"); err == nil {
		_, _ = io.Copy(io.Discard, conn) // until it hangs up
	}
}
