package git

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Index is what the index of a repository knows of the plain files of a checkout: the names of
// those objects whose very bytes lie on disk. It is safe for concurrent use.
type Index struct {
	since  time.Time
	width  int      // of an object's name
	rows   []string // objects' names, each with the file's path behind it, in the order of the paths
	status []status // of the rows' files
}

type status struct{ size, seconds, nanoseconds uint32 }

// Indexed is what the index knows of a file.
type Indexed struct {
	Object string // the name of the one whose bytes it has
	Size   int64  // in bytes
	// Seconds and Nanoseconds are when the file was changed (ctime), as it was when git has read or written it; the seconds
	// are those of 1970 and later, modulo 1<<32.
	Seconds, Nanoseconds uint32
}

// Since is a moment before git has looked at the files: what Find says of one holds for it if it was changed when
// Find says, and not from then on. Git itself compares whole seconds, in which a file can be written twice.
func (x *Index) Since() time.Time { return x.since }

// Len is of how many files something is known.
func (x *Index) Len() int { return len(x.rows) }

// Find is what is known of a file, given a slash-separated path in two parts: a folder, "" for none,
// and a path in it.
func (x *Index) Find(folder, file string) (Indexed, bool) {
	i, ok := slices.BinarySearchFunc(x.rows, file, func(row, file string) int { return comparePath(row[x.width:], folder, file) })
	if !ok {
		return Indexed{}, false
	}
	s := x.status[i]
	return Indexed{x.rows[i][:x.width], int64(s.size), s.seconds, s.nanoseconds}, true
}

// comparePath compares a path with the one of a file in a folder.
func comparePath(path, folder, file string) int {
	if folder == "" {
		return strings.Compare(path, file)
	}
	if n := len(folder); len(path) > n && path[:n] == folder {
		return cmp.Or(cmp.Compare(path[n], '/'), strings.Compare(path[n+1:], file))
	}
	if c := strings.Compare(path, folder); c != 0 {
		return c
	}
	return -1
}

// ObjectFormat is how the repository around a folder names its objects: "sha1" or "sha256".
func ObjectFormat(ctx context.Context, dir string) (string, error) {
	out, err := Output(ctx, dir, "rev-parse", "--show-object-format")
	switch out = strings.TrimSpace(out); {
	case err != nil:
		return "", err
	case out == "--show-object-format": // a git of before 2.25, which does not know the question
		return "sha1", nil
	}
	return out, nil
}

// UnnamedError says why nothing can be known of the files of a checkout but by reading them.
type UnnamedError struct{ Reason string }

func (e *UnnamedError) Error() string { return e.Reason }

