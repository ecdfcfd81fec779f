//go:build amd64 || arm64

package cell

import (
	"fmt"
	"os"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// limit adds the calls that set what the kernel bounds for each process.
func (s *script) limit(o Order) error {
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
		{"the processes", unix.RLIMIT_NPROC, o.Tasks},
	} {
		if l.resource == unix.RLIMIT_NPROC && l.most == 0 {
			continue
		}
		s.says("limit {}", l.name)
		// A limit that is lower already stays.
		var has unix.Rlimit
		if err := unix.Getrlimit(l.resource, &has); err != nil {
			return fmt.Errorf("limit %s: %w", l.name, err)
		}
		most := min(l.most, has.Max)
		s.add(unix.SYS_PRLIMIT64, 0, l.resource, unsafe.Pointer(&unix.Rlimit{Cur: most, Max: most}), 0)
	}
	return nil
}

// confine adds the calls that take from a thread what the program may not have: rights, files, system
// calls.
func (s *script) confine(o Order) {
	s.says("gain no privileges", "")
	s.prctl(unix.PR_SET_NO_NEW_PRIVS, 1)
	s.landlock(o)
	s.dropBounds()
	if o.User == 0 || o.Stage != "" {
		s.dropAll()
	}
	if o.Seccomp {
		s.filter(o)
	}
}

func (s *script) prctl(option, value int) *call {
	return s.add(unix.SYS_PRCTL, option, value, 0, 0, 0)
}

// dropBounds drops what capabilities a program could ever have, as far as this process may.
func (s *script) dropBounds() {
	s.says("drop what capabilities there could be", "")
	for capability := range capabilities() {
		s.prctl(unix.PR_CAPBSET_DROP, capability).pass(0, anyError)
	}
}

// known is how many capabilities the kernel has, 0 while that is not known.
var known int

func capabilities() int {
	for known == 0 || known < maxCapabilities && unix.Prctl(unix.PR_CAPBSET_READ, uintptr(known), 0, 0, 0) == nil {
		known++
	}
	return known
}

// maxCapabilities is how many there can be.
const maxCapabilities = 64

// dropAll drops the capabilities of this thread.
func (s *script) dropAll() {
	s.says("drop the capabilities", "")
	s.prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL).pass(0, anyError)
	head := &unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	s.add(unix.SYS_CAPSET, unsafe.Pointer(head), unsafe.Pointer(&[2]unix.CapUserData{}))
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

// landlock adds the calls that leave a thread the files that the program may have.
func (s *script) landlock(o Order) {
	if o.Landlock == 0 {
		return
	}
	attr := handled(o.Landlock)
	if o.Network {
		attr.Handled_access_net = 0
	}
	rules := new(int32)
	s.says("landlock: make the rules", "")
	s.add(unix.SYS_LANDLOCK_CREATE_RULESET, unsafe.Pointer(attr), unsafe.Sizeof(*attr), 0).result = rules
	for _, path := range o.Read {
		s.allow(rules, path, readTree, attr.Handled_access_fs)
	}
	for _, path := range devices {
		s.allow(rules, path, unix.LANDLOCK_ACCESS_FS_READ_FILE|unix.LANDLOCK_ACCESS_FS_WRITE_FILE, attr.Handled_access_fs)
	}
	if o.Stage != "" { // its own, or nothing
		s.allow(rules, "/proc", readTree|unix.LANDLOCK_ACCESS_FS_WRITE_FILE, attr.Handled_access_fs)
	}
	for _, path := range []string{o.Folder, o.Scratch} {
		s.allow(rules, path, inFolder, attr.Handled_access_fs)
	}
	s.says("landlock: keep to the rules", "")
	s.add(unix.SYS_LANDLOCK_RESTRICT_SELF, 0, 0).first = rules
	s.add(unix.SYS_CLOSE, 0).first = rules
}

// allow adds the rights on what lies at a path and below, as far as they are handled and can be
// had of what it is. What is not there is passed over.
func (s *script) allow(rules *int32, path string, rights, handled uint64) {
	s.says("landlock: let a program read {}", path)
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		rights &= readFile | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	attr := &unix.LandlockPathBeneathAttr{Allowed_access: rights & handled}
	opened := s.add(unix.SYS_OPENAT, unix.AT_FDCWD, path, unix.O_PATH|unix.O_CLOEXEC, 0)
	opened.result = &attr.Parent_fd
	opened.pass(2, unix.ENOENT)
	s.add(unix.SYS_LANDLOCK_ADD_RULE, 0, unix.LANDLOCK_RULE_PATH_BENEATH, unsafe.Pointer(attr), 0).first = rules
	s.add(unix.SYS_CLOSE, 0).first = &attr.Parent_fd
}

// try adds calls that fail where the walls hold.
func (s *script) try(o Order) {
	paths := []string{"/", "/proc/1/environ", "/etc"}
	if o.Stage != "" { // the first two are its own
		paths = slices.DeleteFunc(paths, func(path string) bool { return path != "/etc" || slices.Contains(o.Read, path) })
	}
	if o.Landlock == 0 && o.Stage == "" {
		paths = nil
	}
	for _, path := range paths {
		s.says("{} can be read", path)
		s.refused(unix.SYS_OPENAT, unix.AT_FDCWD, path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	}
	if o.Seccomp {
		s.says("a socket can be opened", "")
		s.refused(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM, 0)
		s.refused(unix.SYS_SOCKET, unix.AF_UNIX, unix.SOCK_STREAM, 0)
	}
}

// refused adds a call that has to fail.
func (s *script) refused(number uintptr, args ...any) {
	c := s.add(number, args...)
	c.refuse, c.fails = true, misses
}
