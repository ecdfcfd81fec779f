package stream

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
)

func TestResultsWaitForTheirReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &reader{stuck: make(chan struct{})}
		results := NewResults(t.Context(), r)
		said := make(chan error)
		go func() {
			_, err := results.Write([]byte("all ok\n"))
			said <- err
		}()
		synctest.Wait()
		select {
		case err := <-said:
			t.Fatalf("the write ended before anybody read: %v", err)
		default:
		}
		close(r.stuck)
		if err := <-said; err != nil || r.got.String() != "all ok\n" {
			t.Errorf("%v, and %q came", err, r.got.String())
		}
	})
}

func TestAnInterruptEndsAWriteThatNobodyReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		r := &reader{stuck: make(chan struct{})}
		results := NewResults(ctx, r)
		said := make(chan error)
		text := []byte("all ok\n")
		go func() {
			_, err := results.Write(text)
			said <- err
		}()
		synctest.Wait()
		interrupt()
		if err := <-said; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "output") {
			t.Errorf("it gave up with %v", err)
		}
		copy(text, "no ok")
		if _, err := results.Write(text); !errors.Is(err, context.Canceled) {
			t.Errorf("after giving up it goes on, with %v", err)
		}
		close(r.stuck)
		synctest.Wait()
		if got := r.got.String(); got != "all ok\n" {
			t.Errorf("the write that was left behind wrote %q", got)
		}
	})
}

// TestAnInterruptedCommandStillReports: what it writes after the interrupt is written.
func TestAnInterruptedCommandStillReports(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	r := &reader{}
	if _, err := NewResults(ctx, r).Write([]byte("a part\n")); err != nil || r.got.String() != "a part\n" {
		t.Errorf("%v, and %q came", err, r.got.String())
	}
}

func TestFileDescriptorOfAStream(t *testing.T) {
	t.Parallel()
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := New(f, note)
	defer w.Close()
	if got := w.Fd(); got != f.Fd() {
		t.Errorf("a writer to file %d says %d", f.Fd(), got)
	}
	if got := NewResults(t.Context(), f).Fd(); got != f.Fd() {
		t.Errorf("results in file %d say %d", f.Fd(), got)
	}
	if got := int(NewResults(t.Context(), &reader{}).Fd()); got >= 0 {
		t.Errorf("what is no file has the descriptor %d", got)
	}
}
