package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Options are what a Box is made with.
type Options struct {
	// Base is the folder in which jobs get theirs; "" for /dev/shm where it can be written, else
	// that of the system for temporary files.
	Base string
	// FirstUser is the first user and group ID that a process of root gives to its programs, and
	// Users how many there are; 0 for those from 1<<30 on where the machine has them.
	FirstUser, Users int
}

// ProcessorsPlace stands in the values of Job.Env for how many processors are the job's: its share of those of this
// process, by how many jobs run when it is started.
const ProcessorsPlace = "{processors}"

// WallError says that a job needs a wall that cannot be had.
type WallError struct {
	Wall Wall
	Why  string
}

func (e *WallError) Error() string {
	return fmt.Sprintf("the wall %q cannot be had here: %s: see what is missing, or do without it by --allow-unsandboxed %s", e.Wall, e.Why, e.Wall)
}

// errClosed ends the jobs of a box that is closed.
var errClosed = errors.New("the sandbox is closed")

// check says what is wrong with a job.
func (j Job) check() error {
	l := j.Limits
	switch {
	case len(j.Argv) == 0 || !path.IsAbs(j.Argv[0]):
		return fmt.Errorf("the program %q of a job is no absolute path", slices.Concat(j.Argv, []string{""})[0])
	case l.Time <= 0 || l.Memory <= 0 || l.Disk <= 0 || l.Output <= 0 || l.Processes <= 0:
		return fmt.Errorf("a limit of a job is not above 0: %+v", l)
	case j.Dir != "" && !fs.ValidPath(j.Dir):
		return fmt.Errorf("a job starts in %q, which is no path in its folder", j.Dir)
	}
	for _, text := range slices.Concat(j.Argv, j.Env) {
		if strings.Contains(text, "\x00") {
			return fmt.Errorf("an argument of a job has a NUL: %q", text)
		}
	}
	for _, name := range j.Read {
		if !path.IsAbs(name) || path.Clean(name) == "/" {
			return fmt.Errorf("a job may read %q, which is no absolute path below /", name)
		}
	}
	for _, tree := range j.Files {
		if tree.At != "" && !fs.ValidPath(tree.At) {
			return fmt.Errorf("files of a job lie at %q, which is no path in its folder", tree.At)
		}
	}
	return nil
}

// lacking is the first wall that a job needs and that cannot be had.
func lacking(j Job, all []Standing) error {
	for _, s := range all {
		if s.Why != "" && !slices.Contains(j.GivenUp, s.Wall) && !(s.Wall == Network && j.Network) {
			return &WallError{s.Wall, s.Why}
		}
	}
	return nil
}

// env is the environment of a job's program: what it is given, and where it finds its temporary
// files if it is not told otherwise.
func (j Job) env(scratch string, processors int) []string {
	share := strconv.Itoa(processors)
	var all []string
	given := map[string]bool{}
	for _, set := range j.Env {
		name, value, _ := strings.Cut(set, "=")
		given[name] = true
		all = append(all, name+"="+strings.ReplaceAll(value, ProcessorsPlace, share))
	}
	for _, name := range []string{"HOME", "TMPDIR"} {
		if !given[name] {
			all = append(all, name+"="+scratch)
		}
	}
	return all
}

// each puts the files of a job, the first of each name.
func (j Job) each(put func(name string, size int64, from io.Reader) error) error {
	seen := map[string]bool{}
	for _, tree := range j.Files {
		for _, name := range tree.Names {
			to := path.Join(tree.At, name)
			if seen[to] {
				continue
			}
			seen[to] = true
			if err := tree.put(name, to, put); err != nil {
				return fmt.Errorf("lay out %s: %w", to, err)
			}
		}
	}
	return nil
}

// put puts one file.
func (t Tree) put(name, to string, put func(name string, size int64, from io.Reader) error) error {
	file, err := t.Files.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return put(to, info.Size(), file)
}

// size is what the files of a job take, in whole blocks.
func (j Job) size() (all int64) {
	const block = 4096
	for _, tree := range j.Files {
		for _, name := range tree.Names {
			all += block * int64(2+strings.Count(name, "/"))
			if info, err := fs.Stat(tree.Files, name); err == nil {
				all += info.Size()
			}
		}
	}
	return all
}

// kept keeps the beginning of what is written to it.
type kept struct {
	text      []byte
	most      int
	truncated bool
}

func (k *kept) Write(p []byte) (int, error) {
	keep := min(len(p), k.most-len(k.text))
	k.text = append(k.text, p[:keep]...)
	k.truncated = k.truncated || keep < len(p)
	return len(p), nil
}

// result is what a program that took some time has written.
func (k *kept) into(text *[]byte, truncated *bool) { *text, *truncated = k.text, k.truncated }

// cause is the error that ended a context, for a job.
func cause(ctx context.Context) error { return fmt.Errorf("run a program: %w", context.Cause(ctx)) }

// DefaultRead are the paths that programs of a distribution need which are not in one file: their
// libraries, interpreters, data, and the certificates that they trust.
func DefaultRead() []string {
	return []string{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr",
		"/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl/certs", "/etc/localtime", "/etc/mime.types", "/etc/ld-musl-x86_64.path", "/etc/ld-musl-aarch64.path"}
}
