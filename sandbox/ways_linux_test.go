//go:build amd64 || arm64

package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// world is what a program must not reach, as it is told.
type world struct {
	Secret, Open   string // a file of the worker's that it alone may read, and one that everybody may write
	Setuid         string // a program that belongs to root and runs as it; "" where there is none
	Worker, Victim int    // processes
	TCP, UDP       string // addresses
	Socket         string // of a server in the file system
	Abstract       string // and of one without
	Env            []string
	Other          string // the folder of another job
	Namespaces     bool
	// Mild leaves alone what is not of this test.
	Mild bool
}

// ways are the ways out that a program tries. Each tells how far it came; nothing is what it should tell.
var ways = []struct {
	name string
	try  func(w world) []string
}{
	{"environment", wayEnvironment}, // first, while this process has no files of its own
	{"files outside, read", wayRead},
	{"files outside, written", wayWrite},
	{"/proc of others", wayProc},
	{"network", wayNetwork},
	{"Redis by TCP and by its socket", wayRedis},
	{"abstract sockets", wayAbstract},
	{"signals", waySignals},
	{"tracing", wayTrace},
	{"setuid programs", waySetuid},
	{"links", wayLinks},
	{"the kernel's other doors", wayKernel},
}

// reached adds what was reached to all, unless it failed.
func reached(all []string, what string, err error) []string {
	if err == nil {
		return append(all, what)
	}
	return all
}

func opened(path string, flags int) error {
	fd, err := syscall.Open(path, flags|syscall.O_CLOEXEC, 0o600)
	if err == nil {
		_ = syscall.Close(fd)
	}
	return err
}

func wayEnvironment(w world) (all []string) {
	for _, set := range os.Environ() {
		if name, _, _ := strings.Cut(set, "="); !slices.Contains(w.Env, name) {
			all = append(all, "the variable "+name)
		}
	}
	for fd := 3; fd < 1024; fd++ {
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			all = append(all, fmt.Sprintf("the file %d", fd))
		}
	}
	return all
}

func wayRead(w world) (all []string) {
	for _, path := range []string{w.Secret, w.Open, filepath.Dir(w.Secret), w.Other, "/", "/etc/passwd", "/etc/shadow", "/etc", "/home", "/root", "/var", "/sys", "/sys/kernel", "/run", "/dev", "/dev/shm", "/proc/kcore", "/proc/1/root/etc/passwd", "/proc/self/root/etc/passwd"} {
		all = reached(all, path, opened(path, syscall.O_RDONLY))
	}
	return all
}

func wayWrite(w world) (all []string) {
	beside := filepath.Join(filepath.Dir(w.Open), "new")
	all = reached(all, "write into "+w.Open, opened(w.Open, syscall.O_WRONLY))
	all = reached(all, "empty "+w.Open, syscall.Truncate(w.Open, 0))
	all = reached(all, "create beside it", opened(beside, syscall.O_WRONLY|syscall.O_CREAT))
	all = reached(all, "remove it", syscall.Unlink(w.Open))
	all = reached(all, "rename it", syscall.Rename(w.Open, beside))
	all = reached(all, "chmod the secret", syscall.Chmod(w.Secret, 0o644))
	all = reached(all, "chown the secret", syscall.Chown(w.Secret, os.Getuid(), -1))
	all = reached(all, "touch the secret", unix.UtimesNanoAt(unix.AT_FDCWD, w.Secret, make([]unix.Timespec, 2), 0))
	all = reached(all, "an attribute of the secret", unix.Setxattr(w.Secret, "user.x", []byte("x"), 0))
	if w.Mild {
		return all
	}
	for _, folder := range []string{"/dev/shm", "/var/tmp", "/run", "/", "/usr", "/etc", "/dev"} {
		all = reached(all, "create in "+folder, opened(folder+"/muster-escape", syscall.O_WRONLY|syscall.O_CREAT))
	}
	if self, err := os.Executable(); err == nil {
		all = reached(all, "write into its own program", opened(self, syscall.O_WRONLY))
	}
	return all
}

