package sink

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestATailGoesBehind what is there, and is whole or not there.
func TestATailGoesBehind(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "summary")
	write := func(text string, fails error) error {
		target, err := FindTail(name)
		if err != nil {
			return err
		}
		return target.Write(t.Context(), func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, fails)
		})
	}
	target, err := FindTail(name)
	if err := errors.Join(err, target.Probe()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); err == nil {
		t.Error("the probe has left a file behind")
	}
	wrong := errors.New("wrong")
	if err := errors.Join(write("one\n", nil), write("two\n", nil)); err != nil {
		t.Fatal(err)
	}
	if err := write("half", wrong); !errors.Is(err, wrong) {
		t.Errorf("the error is %v, want %v", err, wrong)
	}
	if target, err := FindTail(name); errors.Join(err, target.Probe()) != nil {
		t.Error("a file that is there is no tail")
	}
	text, err := os.ReadFile(name)
	if err != nil || string(text) != "one\ntwo\n" {
		t.Errorf("the file has %q, %v", text, err)
	}
	if target, err := FindTail(filepath.Join(name, "nosuch")); err == nil && target.Probe() == nil {
		t.Error("a file in a file is a tail")
	}
}
