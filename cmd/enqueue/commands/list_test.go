package commands

import (
	"bytes"
	"io"
	"os"
	"syscall"
	"testing"
)

// TestNamesOnATerminal: it obeys nothing in them, and programs get them as they are.
func TestNamesOnATerminal(t *testing.T) {
	t.Parallel()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	const name = "apps/\x1b[2Jä b"
	for _, c := range []struct {
		to   io.Writer
		nul  bool
		want string
	}{
		{terminal, false, "apps/\\x1b[2Jä b\n"},
		{terminal, true, name + "\x00"},
		{&bytes.Buffer{}, false, name + "\n"},
	} {
		f := listFlags{nul: c.nul}
		if got := f.writtenTo(c.to)(name); got != c.want {
			t.Errorf("%T, nul %v: %q, want %q", c.to, c.nul, got, c.want)
		}
	}
}