func wayProc(w world) (all []string) {
	for _, pid := range []int{w.Worker, w.Victim, 1} {
		for _, name := range []string{"environ", "cmdline", "maps", "mem", "status", "fd", "cwd/x", "root/etc/passwd"} {
			path := fmt.Sprintf("/proc/%d/%s", pid, name)
			// The first process of its namespace is its own keeper, which has nothing of the worker's.
			if pid == 1 && w.Namespaces && (name == "cmdline" || name == "status") {
				continue
			}
			all = reached(all, path, opened(path, syscall.O_RDONLY))
		}
		link, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		all = reached(all, "the folder of "+strconv.Itoa(pid)+": "+link, err)
	}
	return all
}

func wayNetwork(w world) (all []string) {
	for name, kind := range map[string][3]int{
		"TCP": {syscall.AF_INET, syscall.SOCK_STREAM}, "TCP 6": {syscall.AF_INET6, syscall.SOCK_STREAM}, "UDP": {syscall.AF_INET, syscall.SOCK_DGRAM},
		"raw": {syscall.AF_INET, syscall.SOCK_RAW, 1}, "ping": {syscall.AF_INET, syscall.SOCK_DGRAM, 1}, "packets": {syscall.AF_PACKET, syscall.SOCK_RAW, 0x300},
		"netlink": {syscall.AF_NETLINK, syscall.SOCK_RAW}, "vsock": {unix.AF_VSOCK, syscall.SOCK_STREAM}, "unix": {syscall.AF_UNIX, syscall.SOCK_STREAM}, "alg": {unix.AF_ALG, syscall.SOCK_SEQPACKET},
	} {
		fd, err := syscall.Socket(kind[0], kind[1], kind[2])
		all = reached(all, "a socket for "+name, err)
		_ = syscall.Close(fd)
	}
	return all
}

func dialled(network, address string) error {
	c, err := net.Dial(network, address)
	if err == nil {
		_ = c.Close()
	}
	return err
}

func wayRedis(w world) (all []string) {
	all = reached(all, "tcp", dialled("tcp", w.TCP))
	if c, err := net.Dial("udp", w.UDP); err == nil {
		_, err = c.Write([]byte("x"))
		all = reached(all, "udp", err)
	}
	return reached(all, "its socket", dialled("unix", w.Socket))
}

func wayAbstract(w world) (all []string) {
	return reached(all, "an abstract socket", dialled("unix", w.Abstract))
}

func waySignals(w world) (all []string) {
	for name, pid := range map[string]int{"the worker": w.Worker, "another job": w.Victim, "the group of the worker": -w.Worker} {
		if pid == -1 { // all that it may signal, of which it is one
			continue
		}
		all = reached(all, name, syscall.Kill(pid, 0))
	}
	if fd, err := unix.PidfdOpen(w.Victim, 0); err == nil {
		all = reached(all, "another job by a file", unix.PidfdSendSignal(fd, 0, nil, 0))
	}
	all = reached(all, "the limits of the worker", unix.Prlimit(w.Worker, unix.RLIMIT_CORE, &unix.Rlimit{}, nil))
	if w.Mild {
		return all
	}
	return reached(all, "the priority of the worker", syscall.Setpriority(syscall.PRIO_PROCESS, w.Worker, 19))
}

func wayTrace(w world) (all []string) {
	for name, pid := range map[string]int{"the worker": w.Worker, "another job": w.Victim} {
		_, _, failed := syscall.RawSyscall6(syscall.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(pid), 0, 0, 0, 0)
		all = reached(all, "trace "+name, asError(failed))
		var b [8]byte
		_, err := unix.ProcessVMReadv(pid, []unix.Iovec{{Base: &b[0], Len: 8}}, []unix.RemoteIovec{{Base: 0x400000, Len: 8}}, 0)
		all = reached(all, "read the memory of "+name, err)
	}
	if w.Mild {
		return all
	}
	return reached(all, "be traced", func() error {
		_, _, failed := syscall.RawSyscall(syscall.SYS_PTRACE, syscall.PTRACE_TRACEME, 0, 0)
		return asError(failed)
	}())
}

func asError(e syscall.Errno) error {
	if e != 0 {
		return e
	}
	return nil
}

