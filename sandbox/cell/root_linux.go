//go:build amd64 || arm64

package cell

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// devices are those that a program has.
var devices = []string{"/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"}

const (
	block = 4096
	// inodes is how many files and folders a job may have for each block that it may write, with a few for small jobs.
	fewInodes = 1024
)

// newRoot makes a root that has what may be read, a disk for the job, and nothing else, and
// moves this process into it.
func newRoot(o Order) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("part the mounts from those of the parent: %w", err)
	}
	if err := unix.Mount("tmpfs", o.Stage, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=1m,nr_inodes=8192,mode=755"); err != nil {
		return fmt.Errorf("mount a new root: %w", err)
	}
	for _, path := range slices.Concat(o.Read, devices) {
		if err := expose(o.Stage, path); err != nil {
			return err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(o.Links)) {
		if err := link(o.Stage, path, o.Links[path]); err != nil {
			return err
		}
	}
	if err := furnish(o); err != nil {
		return err
	}
	if err := unix.Mount("", o.Stage, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, ""); err != nil {
		return fmt.Errorf("make the new root read-only: %w", err)
	}
	return pivot(o.Stage)
}

// expose mounts a path at the same place below the new root, to be read and not written. What is not there
// is passed over.
func expose(root, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("show %s to a program: %w: the programs of jobs have a user of their own, who must be able to enter each folder above it", path, err)
	}
	if err != nil {
		return fmt.Errorf("show %s to a program: %w", path, err)
	}
	at := root + path
	if err := place(at, info.IsDir()); err != nil {
		return fmt.Errorf("show %s to a program: %w", path, err)
	}
	if err := unix.Mount(path, at, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("show %s to a program: mount it: %w", path, err)
	}
	attr := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID}
	if !slices.Contains(devices, path) {
		attr.Attr_set |= unix.MOUNT_ATTR_NODEV
	}
	if err := unix.MountSetattr(unix.AT_FDCWD, at, unix.AT_RECURSIVE, attr); err != nil {
		return fmt.Errorf("show %s to a program: make it read-only: %w", path, err)
	}
	return nil
}

// place makes what is mounted over.
func place(at string, folder bool) error {
	if folder {
		return os.MkdirAll(at, 0o755)
	}
	if err := os.MkdirAll(dir(at), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(at, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return file.Close()
}

func link(root, path, target string) error {
	at := root + path
	err := os.MkdirAll(dir(at), 0o755)
	if err == nil {
		err = os.Symlink(target, at)
	}
	// One that is there is below a folder that is shown whole.
	if err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, unix.EROFS) {
		return fmt.Errorf("show %s to a program: %w", path, err)
	}
	return nil
}

// furnish makes the disk of the job, /tmp on it, and a /proc of its own processes where that can be had.
func furnish(o Order) error {
	home := o.Stage + o.Home
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	size := o.Disk + 2*o.Files + 64*block
	options := "mode=755,size=" + strconv.FormatInt(size, 10) + ",nr_inodes=" + strconv.FormatInt(size/block+fewInodes, 10)
	if err := unix.Mount("tmpfs", home, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		return fmt.Errorf("mount a disk for the job: %w", err)
	}
	if err := link(o.Stage, "/tmp", o.Scratch); err != nil {
		return err
	}
	proc := o.Stage + "/proc"
	if err := os.MkdirAll(proc, 0o755); err != nil {
		return err
	}
	if unix.Mount("proc", proc, "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "subset=pid") == nil {
		return link(o.Stage, "/dev/fd", "/proc/self/fd")
	}
	return nil
}

func pivot(root string) error {
	if err := os.Chdir(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("enter the new root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leave the old root: %w", err)
	}
	return os.Chdir("/")
}

// dir is the folder of a path. The package of the standard library for this is initialised after
// most of the program, and a cell with it.
func dir(path string) string { return path[:max(0, strings.LastIndexByte(path, '/'))] }
