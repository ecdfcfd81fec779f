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
	"unsafe"

	"golang.org/x/sys/unix"
)

// devices are those that a program has.
var devices = []string{"/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"}

const (
	block = 4096
	// inodes is how many files and folders a job may have for each block that it may write, with a few for small jobs.
	fewInodes = 1024
)

// show is what is done for each path that a program may read.
const show = "show {} to a program"

// root is the script of a root that has what may be read, a disk for the job, and nothing else.
type root struct {
	*script
	at   string          // where it is built
	made map[string]bool // the folders in it
}

// newRoot adds the calls that make it, and move the process into it.
func (s *script) newRoot(o Order) error {
	r := root{script: s, at: o.Stage, made: map[string]bool{}}
	r.mount("part the mounts from those of the parent", "", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
	r.mount("mount a new root", "tmpfs", r.at, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=1m,nr_inodes=8192,mode=755")
	for _, path := range slices.Concat(o.Read, devices) {
		if err := r.expose(path); err != nil {
			return err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(o.Links)) {
		r.link(path, o.Links[path])
	}
	r.furnish(o)
	r.mount("make the new root read-only", "", r.at, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, "")
	r.pivot()
	return nil
}

func (r *root) mount(what, source, target, kind string, flags int, data string) *call {
	r.says(what, source)
	return r.add(unix.SYS_MOUNT, source, target, kind, flags, data)
}

// expose mounts a path at the same place below the new root, to be read and not written. What is not there
// is passed over.
func (r *root) expose(path string) error {
	r.says(show, path)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("show %s to a program: %w", path, err)
	}
	if info.IsDir() {
		r.folder(path)
	} else {
		r.folder(dir(path))
		r.add(unix.SYS_MKNODAT, unix.AT_FDCWD, r.at+path, unix.S_IFREG|0o644, 0).pass(0, unix.EEXIST)
	}
	r.mount(show+": mount it", path, r.at+path, "", unix.MS_BIND|unix.MS_REC, "")
	attr := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID}
	if !slices.Contains(devices, path) {
		attr.Attr_set |= unix.MOUNT_ATTR_NODEV
	}
	r.says(show+": make it read-only", path)
	r.add(unix.SYS_MOUNT_SETATTR, unix.AT_FDCWD, r.at+path, unix.AT_RECURSIVE, unsafe.Pointer(attr), unsafe.Sizeof(*attr))
	return nil
}

// folder makes a folder of the new root, and those above it.
func (r *root) folder(path string) {
	if path == "" || r.made[path] {
		return
	}
	r.folder(dir(path))
	r.made[path] = true
	r.add(unix.SYS_MKDIRAT, unix.AT_FDCWD, r.at+path, 0o755).pass(0, unix.EEXIST, unix.EROFS)
}

// link makes a link. One that is there is below a folder that is shown whole.
func (r *root) link(path, target string) {
	r.says(show, path)
	r.folder(dir(path))
	r.add(unix.SYS_SYMLINKAT, target, unix.AT_FDCWD, r.at+path).pass(0, unix.EEXIST, unix.EROFS)
}

// furnish makes the disk of the job, /tmp on it, and a /proc of its own processes where that can be had.
func (r *root) furnish(o Order) {
	r.says("make the folder of the job", "")
	r.folder(o.Home)
	size := o.Disk + 2*o.Files + 64*block
	options := "mode=755,size=" + strconv.FormatInt(size, 10) + ",nr_inodes=" + strconv.FormatInt(size/block+fewInodes, 10)
	r.mount("mount a disk for the job", "tmpfs", r.at+o.Home, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, options)
	r.link("/tmp", o.Scratch)
	r.folder("/proc")
	r.folder("/dev")
	r.mount("mount a /proc", "proc", r.at+"/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "subset=pid")
	mounted := len(r.calls)
	r.link("/dev/fd", "/proc/self/fd")
	r.sendProc(r.at + "/proc")
	r.calls[mounted-1].pass(len(r.calls)-mounted, anyError)
}

// sendProc adds the calls that send /proc to who has asked for the job, and looks there at what its processes take.
func (s *script) sendProc(path string) {
	s.says("show the processes", "")
	rights := unix.UnixRights(0)
	fd := (*int32)(unsafe.Pointer(&rights[unix.CmsgLen(0)]))
	told := &head{kind: shows}
	parts := &unix.Iovec{Base: (*byte)(unsafe.Pointer(told)), Len: headSize}
	message := &unix.Msghdr{Iov: parts, Iovlen: 1, Control: &rights[0]}
	message.SetControllen(len(rights))
	s.add(unix.SYS_OPENAT, unix.AT_FDCWD, path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0).result = fd
	s.add(unix.SYS_SENDMSG, lineFD, unsafe.Pointer(message), 0)
	s.add(unix.SYS_CLOSE, 0).first = fd
}

func (r *root) pivot() {
	r.says("enter the new root", "")
	r.add(unix.SYS_CHDIR, r.at)
	r.add(unix.SYS_PIVOT_ROOT, ".", ".")
	r.says("leave the old root", "")
	r.add(unix.SYS_UMOUNT2, ".", unix.MNT_DETACH)
	r.add(unix.SYS_CHDIR, "/")
}

// dir is the folder of a path. The package of the standard library for this is initialised after
// most of the program, and a cell with it.
func dir(path string) string { return path[:max(0, strings.LastIndexByte(path, '/'))] }