func waySetuid(w world) (all []string) {
	for _, program := range []string{w.Setuid, "setuid-own"} {
		out, err := exec.Command(program, "whoami").Output()
		if user := strings.TrimSpace(string(out)); err == nil && user != strconv.Itoa(os.Getuid()) {
			all = append(all, "user "+user)
		}
	}
	if os.Getuid() != 0 {
		_, _, failed := syscall.RawSyscall(syscall.SYS_SETUID, 0, 0, 0)
		all = reached(all, "become root", asError(failed))
	}
	return all
}

func wayLinks(w world) (all []string) {
	for name, target := range map[string]string{"secret": w.Secret, "open": w.Open, "root": "/", "proc": fmt.Sprintf("/proc/%d/environ", w.Worker)} {
		_ = os.Symlink(target, "link-"+name)
		all = reached(all, "through a link to "+target, opened("link-"+name, syscall.O_RDONLY))
		_ = os.Link(target, "hard-"+name)
		all = reached(all, "another name of "+target, opened("hard-"+name, syscall.O_RDONLY))
	}
	return reached(all, "above its folder", opened("../../../../../../etc/passwd", syscall.O_RDONLY))
}

func wayKernel(w world) (all []string) {
	one := make([]byte, 256)
	at := uintptr(unsafe.Pointer(&one[0]))
	for name, call := range map[string][4]uintptr{
		"io_uring": {unix.SYS_IO_URING_SETUP, 1, at}, "bpf": {unix.SYS_BPF, 0, at, 72}, "perf": {unix.SYS_PERF_EVENT_OPEN, at, 0, 0},
		"userfaultfd": {unix.SYS_USERFAULTFD, 1}, "a user namespace": {unix.SYS_UNSHARE, unix.CLONE_NEWUSER}, "a mount namespace": {unix.SYS_UNSHARE, unix.CLONE_NEWNS},
		"the keys of the session": {unix.SYS_KEYCTL, 0, ^uintptr(2), 1}, "personality": {unix.SYS_PERSONALITY, 0x40000}, "memory without a process": {unix.SYS_MEMFD_CREATE, at, 0},
		"shared memory": {unix.SYS_SHMGET, 0, 4096, 0o1600}, "message queues": {unix.SYS_MSGGET, 0, 0o1600}, "chroot": {unix.SYS_CHROOT, at}, "kernel log": {unix.SYS_SYSLOG, 10, 0, 0},
		"new mounts": {unix.SYS_FSOPEN, uintptr(unsafe.Pointer(&[]byte("tmpfs\x00")[0])), 0}, "clone3": {unix.SYS_CLONE3, at, 0},
	} {
		_, _, failed := syscall.RawSyscall(call[0], call[1], call[2], call[3])
		all = reached(all, name, asError(failed))
		// An address that is none would be refused later: these must be refused before.
		if failed == syscall.EFAULT || failed == syscall.EINVAL && name != "clone3" {
			all = append(all, name+" is there")
		}
	}
	return all
}

// tried is what a program says of its tries, by the names of the ways.
func tried(argument string) {
	var w world
	if err := json.Unmarshal([]byte(argument), &w); err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	all := map[string][]string{}
	for _, way := range ways {
		all[way.name] = way.try(w)
	}
	text, _ := json.Marshal(all)
	fmt.Println(string(text))
	os.Exit(0)
}

// settle makes a world.
func settle(t *testing.T) (w world) {
	t.Helper()
	dir := base(t)
	w = world{Secret: dir + "/secret", Open: dir + "/open", Worker: os.Getpid(), Socket: dir + "/redis.sock", Env: []string{"PATH", "HOME", "TMPDIR", "PWD"}}
	write := func(path string, mode os.FileMode) {
		if err := os.WriteFile(path, []byte("secret"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(w.Secret, 0o600)
	write(w.Open, 0o666)
	listen := func(network, address string) net.Listener {
		l, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l
	}
	w.TCP = listen("tcp", "127.0.0.1:0").Addr().String()
	listen("unix", w.Socket)
	if err := os.Chmod(w.Socket, 0o777); err != nil {
		t.Fatal(err)
	}
	w.Abstract = listen("unix", fmt.Sprintf("@muster-%d", os.Getpid())).Addr().String()
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = u.Close() })
	w.UDP = u.LocalAddr().String()
	victim := exec.Command("/bin/sleep", "600")
	victim.Env = []string{"TOKEN=secret"}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = victim.Process.Kill(); _ = victim.Wait() })
	w.Victim = victim.Process.Pid
	return w
}

