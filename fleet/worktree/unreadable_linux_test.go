package worktree_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seed306eabeb/muster/fleet"
)

// TestUnreadableFolder: what may be in there is not known, so it is no finding. Root reads
// everything unless it lays down the right to, which is a thread's own.
func TestUnreadableFolder(t *testing.T) {
	t.Parallel()
	f := open(t, map[string]string{"units/shut/main.yml": "", "units/pay/main.yml": ""})
	shut := filepath.Join(f.Dir(), "units/shut")
	if err := os.Chmod(shut, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(shut, 0o755)
	runtime.LockOSThread() // for good: the thread ends with the test
	forgoOverride(t)
	if want, got := []string{"pay", "shut"}, names(t, f); !slices.Equal(got, want) {
		t.Errorf("names = %q, want %q", got, want)
	}
	if err := f.Has("shut"); err != nil {
		t.Errorf("selected by name: %v", err)
	}
	_, _, err := f.Unit(t.Context(), "shut")
	if _, own := fleet.Findings("shut", err); own || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("pack: %v, a finding: %v", err, own)
	}
	if _, _, err := f.Unit(t.Context(), "pay"); err != nil {
		t.Errorf("its neighbour: %v", err)
	}
}

// forgoOverride takes from this thread the right to pass over permissions.
func forgoOverride(t *testing.T) {
	t.Helper()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		t.Fatal(err)
	}
	data[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
	if err := unix.Capset(&header, &data[0]); err != nil {
		t.Fatal(err)
	}
}
