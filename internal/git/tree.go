package git

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
)

// Mode is what an entry of a tree is.
type Mode uint8

// The modes.
const (
	File Mode = iota
	Executable
	Link
	Folder
	Submodule // a commit of another repository, of which a tree has the name alone
)

// modeOf reads a mode as git writes it.
func modeOf(mode []byte) Mode {
	switch string(mode) {
	case "100755":
		return Executable
	case "120000":
		return Link
	case "040000":
		return Folder
	case "160000":
		return Submodule
	}
	return File
}

// Type is the type of a file that a checkout has in the entry's place: a submodule is a folder.
func (m Mode) Type() fs.FileMode {
	switch m {
	case Link:
		return fs.ModeSymlink
	case Folder, Submodule:
		return fs.ModeDir
	}
	return 0
}

// perm is the mode that a checkout gives it.
func (m Mode) perm() fs.FileMode {
	switch m {
	case Link:
		return fs.ModeSymlink | 0o777
	case Executable, Folder, Submodule:
		return m.Type() | 0o755
	}
	return 0o644
}

// Entry is a file, a link, a folder or a submodule of a tree.
type Entry struct {
	Name string
	Mode Mode
	at   int32 // of a folder in folders, of anything else its object in ids
}

// span is a folder: its entries, in the order of git, in which the name of a folder ends in a slash.
type span struct{ from, to int32 }

// Tree is a folder of a repository as a commit has it. It holds the names alone, and is read-only: its methods may be called from
// several goroutines at once.
type Tree struct {
	entries []Entry
	folders []span
	root    Entry
	ids     []byte // the names of objects, one behind the other
	size    int    // of a name
	subs    []string
}

// Prefix is the path that a folder has in the repository around it, "" for the same.
func Prefix(ctx context.Context, dir string) (string, error) {
	prefix, err := Output(ctx, dir, "rev-parse", "--show-prefix")
	return strings.TrimSuffix(strings.TrimSuffix(prefix, "\n"), "/"), err
}

// List reads a folder of a commit, "" for all of it. Commit is the name of an object, and the folder is named by
// its path in the repository, wherever in that dir is.
func List(ctx context.Context, dir, commit, folder string) (*Tree, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cmd := Command(ctx, dir, "ls-tree", "-r", "-z", "--full-tree", commit+":"+folder)
	cmd.Env = append(cmd.Env, noReplacements)
	var said head
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, failed(ctx, "ls-tree", "", err)
	}
	b := newBuilder(len(commit) / 2)
	wrong := b.read(bufio.NewReaderSize(out, 64<<10))
	if wrong != nil {
		stop()
	}
	err = cmd.Wait()
	switch {
	case wrong != nil:
		return nil, fmt.Errorf("list commit %.12s: %w", commit, wrong)
	case err != nil && folder != "" && ctx.Err() == nil:
		return nil, fmt.Errorf("commit %.12s has no folder %s: %w", commit, folder, failed(ctx, "ls-tree", said.String(), err))
	case err != nil:
		return nil, failed(ctx, "ls-tree", said.String(), err)
	}
	return b.tree(), nil
}

// builder makes a tree of paths as they come, sorted as git sorts them.
type builder struct {
	t     Tree
	names map[string]string // each once
	open  []openFolder      // on the way to the last path
	last  []byte
	id    []byte
}

// openFolder is a folder of which not all entries have come.
type openFolder struct {
	name    string
	entries []Entry
}

func newBuilder(size int) *builder {
	return &builder{t: Tree{size: size}, names: map[string]string{}, open: make([]openFolder, 1, 16), id: make([]byte, size)}
}

// read reads what ls-tree prints: mode, type and object of an entry, a tab and its path, up to a NUL.
func (b *builder) read(out *bufio.Reader) error {
	for {
		line, err := out.ReadSlice(0)
		var long []byte
		for errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, line...)
			line, err = out.ReadSlice(0)
		}
		if long != nil {
			line = append(long, line...)
		}
		switch {
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil
		case err != nil:
			return err
		}
		if err := b.line(line[:len(line)-1]); err != nil {
			return err
		}
	}
}

func (b *builder) line(line []byte) error {
	about, file, found := bytes.Cut(line, []byte{'\t'})
	mode, rest, _ := bytes.Cut(about, []byte{' '})
	_, object, _ := bytes.Cut(rest, []byte{' '})
	if n, err := hex.Decode(b.id, object[:min(len(object), 2*b.t.size)]); !found || err != nil || n != b.t.size || len(object) != 2*b.t.size {
		return fmt.Errorf("git ls-tree says %q", line)
	}
	return b.add(file, modeOf(mode))
}

// add adds an entry, whose object is in id, and the folders that it is in.
func (b *builder) add(file []byte, mode Mode) error {
	if bytes.Compare(b.last, file) >= 0 && len(b.last) > 0 {
		return fmt.Errorf("its tree is not sorted at the path %q: see `git fsck`", file)
	}
	b.last = append(b.last[:0], file...)
	depth := 0
	for rest := file; ; depth++ {
		name, below, inside := bytes.Cut(rest, []byte{'/'})
		if len(name) == 0 || string(name) == "." || string(name) == ".." {
			return fmt.Errorf("it has the path %q, which no checkout can have", file)
		}
		if !inside {
			b.closeTo(depth)
			top := &b.open[depth]
			top.entries = append(top.entries, Entry{b.intern(name), mode, int32(len(b.t.ids) / b.t.size)})
			b.t.ids = append(b.t.ids, b.id...)
			if mode == Submodule {
				b.t.subs = append(b.t.subs, string(file))
			}
			return nil
		}
		if depth+1 == len(b.open) || b.open[depth+1].name != string(name) {
			b.closeTo(depth)
			b.enter(b.intern(name))
		}
		rest = below
	}
}