// ReadIndex asks git which files of a folder lie as the index has them, byte by byte, of those in
// some folders in it ("." for all). In doubt it leaves a file out: one that is not in the index or in several stages there,
// whose status or content is another one, that git was told not to look at (assume-unchanged,
// skip-worktree), that is in a submodule, or that git writes otherwise than it keeps it. That last is asked
// of the attributes of now; what those of an earlier checkout did to a file that has not been
// written since, shows in its size, but for the attribute ident, for encodings and for pointers of LFS, each of which
// can keep it. Where another filter is configured nothing is known for this reason, and an *UnnamedError
// says so, as it does where objects are replaced and where the file system does not tell names apart.
//
// It is a handful of processes, however many files there are, and they share the work; they read the content of
// those files alone which were written about when the index was. For a file it keeps its path, its object's
// name and 28 bytes. Other errors are git's.
func ReadIndex(ctx context.Context, dir string, in ...string) (*Index, error) {
	l := look{dir: dir, in: in, x: &Index{since: time.Now().Add(-coarse)}, dirty: map[string]struct{}{}}
	index, before, err := l.file(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.ask(ctx); err != nil {
		return nil, err
	}
	if after, err := os.Stat(index); err != nil || !isSame(before, after) {
		return nil, &UnnamedError{"the index was written while git read it"}
	}
	return l.x, l.join()
}

// coarse is more than the clock behind the times of files lags behind.
const coarse = 20 * time.Millisecond

func isSame(before, after os.FileInfo) bool {
	return os.SameFile(before, after) && before.ModTime().Equal(after.ModTime()) && before.Size() == after.Size()
}

// look is one that git takes at a checkout.
type look struct {
	dir string
	in  []string
	x   *Index

	block strings.Builder     // where rows are put
	skips bool                // the last file that was listed is no row
	plain []bool              // whether each row's file is written as it is kept
	sizes []uint32            // of the rows' objects
	dirty map[string]struct{} // files that do not lie as the index has them
}

// file is where the index is, and what it is now.
func (l *look) file(ctx context.Context) (string, os.FileInfo, error) {
	out, err := Output(ctx, l.dir, "rev-parse", "--is-inside-work-tree", "--git-path", "index")
	if err != nil {
		return "", nil, err
	}
	inside, index, _ := strings.Cut(strings.TrimSuffix(out, "\n"), "\n")
	if inside != "true" {
		return "", nil, &UnnamedError{"the folder is in no checkout of the repository around it"}
	}
	if !filepath.IsAbs(index) {
		index = filepath.Join(l.dir, index)
	}
	info, err := os.Stat(index)
	if err != nil {
		return "", nil, &UnnamedError{"the repository has no index"}
	}
	return index, info, nil
}

// distrust are settings with which git looks at each file itself, and takes all that the file system says of it
// for a reason to doubt its content. Nothing is fetched.
var distrust = []string{
	"-c", "core.fsmonitor=", "-c", "core.untrackedCache=false", "-c", "core.checkStat=default", "-c", "core.trustctime=true",
	"-c", "core.ignoreStat=false", "-c", "core.preloadIndex=true", "-c", "core.symlinks=true", "-c", "protocol.allow=never",
	"--literal-pathspecs", "--no-replace-objects",
}

// ask runs all gits at once, and returns when the last one has ended.
func (l *look) ask(ctx context.Context) error {
	all, ctx := errgroup.WithContext(ctx)
	differing := l.child(ctx, 0, l.differing(), l.within("diff-files", "-z", "--raw", "--relative", "--no-renames", "--ignore-submodules=all")...)
	replacements := l.child(ctx, '\n', replacement, "for-each-ref", "--count=1", "refs/replace/")
	attributes := l.child(ctx, 0, l.attribute(), "check-attr", "-z", "--stdin", "filter", "ident", "working-tree-encoding")
	sizes := l.child(ctx, '\n', l.size, "cat-file", "--buffer", "--batch-check=%(objectsize)")
	settings := l.child(ctx, 0, setting, "config", "-z", "--get-regexp", `^(core\.(ignorecase|precomposeunicode)|filter\..*\.(clean|smudge|process))$`)
	paths, err := attributes.feed()
	if err != nil {
		return err
	}
	objects, err := sizes.feed()
	if err != nil {
		return errors.Join(err, paths.Close())
	}
	listed := l.listed(paths, objects)
	files := l.child(ctx, 0, listed, l.within("ls-files", "-z", "--stage", "-v", "--debug")...)
	files.tail = listed
	files.cmd.WaitDelay = 0 // it may have ended long before the others take what it has printed
	for _, c := range []*child{differing, replacements, attributes, sizes} {
		all.Go(func() error { return c.run(ctx) })
	}
	all.Go(func() error {
		err := settings.run(ctx)
		if code := (*exec.ExitError)(nil); errors.As(err, &code) && code.ExitCode() == 1 {
			return nil // there are none
		}
		return err
	})
	all.Go(func() error { return errors.Join(files.run(ctx), paths.Close(), objects.Close()) })
	return all.Wait()
}

// within is a question about the folders of the look.
func (l *look) within(args ...string) []string { return append(append(args, "--"), l.in...) }

// listed adds the files that git lists, and asks for the attributes and the size of each. A record ends with a path; what
// the index has of its status begins the next one, or stands behind the last.
func (l *look) listed(paths, objects *feed) func(record []byte) error {
	const before, behind = "H 100644 ", " 0" // what stands around an object: a tag and a mode, and a stage
	last, first := "", true
	return func(record []byte) error {
		if !first {
			var err error
			if record, err = l.status(record); err != nil || len(record) == 0 {
				return err
			}
		}
		first, l.skips = false, true
		about, path, ok := bytes.Cut(record, []byte("\t"))
		width := len(about) - len(before) - len(behind)
		if !ok || width != 40 && width != 64 || l.x.width != 0 && width != l.x.width {
			return fmt.Errorf("git ls-files: cannot read %q", record)
		}
		object, mode := about[len(before):][:width], string(about[len("H "):len("H 100644")])
		if about[0] != 'H' || about[len(about)-1] != '0' || mode != "100644" && mode != "100755" {
			return nil
		}
		l.x.width, l.skips = width, false
		row := l.row(object, path)
		if row[width:] <= last {
			return fmt.Errorf("git ls-files: %q comes behind %q", path, last)
		}
		last = row[width:]
		l.x.rows = append(l.x.rows, row)
		paths.Write(path) // what goes wrong the last of these says, and Close
		paths.WriteByte(0)
		objects.Write(object)
		return objects.WriteByte('\n')
	}
}

// status cuts off five lines on a file's status, of which the first says when it was changed.
func (l *look) status(record []byte) (rest []byte, err error) {
	rest = record
	var s status
	for i, begin := range [...]string{"  ctime: ", "  mtime: ", "  dev: ", "  uid: ", "  size: "} {
		line, behind, ok := bytes.Cut(rest, []byte("\n"))
		line, begins := bytes.CutPrefix(line, []byte(begin))
		if ok = ok && begins; ok && i == 0 {
			seconds, nanoseconds, _ := bytes.Cut(line, []byte(":"))
			var has bool
			s.seconds, ok = number(seconds)
			s.nanoseconds, has = number(nanoseconds)
			ok = ok && has
		}
		if !ok {
			return nil, fmt.Errorf("git ls-files: cannot read the status in %q", record)
		}
		rest = behind
	}
	if !l.skips {
		l.x.status = append(l.x.status, s)
	}
	return rest, nil
}

// number is what decimal digits stand for.
func number(digits []byte) (n uint32, ok bool) {
	for _, d := range digits {
		if d < '0' || d > '9' || n > (math.MaxUint32-9)/10 {
			return 0, false
		}
		n = 10*n + uint32(d-'0')
	}
	return n, len(digits) > 0
}

// row is an object's name and a path in one text, which shares its memory with others.
func (l *look) row(object, path []byte) string {
	const block = 256 << 10
	if n := len(object) + len(path); l.block.Cap()-l.block.Len() < n {
		l.block = strings.Builder{}
		l.block.Grow(max(block, n))
	}
	start := l.block.Len()
	l.block.Write(object)
	l.block.Write(path)
	return l.block.String()[start:]
}

// attribute reads the attributes of the files, in their order: each of several is a record for the path, for its
// name and for its value.
func (l *look) attribute() func(record []byte) error {
	const records, names = 3, 3
	n, plain := 0, true
	return func(record []byte) error {
		if n++; n%records != 0 {
			return nil
		}
		plain = plain && (string(record) == "unspecified" || string(record) == "unset")
		if n == records*names {
			l.plain = append(l.plain, plain)
			n, plain = 0, true
		}
		return nil
	}
}

// size reads the sizes of objects, in the order of the files. One that is not there has none that a
// file can have.
func (l *look) size(record []byte) error {
	n, err := strconv.ParseUint(string(record), 10, 64)
	if err != nil {
		n = math.MaxUint32
	}
	l.sizes = append(l.sizes, uint32(min(n, math.MaxUint32)))
	return nil
}

// differing notes the files that do not lie as the index has them: what is printed of each is a record
// that begins with a colon, and one for its path.
func (l *look) differing() func(record []byte) error {
	about := true
	return func(record []byte) error {
		if about != bytes.HasPrefix(record, []byte(":")) && about {
			return fmt.Errorf("git diff-files: cannot read %q", record)
		}
		if !about {
			l.dirty[string(record)] = struct{}{}
		}
		about = !about
		return nil
	}
}

// setting refuses a setting with which nothing is known: it comes with its value behind a line break.
func setting(record []byte) error {
	key, value, _ := strings.Cut(string(record), "\n")
	switch {
	case strings.HasPrefix(key, "filter.lfs."):
		return nil
	case strings.HasPrefix(key, "filter."):
		return &UnnamedError{"git has a filter, by " + key}
	case slices.Contains([]string{"false", "no", "off", "0"}, strings.ToLower(value)):
		return nil
	}
	return &UnnamedError{"git does not tell all names of files apart, by " + key}
}

// replacement refuses a ref that puts another object in the place of one.
func replacement(record []byte) error {
	return &UnnamedError{"git has another object in the place of one, by " + string(bytes.TrimSpace(record))}
}

// join leaves the files of which nothing is known out of the index.
func (l *look) join() error {
	x := l.x
	if n := len(x.rows); len(x.status) != n || len(l.plain) != n || len(l.sizes) != n {
		return fmt.Errorf("git lists %d files, the status of %d, the attributes of %d and the sizes of %d", n, len(x.status), len(l.plain), len(l.sizes))
	}
	n := 0
	for i, row := range x.rows {
		if _, dirty := l.dirty[row[x.width:]]; !dirty && l.plain[i] && l.sizes[i] < math.MaxUint32 {
			x.rows[n], x.status[n] = row, x.status[i]
			x.status[n].size = l.sizes[i]
			n++
		}
	}
	clear(x.rows[n:])
	x.rows, x.status = x.rows[:n], x.status[:n]
	return nil
}

// child is one git of a look.
type child struct {
	cmd  *exec.Cmd
	name string
	said bytes.Buffer
	out  records
	tail func([]byte) error // takes what stands behind the last record; nil where nothing may
}

// child is a git whose output is cut into records, which end with a byte.
func (l *look) child(ctx context.Context, end byte, each func(record []byte) error, args ...string) *child {
	c := &child{cmd: Command(ctx, l.dir, append(slices.Clone(distrust), args...)...), name: args[0], out: records{end: end, each: each}}
	c.cmd.Env = append(slices.DeleteFunc(c.cmd.Env, isHook), "GIT_FLUSH=0") // which is: not with each record
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.said
	return c
}

// isHook says of a variable that it is one with which git hands its own state to hooks.
func isHook(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains([]string{"GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_ATTR_SOURCE"}, name)
}

// run returns when git has ended.
func (c *child) run(ctx context.Context) error {
	err := c.cmd.Run()
	switch {
	case c.out.err != nil:
		return c.out.err
	case err != nil:
		return failed(ctx, c.name, c.said.String(), err)
	case len(c.out.rest) > 0 && c.tail != nil:
		return c.tail(c.out.rest)
	case len(c.out.rest) > 0:
		return fmt.Errorf("git %s: it ends with %q", c.name, c.out.rest)
	}
	return nil
}

// feed is what git reads. It must be closed.
func (c *child) feed() (*feed, error) {
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w", c.name, err)
	}
	return &feed{bufio.NewWriterSize(in, 64<<10), in}, nil
}

type feed struct {
	*bufio.Writer
	pipe io.Closer
}

// Close ends what git reads.
func (f *feed) Close() error { return errors.Join(f.Flush(), f.pipe.Close()) }

// records cuts what is written to it.
type records struct {
	end  byte
	each func(record []byte) error
	rest []byte // of a record that has not ended
	err  error
}

func (r *records) Write(p []byte) (int, error) {
	for rest := p; r.err == nil; {
		record, behind, ended := bytes.Cut(rest, []byte{r.end})
		if !ended {
			r.rest = append(r.rest, rest...)
			return len(p), nil
		}
		if len(r.rest) > 0 {
			record = append(r.rest, record...)
			r.rest = r.rest[:0]
		}
		r.err = r.each(record)
		rest = behind
	}
	return 0, r.err
}
