//go:build amd64 || arm64

package cell

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func init() {
	if len(os.Args) == 1 && os.Args[0] == Spawner {
		serve()
		syscall.Exit(0)
	}
}

// controlFD is the spawner's end of the socket on which jobs come.
const controlFD = 3

// inside is the user that a program in namespaces believes to be.
const inside = 1000

// serve starts cells, one after the other, until the other end of the socket is closed. Then, and
// whenever else this process ends, its cells are killed by the kernel.
func serve() {
	_ = unix.CloseRange(controlFD+1, ^uint(0), unix.CLOSE_RANGE_CLOEXEC)
	// Where sessions share the processors, they do so by a priority of their own, and that of a process counts among
	// its session's alone: all cells stay in this one.
	_ = os.WriteFile("/proc/self/autogroup", []byte(strconv.Itoa(Nice)), 0)
	// Nobody reads the ends of the cells, so the kernel throws them away.
	ignore := sigaction{handler: 1} // SIG_IGN
	_, _, _ = syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD), uintptr(unsafe.Pointer(&ignore)), 0, 8, 0, 0)
	_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&[]byte("muster-cells\x00")[0])), 0, 0, 0)
	f := &forked{}
	for {
		_, files, err := receive(controlFD, 1)
		if err != nil {
			return
		}
		if len(files) == 4 {
			r := request{payload: files[0], line: files[1], out: files[2], err: files[3]}
			r.spawn(f)
		}
		for _, fd := range files {
			_ = syscall.Close(fd)
		}
	}
}

// Request asks the spawner at the other end of control for a cell. The payload is an open file with what
// Send writes, line the cell's end of a socket of its own, and out and err are the streams of its program.
func Request(control, payload, line, out, err int) error {
	return send(control, []byte{0}, payload, line, out, err)
}

type request struct{ payload, line, out, err int }

// spawn starts a cell, or tells why there is none.
func (r request) spawn(f *forked) {
	var gate [2]int
	err := unix.Pipe2(gate[:], unix.O_CLOEXEC)
	if err != nil {
		_ = tell(r.line, failed, 0, "make a pipe to a cell: "+err.Error())
		return
	}
	if err := r.start(f, gate); err != nil { // this comes before what a cell says that may be there
		_ = tell(r.line, failed, 0, err.Error())
	}
	_ = syscall.Close(gate[0])
	_ = syscall.Close(gate[1])
}

// start starts a cell, which waits at the gate until its user is known.
func (r request) start(f *forked, gate [2]int) error {
	text, err := r.mapped()
	if err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	defer syscall.Munmap(text)
	in := &cursor{text}
	o, err := readOrder(in)
	if err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	if err := r.script(f, o, in, gate); err != nil {
		return err
	}
	flags := uintptr(unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS)
	if o.OwnNetwork {
		flags |= unix.CLONE_NEWNET
	}
	pidfd := new(int32)
	pid, errno := f.fork(flags, pidfd)
	runtime.KeepAlive(f)
	if errno != 0 {
		return fmt.Errorf("fork a cell: %w", errno)
	}
	defer syscall.Close(int(*pidfd))
	if err = tell(r.line, started, pid, "", int(*pidfd)); err == nil {
		err = introduce(pid, o.User)
	}
	if err != nil {
		return err
	}
	_, _ = syscall.Write(gate[1], []byte{0})
	return nil
}

// mapped is the payload.
func (r request) mapped() ([]byte, error) {
	var stat syscall.Stat_t
	if err := syscall.Fstat(r.payload, &stat); err != nil {
		return nil, err
	}
	return syscall.Mmap(r.payload, 0, int(stat.Size), syscall.PROT_READ, syscall.MAP_SHARED)
}

