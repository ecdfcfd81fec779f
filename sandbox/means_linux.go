//go:build amd64 || arm64

package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/seed306eabeb/muster/sandbox/cell"
)

// means are the mechanisms that a machine gives.
type means struct {
	namespaces bool
	landlock   int
	seccomp    bool
	firstUser  int // the first user that this process may give away; 0 for none
	users      int // how many
}

// prepare makes all that a job with so many processors needs before its cell is started.
func (b *Box) prepare(j Job, m means, processors int) (*run, error) {
	user, err := b.user(m)
	if err != nil {
		return nil, err
	}
	r := &run{box: b, job: j, means: m, done: func() { b.giveBack(user) }}
	r.out.most, r.err.most = j.Limits.Output, j.Limits.Output
	name, home := unique(), "/job"
	if !m.namespaces {
		home = filepath.Join(b.home, name)
		if err := makeHome(home, user); err != nil {
			r.done()
			return nil, err
		}
		r.done = func() { b.giveBack(user); removeAll(home) }
	}
	r.order = b.orderOf(j, m, filepath.Join(home, name), user)
	r.order.Env = j.env(r.order.Scratch, processors)
	return r, nil
}

// unique is a name that no other folder has, and no word of an output: of always as many letters.
func unique() string {
	var random [8]byte
	_, _ = rand.Read(random[:])
	return fmt.Sprintf("muster-%012d", binary.NativeEndian.Uint64(random[:])%1e12)
}

func makeHome(home string, user int) error {
	if err := os.Mkdir(home, 0o700); err != nil {
		return fmt.Errorf("make a folder for a job: %w", err)
	}
	if user == 0 {
		return nil
	}
	if err := os.Chown(home, user, user); err != nil {
		return errors.Join(fmt.Errorf("give a job its folder: %w", err), os.Remove(home))
	}
	return nil
}

func (b *Box) orderOf(j Job, m means, folder string, user int) cell.Order {
	o := cell.Order{
		Argv: j.Argv, Home: filepath.Dir(folder), Folder: folder, Scratch: folder + ".tmp",
		Landlock: m.landlock, Seccomp: m.seccomp, Network: j.Network, User: user,
		Disk: j.Limits.Disk, Files: j.size(),
		Tasks: tasks(j.Limits.Processes, m.namespaces || user != 0),
		Data:  uint64(4*j.Limits.Memory + 1<<30),
	}
	o.Dir = filepath.Join(o.Folder, j.Dir)
	o.Read, o.Links = resolve(append(slices.Clone(j.Read), j.Argv[0]))
	if j.Network {
		more, links := resolve([]string{"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf"})
		o.Read = append(o.Read, more...)
		for from, to := range links {
			o.Links[from] = to
		}
	}
	if m.namespaces {
		o.Stage = b.stage
	}
	return o
}

// tasks bounds the threads of a user, of which a process may have many. One that is not the job's own
// has others besides.
func tasks(processes int, own bool) uint64 {
	most := uint64(8*processes + 64)
	if own {
		return most
	}
	pids, _ := filepath.Glob("/proc/[0-9]*")
	for _, pid := range pids {
		info, err := os.Stat(pid)
		if err != nil {
			continue
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) == os.Getuid() {
			threads, _ := os.ReadDir(pid + "/task")
			most += uint64(len(threads))
		}
	}
	return most
}

// user is a user that no other job has; 0 where there are none to give.
func (b *Box) user(m means) (int, error) {
	if m.firstUser == 0 {
		return 0, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for user := m.firstUser; user < m.firstUser+m.users; user++ {
		if !b.users[user] {
			b.users[user] = true
			return user, nil
		}
	}
	return 0, fmt.Errorf("all %d users that programs may have are taken: run fewer at once", m.users)
}

func (b *Box) giveBack(user int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.users, user)
}

// resolve follows the links of paths: real are the files and folders that they lead to, without those that lie
// below another, and links all links on the way that do not.
func resolve(paths []string) (real []string, links map[string]string) {
	links = map[string]string{}
	for _, p := range paths {
		if end := follow(filepath.Clean(p), links, 40); end != "" {
			real = append(real, end)
		}
	}
	slices.Sort(real)
	real = slices.Compact(real)
	all := real
	real = slices.DeleteFunc(slices.Clone(real), func(p string) bool { return below(p, all) })
	for from := range links {
		if below(from, real) {
			delete(links, from)
		}
	}
	return real, links
}

// below says whether a path lies below one of others.
func below(p string, others []string) bool {
	return slices.ContainsFunc(others, func(o string) bool { return strings.HasPrefix(p, o+"/") })
}

// follow is where a path leads, "" for nowhere; links gets what it goes through.
func follow(p string, links map[string]string, most int) string {
	if most == 0 {
		return ""
	}
	for i := 1; i <= len(p); i++ {
		if i < len(p) && p[i] != '/' {
			continue
		}
		target, err := os.Readlink(p[:i])
		if errors.Is(err, fs.ErrNotExist) {
			return ""
		}
		if err != nil { // it is no link
			continue
		}
		links[p[:i]] = target
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(p[:i]), target)
		}
		return follow(filepath.Join(target, p[i:]), links, most-1)
	}
	return p
}

