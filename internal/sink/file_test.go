//go:build unix

package sink_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lay makes files in a new folder: a text that begins with "->" is that of a link, and a
// name that ends with "/" is a folder's.
func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch link, isLink := strings.CutPrefix(text, "->"); {
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(path, 0o755)
		case isLink:
			err = os.Symlink(strings.ReplaceAll(link, "DIR", dir), path)
		default:
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// found is what lay would have made of a folder.
func found(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, dir+"/")
		switch {
		case err != nil:
		case e.IsDir():
			if inside, _ := os.ReadDir(path); len(inside) == 0 {
				files[name+"/"] = ""
			}
		case e.Type() == fs.ModeSymlink:
			var link string
			link, err = os.Readlink(path)
			files[name] = "->" + strings.ReplaceAll(link, dir, "DIR")
		default:
			var text []byte
			text, err = os.ReadFile(path)
			files[name] = string(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestAFileIsReplacedAndLinksStay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, target string
		files        map[string]string
		written      string // the one that has the report
	}{
		{"new", "r", map[string]string{"other": "x"}, "r"},
		{"there", "r", map[string]string{"r": "a longer text than the report"}, "r"},
		{"named as stdout is", "./-", map[string]string{"other": "x"}, "-"},
		{"in a folder below", "a/b/r", map[string]string{"a/b/": ""}, "a/b/r"},
		{"relative link", "l", map[string]string{"l": "->a/r", "a/r": "old"}, "a/r"},
		{"absolute link", "l", map[string]string{"l": "->DIR/a/r", "a/r": "old"}, "a/r"},
		{"link upwards", "a/l", map[string]string{"a/l": "->../b/r", "b/r": "old"}, "b/r"},
		{"three links", "l", map[string]string{"l": "->a/m", "a/m": "->n", "a/n": "->DIR/r", "r": "old"}, "r"},
		{"link to nothing", "l", map[string]string{"l": "->a/r", "a/": ""}, "a/r"},
		{"links to nothing", "l", map[string]string{"l": "->m", "m": "->a/r", "a/x": "x"}, "a/r"},
		{"folder behind a link", "d/r", map[string]string{"d": "->a", "a/r": "old"}, "a/r"},
		{"above a folder behind a link", "l", map[string]string{"l": "->d/../r", "d": "->a/b", "a/b/": "", "a/r": "old", "r": "x"}, "a/r"},
		{"long name", strings.Repeat("r", 255), map[string]string{}, strings.Repeat("r", 255)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := lay(t, tt.files)
			target, err := find(dir + "/" + tt.target)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.files, found(t, dir)); diff != "" && len(tt.files) > 0 {
				t.Errorf("the look before has changed the folder (-was +is):\n%s", diff)
			}
			if err := target.Write(context.Background(), says("report")); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{tt.written: "report"}
			for name, text := range tt.files {
				if name != tt.written && !strings.HasPrefix(tt.written, name) {
					want[name] = text
				}
			}
			if diff := cmp.Diff(want, found(t, dir)); diff != "" {
				t.Errorf("the folder differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNobodySeesHalfAReport(t *testing.T) {
	t.Parallel()
	dir := lay(t, map[string]string{"r": "old"})
	target, err := find(dir + "/r")
	if err != nil {
		t.Fatal(err)
	}
	err = target.Write(context.Background(), func(w io.Writer) error {
		io.WriteString(w, "half")
		if text, err := os.ReadFile(dir + "/r"); err != nil || string(text) != "old" {
			t.Errorf("under way the file has %q, %v", text, err)
		}
		_, err := io.WriteString(w, " and half")
		return err
	})
	if got := found(t, dir); err != nil || got["r"] != "half and half" || len(got) != 1 {
		t.Errorf("written: %v, %v", got, err)
	}
}

func TestAReportThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, files := range map[string]map[string]string{"new": {"x": ""}, "there": {"r": "old"}, "link": {"r": "->x", "x": "old"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := lay(t, files)
			target, err := find(dir + "/r")
			if err != nil {
				t.Fatal(err)
			}
			err = target.Write(context.Background(), func(w io.Writer) error {
				io.WriteString(w, "half")
				return broken
			})
			if !errors.Is(err, broken) {
				t.Errorf("got %v, want what the report said", err)
			}
			if diff := cmp.Diff(files, found(t, dir)); diff != "" {
				t.Errorf("the folder has changed (-was +is):\n%s", diff)
			}
		})
	}
}

func TestModeIsThatOfTheUmaskOrOfTheOldFile(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		umask     string
		old, want fs.FileMode
	}{
		{"022", 0, 0o644}, {"027", 0, 0o640}, {"077", 0, 0o600}, {"0", 0, 0o666},
		{"022", 0o600, 0o600}, {"077", 0o664, 0o664}, {"022", 0o444, 0o444},
	} {
		path := filepath.Join(t.TempDir(), "r")
		if tt.old != 0 {
			if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, tt.old)); err != nil {
				t.Fatal(err)
			}
		}
		// The umask belongs to the process, and other tests make files in this one.
		if code, said := runProgram(t, exec.Command("env", umaskEnv+"="+tt.umask, self), path); code != 0 {
			t.Fatalf("exit %d: %s", code, said)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != tt.want || info.Size() == 0 {
			t.Errorf("umask %s, before %o: got %v (%v), want mode %o", tt.umask, tt.old, info, err, tt.want)
		}
	}
}