// introduce says who the user of a new cell is, and that it is the first to be killed when the machine has
// no memory left.
func introduce(pid, user int) error {
	uid, gid := os.Geteuid(), os.Getegid()
	if user != 0 {
		uid, gid = user, user
	}
	at := fmt.Sprintf("/proc/%d/", pid)
	put := func(name, text string) error {
		fd, err := syscall.Open(at+name, syscall.O_WRONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
		_, err = syscall.Write(fd, []byte(text))
		return err
	}
	_ = put("oom_score_adj", "1000")
	if user == 0 {
		if err := put("setgroups", "deny"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("keep the groups of a cell: %w", err)
		}
	}
	if err := put("gid_map", fmt.Sprintf("%d %d 1\n", inside, gid)); err != nil {
		return fmt.Errorf("give a cell its group: %w", err)
	}
	if err := put("uid_map", fmt.Sprintf("%d %d 1\n", inside, uid)); err != nil {
		return fmt.Errorf("give a cell its user: %w", err)
	}
	return nil
}

// script is all that a cell does.
func (r request) script(f *forked, o Order, in reader, gate [2]int) error {
	f.build.again()
	f.program.again()
	f.blocked = [1]uint64{1 << (uint(unix.SIGCHLD) - 1)}
	s := &f.build
	f.probe, f.folder = o.Probe, s.string(o.Folder)
	s.says("enter a cell", "")
	s.add(unix.SYS_CLOSE, gate[1])
	s.add(unix.SYS_DUP3, r.out, 1, 0)
	s.add(unix.SYS_DUP3, r.err, 2, 0)
	s.add(unix.SYS_DUP3, r.line, lineFD, unix.O_CLOEXEC).pass(0, unix.EINVAL)
	s.add(unix.SYS_DUP3, gate[0], gateFD, unix.O_CLOEXEC).pass(0, unix.EINVAL)
	s.add(unix.SYS_CLOSE_RANGE, gateFD+1, uint64(^uint32(0)), 0)
	gated := s.add(unix.SYS_READ, gateFD, unsafe.Pointer(new([8]byte)), 1)
	gated.whole, gated.fails = true, orphaned
	s.add(unix.SYS_CLOSE, gateFD)
	s.add(unix.SYS_UMASK, 0o022)
	s.says("become the user of a program", "")
	if o.User != 0 {
		s.add(unix.SYS_SETGROUPS, 0, 0)
	}
	s.add(unix.SYS_SETRESGID, inside, inside, inside)
	s.add(unix.SYS_SETRESUID, inside, inside, inside)
	s.says("end with the parent", "")
	s.prctl(unix.PR_SET_PDEATHSIG, int(unix.SIGKILL)) // after the change of the user, which would undo it
	s.says("hide the name of the machine", "")        // what a program says of it would be another thing on another one
	s.add(unix.SYS_SETHOSTNAME, "localhost", len("localhost"))
	if err := s.newRoot(o); err != nil {
		return err
	}
	s.says("hide the memory", "") // of a cell, which has more rights than the program
	s.prctl(unix.PR_SET_DUMPABLE, 0)
	if err := s.layout(o, in); err != nil {
		return fmt.Errorf("lay out the files: %w", err)
	}
	if err := s.limit(o); err != nil {
		return err
	}
	f.program.become(o)
	return nil
}

// layout adds the calls that make the folders and the files of the job.
func (s *script) layout(o Order, in reader) error {
	made := map[string]bool{o.Home: true, "": true}
	var folder func(path string)
	folder = func(path string) {
		if made[path] {
			return
		}
		folder(dir(path))
		made[path] = true
		s.says("lay out the files: mkdir {}", strings.TrimPrefix(path, o.Folder+"/"))
		s.add(unix.SYS_MKDIRAT, unix.AT_FDCWD, path, 0o755)
	}
	folder(o.Folder)
	folder(o.Scratch)
	fd := new(int32)
	err := readFiles(in, func(name string, text []byte) error {
		path := o.Folder + "/" + name
		folder(dir(path))
		s.says("lay out the files: create {}", name)
		s.add(unix.SYS_OPENAT, unix.AT_FDCWD, path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o644).result = fd
		if len(text) > 0 {
			s.says("lay out the files: write {}", name)
			c := s.add(unix.SYS_WRITE, 0, uintptr(unsafe.Pointer(&text[0])), len(text)) // of the payload, which is no memory of Go's
			c.first, c.whole = fd, true
		}
		s.add(unix.SYS_CLOSE, 0).first = fd
		return nil
	})
	folder(o.Dir)
	return err
}

// become adds the calls by which a process becomes the program.
func (s *script) become(o Order) {
	s.says("leave the cell", "")
	s.add(unix.SYS_SETPGID, 0, 0)
	s.add(unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, Nice).pass(0, anyError)
	s.confine(o)
	if o.Probe {
		s.try(o)
		s.add(unix.SYS_EXIT_GROUP, 0)
		return
	}
	s.says("chdir", "")
	s.add(unix.SYS_CHDIR, o.Dir).fails = unstartable
	s.says("exec", "")
	s.add(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, unsafe.Pointer(new(uint64)), 0, 8)
	s.add(unix.SYS_EXECVE, o.Argv[0], s.list(o.Argv), s.list(o.Env)).fails = unstartable
}

// list is an array of strings as the kernel reads it.
func (s *script) list(all []string) uintptr {
	pointers := make([]*byte, len(all)+1)
	for i, text := range all {
		pointers[i] = s.string(text)
	}
	return s.keep(unsafe.Pointer(&pointers[0]))
}

// cursor reads bytes without a copy of them.
type cursor struct{ text []byte }

func (c *cursor) frame() ([]byte, error) {
	n, size := binary.Uvarint(c.text)
	if size <= 0 || n > uint64(len(c.text)-size) {
		return nil, errors.New("it is cut off")
	}
	text := c.text[size : size+int(n)]
	c.text = c.text[size+int(n):]
	return text, nil
}
