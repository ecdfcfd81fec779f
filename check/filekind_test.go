package check_test

import (
	"io/fs"
	"testing"

	"github.com/seed306eabeb/muster/check"
)

func TestFileKind(t *testing.T) {
	t.Parallel()
	for mode, want := range map[fs.FileMode]string{
		fs.ModeDir | 0o755: "a folder", 0o644: "a plain file", fs.ModeSymlink | 0o777: "a symbolic link", fs.ModeNamedPipe: "a named pipe", fs.ModeSocket: "a socket",
		fs.ModeDevice: "a device", fs.ModeDevice | fs.ModeCharDevice: "a device", fs.ModeIrregular: "a special file",
	} {
		if got := check.FileKind(mode); got != want {
			t.Errorf("%s: %s, want %s", mode, got, want)
		}
	}
}