// enter opens a folder in the last one that is open.
func (b *builder) enter(name string) {
	if n := len(b.open); n < cap(b.open) {
		b.open = b.open[:n+1] // with room for entries from a folder before
		b.open[n].name = name
		return
	}
	b.open = append(b.open, openFolder{name: name})
}

// closeTo closes the folders that lie deeper.
func (b *builder) closeTo(depth int) {
	for last := len(b.open) - 1; last > depth; last-- {
		around := &b.open[last-1]
		around.entries = append(around.entries, b.closed(&b.open[last], b.open[last].name))
		b.open = b.open[:last]
	}
}

// closed is the entry of a folder that is complete.
func (b *builder) closed(f *openFolder, name string) Entry {
	from := int32(len(b.t.entries))
	b.t.entries = append(b.t.entries, f.entries...)
	b.t.folders = append(b.t.folders, span{from, int32(len(b.t.entries))})
	f.entries = f.entries[:0]
	return Entry{name, Folder, int32(len(b.t.folders) - 1)}
}

func (b *builder) intern(name []byte) string {
	if known, ok := b.names[string(name)]; ok {
		return known
	}
	text := string(name)
	b.names[text] = text
	return text
}

func (b *builder) tree() *Tree {
	b.closeTo(0)
	b.t.root = b.closed(&b.open[0], ".")
	t := b.t // no part of the builder, and of no more room than it needs
	t.entries, t.folders, t.ids = slices.Clone(t.entries), slices.Clone(t.folders), slices.Clone(t.ids)
	return &t
}

// Below are the entries of a folder, sorted as git sorts them: as the paths of all files below them are
// sorted by their bytes. They must not be changed. Of what is no folder there are none.
func (t *Tree) Below(e Entry) []Entry {
	if e.Mode != Folder {
		return nil
	}
	f := t.folders[e.at]
	return t.entries[f.from:f.to:f.to]
}

// Root is the folder that the tree is.
func (t *Tree) Root() Entry { return t.root }

// Object is the name of an entry's object: of a submodule the commit; "" of a folder.
func (t *Tree) Object(e Entry) string {
	if e.Mode == Folder {
		return ""
	}
	at := int(e.at) * t.size
	var text [64]byte // of SHA-256, the longest
	return string(text[:hex.Encode(text[:], t.ids[at:at+t.size])])
}

// Submodules are the paths of all submodules.
func (t *Tree) Submodules() []string { return t.subs }

// Find is the entry at a path below a folder, behind no link; "." is the folder.
func (t *Tree) Find(folder Entry, file string) (Entry, bool) {
	if file == "." {
		return folder, true
	}
	for {
		name, below, inside := strings.Cut(file, "/")
		e, ok := t.entry(folder, name)
		if !ok || !inside {
			return e, ok
		}
		folder, file = e, below
	}
}

// entry is that of a name in a folder.
func (t *Tree) entry(folder Entry, name string) (Entry, bool) {
	all := t.Below(folder)
	i := sort.Search(len(all), func(i int) bool { return compare(all[i], name, false) >= 0 })
	if i < len(all) && all[i].Name == name {
		return all[i], true
	}
	i += sort.Search(len(all)-i, func(j int) bool { return compare(all[i+j], name, true) >= 0 })
	if i < len(all) && all[i].Name == name {
		return all[i], true
	}
	return Entry{}, false
}

// compare compares an entry with one of another name as git does.
func compare(e Entry, name string, folder bool) int {
	n := min(len(e.Name), len(name))
	return cmp.Or(strings.Compare(e.Name[:n], name[:n]), cmp.Compare(behind(e.Name, n, e.Mode == Folder), behind(name, n, folder)))
}

// behind is the byte at an index of a name that git takes to end with a slash if it is a folder's, -1 behind
// its end.
func behind(name string, at int, folder bool) int {
	switch {
	case at < len(name):
		return int(name[at])
	case folder:
		return '/'
	}
	return -1
}

// isPath says whether a text is a path in a tree, which holds any bytes.
func isPath(name string) bool {
	return name == path.Clean(name) && !path.IsAbs(name) && name != ".." && !strings.HasPrefix(name, "../")
}

// mostLinks is how many links lead to a file at most.
const mostLinks = 16

// follow is the entry that a path leads to, and the path that it has, over links inside the tree.
func (t *Tree) follow(op, name string, readLink func(Entry) (string, error)) (string, Entry, error) {
	at := name
	for range mostLinks {
		link, e, rest := t.firstLink(at)
		if link == "" {
			if e, ok := t.Find(t.root, at); ok {
				return at, e, nil
			}
			break
		}
		target, err := readLink(e)
		if err != nil {
			return "", Entry{}, &fs.PathError{Op: op, Path: name, Err: err}
		}
		if at = path.Join(path.Dir(link), target, rest); path.IsAbs(target) || !isPath(at) {
			break
		}
	}
	return "", Entry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// firstLink is the first link on the way to a path, and what follows behind it.
func (t *Tree) firstLink(name string) (link string, e Entry, rest string) {
	folder := t.root
	for from := 0; from < len(name); {
		to := from + strings.IndexByte(name[from:]+"/", '/')
		e, ok := t.entry(folder, name[from:to])
		if !ok {
			return "", e, ""
		}
		if e.Mode == Link {
			return name[:to], e, name[to:]
		}
		folder, from = e, to+1
	}
	return "", e, ""
}