func TestWhatCannotBeWrittenIsRefused(t *testing.T) {
	t.Parallel()
	dir := lay(t, map[string]string{
		"file": "x", "folder/": "", "to-folder": "->folder", "self": "->self", "a": "->b", "b": "->folder/c", "folder/c": "->../a",
		"dangling": "->nosuch/r", "through-file": "->file/r",
	})
	before := found(t, dir)
	for name, want := range map[string]string{
		"nosuch/r": "nosuch", "file/r": "file/: not a directory", "file/": "a folder", "folder": "it is a folder", "folder/": "it is a folder", "folder/.": "it is a folder",
		"folder/..": "it is a folder", "to-folder": "it is a folder", "to-folder/": "it is a folder", "self": "in a circle", "a": "in a circle",
		"self/r": "too many links", "dangling": "nosuch", "through-file": "file/: not a directory", strings.Repeat("r", 256): "too long",
	} {
		if _, err := find(dir + "/" + name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error that says %q", name, err, want)
		}
	}
	if diff := cmp.Diff(before, found(t, dir)); diff != "" {
		t.Errorf("the folder has changed (-was +is):\n%s", diff)
	}
}

func TestRightsAreLookedAtBefore(t *testing.T) {
	t.Parallel()
	dir := lay(t, map[string]string{
		"locked/r": "old", "closed/r": "old", "open/r": "old", "sticky/r": "old", "to-locked": "->locked/new",
	})
	t.Cleanup(func() { // or a user without root's rights could not remove them
		os.Chmod(dir+"/locked", 0o755)
		os.Chmod(dir+"/closed", 0o755)
	})
	for path, mode := range map[string]fs.FileMode{
		filepath.Dir(dir): 0o755, dir: 0o755, dir + "/locked/r": 0o666, dir + "/locked": 0o555, dir + "/closed": 0,
		dir + "/open": 0o777, dir + "/open/r": 0o444, dir + "/sticky": 0o777 | fs.ModeSticky, dir + "/sticky/r": 0o666,
	} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		target string
		code   int
		said   string
	}{
		{"/open/r", 0, ""}, {"/open/new", 0, ""}, {"/sticky/new", 0, ""}, {"/sticky/new", 0, ""},
		{"/locked/r", refused, "permission denied"}, {"/locked/new", refused, "permission denied"}, {"/to-locked", refused, "permission denied"},
		{"/closed/r", refused, "permission denied"}, {"/sticky/r", refused, "another user"},
	} {
		if os.Geteuid() != 0 && tt.said == "another user" {
			continue // it is this user's own
		}
		if code, said := asNobody(t, dir+tt.target); code != tt.code || !strings.Contains(said, tt.said) {
			t.Errorf("%s: exit %d, %q; want %d, %q", tt.target, code, said, tt.code, tt.said)
		}
	}
}
