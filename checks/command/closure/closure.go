// Package closure knows what programs are on this machine, and names by digests what they may read.
//
//	Program    where a program is
//	State      how files look from outside: while it is the same, so are they
//	Digest     what files hold
package closure

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Program is the absolute path of a program, which is given by one or by a name on the PATH.
func Program(name string) (string, error) {
	found, err := exec.LookPath(name)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("there is no program %s on the PATH: install it, or name it by its absolute path", name)
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no program %s: install it, or name another path", name)
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("%s cannot be run: it is no executable file", name)
	case err != nil:
		return "", fmt.Errorf("look for the program %s: %w", name, err)
	}
	return filepath.Abs(found)
}

// Resolved is a path without links. What cannot be resolved stays as it is.
func Resolved(name string) string {
	if to, err := filepath.EvalSymlinks(name); err == nil {
		return to
	}
	return name
}

// Interpreter is what runs a file beside the kernel: the loader of its libraries, or the program that
// its first line names; "" where nothing does.
func Interpreter(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("look what runs %s: %w", name, err)
	}
	defer f.Close()
	head := make([]byte, 256)
	n, _ := f.ReadAt(head, 0)
	if line, ok := strings.CutPrefix(string(head[:n]), "#!"); ok {
		line, _, _ = strings.Cut(line, "\n")
		if words := strings.Fields(line); len(words) > 0 {
			return words[0], nil
		}
	}
	binary, err := elf.NewFile(f)
	if err != nil {
		return "", nil // of another system, which says it in another way
	}
	for _, p := range binary.Progs {
		if p.Type == elf.PT_INTERP {
			text, err := io.ReadAll(io.LimitReader(p.Open(), 4096))
			return strings.TrimRight(string(text), "\x00"), err
		}
	}
	return "", nil
}

// State is how all that lies at the paths looks from outside: names, types, modes, sizes and times. It
// reads no file.
func State(paths []string) (string, error) {
	h := sha256.New()
	err := walk(paths, func(name string, info fs.FileInfo) error {
		_, err := fmt.Fprintf(h, "%q %s %d %d %s\n", name, info.Mode(), info.Size(), info.ModTime().UnixNano(), identity(info))
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// Contents are what lies at some paths.
type Contents struct {
	Digest string // of names, types, modes, bytes and links
	Files  int
	Bytes  int64
}

// Digest reads all that lies at the paths.
func Digest(paths []string) (Contents, error) {
	c, h := Contents{}, sha256.New()
	err := walk(paths, func(name string, info fs.FileInfo) error {
		fmt.Fprintf(h, "%q %s\n", name, info.Mode())
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(name)
			fmt.Fprintf(h, "%q\n", to)
			return err
		case info.Mode().IsRegular():
			c.Files++
			n, err := hashFile(h, name)
			c.Bytes += n
			return err
		}
		return nil
	})
	c.Digest = hex.EncodeToString(h.Sum(nil))
	return c, err
}

// hashFile adds a digest of a file's bytes.
func hashFile(h hash.Hash, name string) (int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	own := sha256.New()
	n, err := io.Copy(own, f)
	h.Write(own.Sum(nil))
	return n, err
}

// walk goes through all that lies at the paths, and, where a path is a link, through what it leads to
// as well. Links below are not followed.
func walk(paths []string, visit func(name string, info fs.FileInfo) error) error {
	for _, root := range paths {
		roots := []string{root}
		if to := Resolved(root); to != root {
			roots = append(roots, to)
		}
		for _, root := range roots {
			err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				info, err := e.Info()
				if err != nil {
					return err
				}
				return visit(name, info)
			})
			if err != nil {
				return fmt.Errorf("look at what lies at %s: %w", root, err)
			}
		}
	}
	return nil
}

// There are those of the paths at which something lies.
func There(paths []string) (some []string) {
	for _, name := range paths {
		if _, err := os.Lstat(name); err == nil {
			some = append(some, name)
		}
	}
	return some
}
