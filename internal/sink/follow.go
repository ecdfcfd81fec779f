package sink

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// maxLinks is how many symbolic links are followed, as many as Linux does.
const maxLinks = 40

// entry is a name in a folder. The folder's path is absolute and free of links.
type entry struct {
	dir, base string
	folder    fs.FileInfo
}

func (e entry) path() string { return filepath.Join(e.dir, e.base) }

// follow ends at the first entry that is no link, be there something or not, or that
// stands for a descriptor.
func follow(name string) (entry, error) {
	for range maxLinks {
		e, err := enter(name)
		if err != nil {
			return e, err
		}
		if _, ok := e.descriptor(); ok || e.inProc() {
			return e, nil
		}
		link, err := os.Readlink(e.path())
		if err != nil {
			return e, nil
		}
		name = beside(e.dir, link)
	}
	return entry{}, errors.New("its symbolic links go round in a circle: make one of them lead to a file")
}

// enter finds the folder of a name.
func enter(name string) (entry, error) {
	dir, base := filepath.Split(name)
	if base == "" || base == "." || base == ".." {
		return entry{}, errFolder
	}
	at, err := resolved(dir)
	if err != nil {
		return entry{}, fmt.Errorf("find its folder %s: %w", dir, err)
	}
	folder, err := os.Stat(at)
	if err == nil && !folder.IsDir() {
		err = fmt.Errorf("%s is no folder", at)
	}
	return entry{at, base, folder}, err
}

// resolved is the absolute path of a folder, without links. The working folder may have
// been entered by one.
func resolved(dir string) (string, error) {
	if filepath.IsAbs(dir) {
		return filepath.EvalSymlinks(dir)
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(beside(here, dir))
}

// beside is a name as seen from a folder. It is not joined: that would take a ".." back
// over a link, and not over what the link leads to.
func beside(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return dir + string(filepath.Separator) + name
}

// standard are the names of descriptors that need not be there as files.
var standard = map[string]descriptor{"/dev/stdin": 0, "/dev/stdout": stdout, "/dev/stderr": 2}

// procFolder has the links to a process's open descriptors. A link there leads to what
// is open, whatever has happened to the name that it shows.
var procFolder = regexp.MustCompile(`^/proc/(\d+)(?:/task/\d+)?/fd$`)

func (e entry) inProc() bool { return procFolder.MatchString(e.dir) }

// descriptor is the descriptor of this process for which an entry stands.
func (e entry) descriptor() (descriptor, bool) {
	if d, ok := standard[e.path()]; ok {
		return d, true
	}
	n, err := strconv.Atoi(e.base)
	if err != nil || strconv.Itoa(n) != e.base {
		return 0, false
	}
	if m := procFolder.FindStringSubmatch(e.dir); m != nil {
		self, err := os.Readlink("/proc/self")
		return descriptor(n), err == nil && self == m[1]
	}
	return descriptor(n), e.dir == "/dev/fd"
}