// explore finds out which mechanisms work, each by a cell that tries them, and which walls stand by them.
func (b *Box) explore(o Options) (means, []Standing) {
	all := means{namespaces: true, landlock: cell.Landlock(), seccomp: true}
	all.firstUser, all.users = usersOf(o)
	failed := reasons{}
	if err := b.probe(all); err == nil {
		return all, standings(all, failed)
	}
	var found means
	if all.landlock > 0 {
		failed.landlock = b.probe(means{landlock: all.landlock})
	} else {
		failed.landlock = errors.New("the kernel has it not, or it is not in its list of security modules (lsm=)")
	}
	if failed.landlock == nil {
		found.landlock = all.landlock
	}
	if failed.seccomp = b.probe(means{seccomp: true}); failed.seccomp == nil {
		found.seccomp = true
	}
	if all.firstUser > 0 {
		if failed.users = b.probe(means{firstUser: all.firstUser, users: all.users}); failed.users == nil {
			found.firstUser, found.users = all.firstUser, all.users
		}
	} else {
		failed.users = errors.New("this process is not root")
	}
	with := found
	with.namespaces = true
	if failed.namespaces = b.probe(with); failed.namespaces == nil {
		found = with
	}
	return found, standings(found, failed)
}

// reasons say why a mechanism does not work.
type reasons struct{ namespaces, landlock, seccomp, users error }

// probe tries mechanisms in a cell.
func (b *Box) probe(m means) error {
	j := Job{Argv: []string{self}, Limits: Limits{Time: 10 * time.Second, Memory: 1 << 30, Disk: 1 << 20, Output: 1 << 12, Processes: 64}}
	r, err := b.prepare(j, m, 1)
	if err != nil {
		return err
	}
	defer r.done()
	r.order.Probe = true
	r.order.Read, _ = resolve(DefaultRead())
	ctx, cancel := context.WithTimeout(b.life, j.Limits.Time)
	defer cancel()
	told, err := r.drive(ctx)
	if err != nil {
		return err
	}
	switch {
	case told.Kind == cell.Stands && told.Why == "":
		return nil
	case told.Why != "":
		return errors.New(told.Why)
	default:
		return fmt.Errorf("the process that tries it ended without a word: %s", r.process)
	}
}

// usersOf are the users that this process may give away: the first, and how many.
func usersOf(o Options) (first, n int) {
	const each = 256 // jobs at once
	if os.Geteuid() != 0 {
		return 0, 0
	}
	if o.FirstUser > 0 {
		return o.FirstUser, max(o.Users, 1)
	}
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return 0, 0
	}
	// Those of another process of this machine are told apart by its number.
	const high, low = 1 << 30, 20000
	pid := os.Getpid()
	for _, at := range []int{high + pid%(1<<22)*each, low + pid%128*each} {
		for line := range strings.Lines(string(text)) {
			var from, to, many int
			if n, _ := fmt.Sscan(line, &from, &to, &many); n == 3 && from <= at && at+each <= from+many {
				return at, each
			}
		}
	}
	return 0, 0
}

// standings are the walls that mechanisms make.
func standings(m means, failed reasons) []Standing {
	why := func(all ...error) string {
		var words []string
		for _, err := range all {
			if err != nil {
				words = append(words, err.Error())
			}
		}
		return strings.Join(words, "; ")
	}
	label := func(what string, err error) error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	spaces, lock := label("namespaces", failed.namespaces), label("landlock", failed.landlock)
	filter, users := label("seccomp", failed.seccomp), label("another user", failed.users)
	if m.landlock > 0 && m.landlock < 3 {
		lock = fmt.Errorf("landlock: version %d does not know of truncating files (Linux 6.2 does)", m.landlock)
	} else if m.landlock > 0 && m.landlock < 6 {
		lock = fmt.Errorf("landlock: version %d does not know of signals (Linux 6.12 does)", m.landlock)
	}
	stand := func(w Wall, holds bool, without string, by ...string) Standing {
		if !holds {
			return Standing{Wall: w, Why: without}
		}
		return Standing{Wall: w, By: strings.Join(slices.DeleteFunc(by, func(s string) bool { return s == "" }), ", ")}
	}
	named := func(has bool, name string) string {
		if has {
			return name
		}
		return ""
	}
	other := m.firstUser > 0
	byLock := named(m.landlock > 0, fmt.Sprintf("landlock %d", m.landlock))
	byUser, bySeccomp := named(other, "a user of its own"), named(m.seccomp, "seccomp")
	root := os.Geteuid() == 0
	return []Standing{
		stand(Files, m.namespaces || m.landlock >= 3 && (m.seccomp || other) || m.landlock > 0 && other, why(spaces, lock),
			named(m.namespaces, "a root of its own"), byLock, byUser),
		stand(Network, m.seccomp || m.namespaces, why(spaces, filter), named(m.namespaces, "a network namespace"), bySeccomp),
		stand(Processes, m.namespaces || other || m.landlock >= 6 && m.seccomp, why(spaces, users, lock, filter),
			named(m.namespaces, "a process namespace"), byLock, byUser, bySeccomp),
		stand(Privileges, !root || other, why(users)+": start this process as an ordinary user, or leave it CAP_SETUID and CAP_SETGID",
			"no_new_privs", "no capabilities", byUser),
		stand(Resources, measurable(), "the memory of other processes cannot be read in /proc",
			named(m.namespaces, "a disk of its own"), "limits of the kernel", "watching"),
	}
}