// TestNoWayLeadsOut of the walls, by whichever mechanisms they are made.
func TestNoWayLeadsOut(t *testing.T) {
	t.Setenv("MUSTER_REDIS", "redis://:secret@127.0.0.1:1")
	w := settle(t)
	self := program(t)
	if os.Geteuid() == 0 {
		w.Setuid = self + "-setuid"
		copyFile(t, self, w.Setuid, 0o755)
		if err := os.Chmod(w.Setuid, 0o755|os.ModeSetuid); err != nil {
			t.Fatal(err)
		}
	}
	b := newBox(t)
	for name, m := range mixes(b) {
		t.Run(name, func(t *testing.T) {
			w := w
			w.Namespaces = m.namespaces
			text, err := json.Marshal(w)
			if err != nil {
				t.Fatal(err)
			}
			j := job(self, "try", string(text))
			j.Read = append(j.Read, filepath.Dir(w.Setuid))
			if w.Setuid == "" {
				j.Read = DefaultRead()
			}
			r, err := b.run(context.Background(), j, m)
			var told map[string][]string
			if err != nil || r.Exit != 0 || json.Unmarshal(r.Stdout, &told) != nil || len(told) != len(ways) {
				t.Fatalf("%+v, %v\n%s%s", r, err, r.Stdout, r.Stderr)
			}
			for _, way := range ways {
				if out := told[way.name]; len(out) > 0 {
					t.Errorf("%s: %s", way.name, strings.Join(out, ", "))
				}
			}
		})
	}
	if text, err := os.ReadFile(w.Open); err != nil || string(text) != "secret" {
		t.Errorf("the file outside is %q, %v", text, err)
	}
}

// TestWaysAreOpenWithoutWalls: the program that finds none would find them.
func TestWaysAreOpenWithoutWalls(t *testing.T) {
	if os.Geteuid() == 0 {
		return // who is root is kept from nothing: TestAsAnOrdinaryUser makes this test
	}
	w := settle(t)
	w.Mild = true
	b := newBox(t)
	text, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.run(context.Background(), job(program(t), "try", string(text)), means{})
	var told map[string][]string
	if err != nil || json.Unmarshal(r.Stdout, &told) != nil {
		t.Fatalf("%+v, %v\n%s%s", r, err, r.Stdout, r.Stderr)
	}
	for _, way := range ways {
		held := way.name == "environment" || way.name == "setuid programs" // by every cell
		if len(told[way.name]) == 0 != held {
			t.Errorf("%s: %q", way.name, told[way.name])
		}
	}
}

// mixes are what this machine gives, all of it and without the parts that others lack.
func mixes(b *Box) map[string]means {
	all := map[string]means{"all that is here": b.means}
	if m := b.means; m.namespaces {
		m.namespaces = false
		all["as in a container"] = m
	}
	return all
}

// program is this test as a program that every user may run.
func program(t testing.TB) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(base(t), "program")
	copyFile(t, self, to, 0o755)
	return to
}

func copyFile(t testing.TB, from, to string, mode os.FileMode) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, mode); err != nil {
		t.Fatal(err)
	}
}

// TestAsAnOrdinaryUser makes these tests once more as a user who has nothing, where this one is root.
func TestAsAnOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		return // this is one
	}
	const nobody = 65534
	dir := base(t)
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	again := exec.Command(program(t), "-test.run", "^(TestNoWayLeadsOut|TestWaysAreOpenWithoutWalls|TestPrograms|TestNothingIsLeft)$", "-test.v")
	again.Dir, again.Env = dir, []string{"PATH=/usr/bin:/bin", "TMPDIR=" + dir, "HOME=" + dir}
	again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
