//go:build amd64 || arm64

package cell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// limit sets what the kernel bounds for each process.
func limit(o Order) error {
	for _, l := range []struct {
		name     string
		resource int
		most     uint64
	}{
		{"core files", unix.RLIMIT_CORE, 0},
		{"open files", unix.RLIMIT_NOFILE, 1024},
		{"the size of a file", unix.RLIMIT_FSIZE, uint64(2*o.Disk + 2*o.Files + 1<<20)},
		{"writable memory", unix.RLIMIT_DATA, o.Data},
		{"locked memory", unix.RLIMIT_MEMLOCK, 0},
		{"message queues", unix.RLIMIT_MSGQUEUE, 0},
		{"pending signals", unix.RLIMIT_SIGPENDING, 4096},
	} {
		if err := lower(l.resource, l.most); err != nil {
			return fmt.Errorf("limit %s: %w", l.name, err)
		}
	}
	if o.Tasks > 0 {
		if err := lower(unix.RLIMIT_NPROC, o.Tasks); err != nil {
			return fmt.Errorf("limit the processes: %w", err)
		}
	}
	return nil
}

// lower lowers a limit; one that is lower already stays.
func lower(resource int, most uint64) error {
	var has unix.Rlimit
	if err := unix.Getrlimit(resource, &has); err != nil {
		return err
	}
	if has.Max < most {
		most = has.Max
	}
	return unix.Setrlimit(resource, &unix.Rlimit{Cur: most, Max: most})
}

// confine takes from this thread what the program may not have: rights, files, system calls.
func confine(o Order) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("gain no privileges: %w", err)
	}
	if err := landlock(o); err != nil {
		return err
	}
	dropBounds()
	if o.User == 0 || o.Stage != "" {
		if err := dropAll(); err != nil {
			return err
		}
	}
	if o.Seccomp {
		return refuse(o)
	}
	return nil
}

// dropBounds drops what capabilities a program could ever have, as far as this process may.
func dropBounds() {
	for capability := uintptr(0); ; capability++ {
		if unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0) != nil {
			return
		}
	}
}

// dropAll drops the capabilities of this thread.
func dropAll() error {
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
	var none [2]unix.CapUserData
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if err := unix.Capset(&head, &none[0]); err != nil {
		return fmt.Errorf("drop the capabilities: %w", err)
	}
	return nil
}

// What Landlock's versions have added to the rights on files.
const (
	readFile = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE
	readTree = readFile | unix.LANDLOCK_ACCESS_FS_READ_DIR
	first    = unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1
	inFolder = ^uint64(unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV)
)

// handled are the rights that a version knows.
func handled(version int) *unix.LandlockRulesetAttr {
	attr := &unix.LandlockRulesetAttr{Handled_access_fs: first}
	if version >= 2 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 4 {
		attr.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if version >= 5 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if version >= 6 {
		attr.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return attr
}

// Landlock is the version of it that the kernel has, 0 for none.
func Landlock() int {
	version, _, failed := syscall.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if failed != 0 {
		return 0
	}
	return int(version)
}

// landlock leaves this thread the files that the program may have.
func landlock(o Order) error {
	if o.Landlock == 0 {
		return nil
	}
	attr := handled(o.Landlock)
	if o.Network {
		attr.Handled_access_net = 0
	}
	rules, _, failed := syscall.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr), 0)
	if failed != 0 {
		return fmt.Errorf("landlock: make the rules: %w", failed)
	}
	defer syscall.Close(int(rules))
	for _, path := range o.Read {
		if err := allow(int(rules), path, readTree, attr.Handled_access_fs); err != nil {
			return err
		}
	}
	for _, path := range devices {
		if err := allow(int(rules), path, unix.LANDLOCK_ACCESS_FS_READ_FILE|unix.LANDLOCK_ACCESS_FS_WRITE_FILE, attr.Handled_access_fs); err != nil {
			return err
		}
	}
	if o.Stage != "" { // its own, or nothing
		if err := allow(int(rules), "/proc", readTree|unix.LANDLOCK_ACCESS_FS_WRITE_FILE, attr.Handled_access_fs); err != nil {
			return err
		}
	}
	for _, path := range []string{o.Folder, o.Scratch} {
		if err := allow(int(rules), path, inFolder, attr.Handled_access_fs); err != nil {
			return err
		}
	}
	if _, _, failed := syscall.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, 0, 0); failed != 0 {
		return fmt.Errorf("landlock: keep to the rules: %w", failed)
	}
	return nil
}

// allow adds the rights on what lies at a path and below, as far as they are handled and can be
// had of what it is. What is not there is passed over.
func allow(rules int, path string, rights, handled uint64) error {
	fd, err := syscall.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("landlock: let a program read %s: %w", path, err)
	}
	defer syscall.Close(fd)
	var stat syscall.Stat_t
	if err := syscall.Fstat(fd, &stat); err != nil {
		return &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if stat.Mode&syscall.S_IFMT != syscall.S_IFDIR {
		rights &= readFile | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	attr := unix.LandlockPathBeneathAttr{Allowed_access: rights & handled, Parent_fd: int32(fd)}
	if _, _, failed := syscall.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(rules), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&attr)), 0, 0, 0); failed != 0 {
		return fmt.Errorf("landlock: let a program read %s: %w", path, failed)
	}
	return nil
}

// try says which walls do not hold, though they were built.
func (c *cell) try() (missing []string) {
	o := c.order
	if o.Landlock > 0 || o.Stage != "" {
		for _, path := range []string{"/", "/proc/1/environ", "/etc"} {
			if file, err := os.Open(path); err == nil {
				_ = file.Close()
				if o.Stage == "" || path != "/" && path != "/proc/1/environ" && !slices.Contains(o.Read, path) {
					missing = append(missing, path+" can be read")
				}
			}
		}
	}
	if o.Seccomp {
		for _, domain := range []int{syscall.AF_INET, syscall.AF_UNIX} {
			if fd, err := syscall.Socket(domain, syscall.SOCK_STREAM, 0); err == nil {
				_ = syscall.Close(fd)
				missing = append(missing, "a socket can be opened")
			}
		}
	}
	return missing
}
