package stream

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// reader is a stream that somebody reads, unless it is stuck.
type reader struct {
	mu    sync.Mutex
	got   bytes.Buffer
	stuck chan struct{} // a write waits until it is closed; nil lets all pass
	takes time.Duration // each write
	err   error
}

func (r *reader) Write(p []byte) (int, error) {
	if r.stuck != nil {
		<-r.stuck
	}
	time.Sleep(r.takes)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return 0, r.err
	}
	return r.got.Write(p)
}

func (r *reader) refuse(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *reader) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Split(strings.TrimSuffix(r.got.String(), "\n"), "\n")
}

func note(dropped int) []byte { return fmt.Appendf(nil, "%d dropped\n", dropped) }

// virtual runs f where time passes only while all goroutines wait.
func virtual(t *testing.T, r *reader, f func(t *testing.T, w *Writer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, New(r, note)) })
}

func say(t *testing.T, w *Writer, from, to int) {
	t.Helper()
	before := time.Now()
	for i := from; i < to; i++ {
		if _, err := fmt.Fprintf(w, "line %d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	if waited := time.Since(before); waited != 0 {
		t.Fatalf("whoever said lines %d to %d has waited %s", from, to, waited)
	}
}

// numbered holds lines to be those from 0 on, and then the rest.
func numbered(t *testing.T, got []string, n int, rest ...string) {
	t.Helper()
	if len(got) != n+len(rest) {
		t.Fatalf("%d lines came, want %d; the last is %q", len(got), n+len(rest), got[len(got)-1])
	}
	for i, line := range got {
		want := fmt.Sprintf("line %d", i)
		if i >= n {
			want = rest[i-n]
		}
		if line != want {
			t.Fatalf("line %d is %q, want %q", i, line, want)
		}
	}
}

func TestAllThatFitsArrivesInItsOrder(t *testing.T) {
	t.Parallel()
	r := &reader{}
	virtual(t, r, func(t *testing.T, w *Writer) {
		say(t, w, 0, maxLines)
		w.Flush()
		say(t, w, maxLines, 2*maxLines)
		w.Close()
		numbered(t, r.lines(), 2*maxLines)
	})
}

func TestNobodyWaitsForAReader(t *testing.T) {
	t.Parallel()
	r := &reader{}
	virtual(t, r, func(t *testing.T, w *Writer) {
		r.stuck = make(chan struct{})
		say(t, w, 0, 1)
		synctest.Wait() // it is being written
		say(t, w, 1, maxLines+101)
		close(r.stuck)
		synctest.Wait()
		numbered(t, r.lines(), maxLines+1, "100 dropped")
		fmt.Fprintln(w, "more")
		w.Close()
		numbered(t, r.lines(), maxLines+1, "100 dropped", "more")
	})
}

func TestBytesAreBoundedToo(t *testing.T) {
	t.Parallel()
	r := &reader{}
	virtual(t, r, func(t *testing.T, w *Writer) {
		r.stuck = make(chan struct{})
		say(t, w, 0, 1)
		synctest.Wait()
		big := strings.Repeat("b", maxBytes/4-1) + "\n"
		for range 10 {
			fmt.Fprint(w, big)
		}
		close(r.stuck)
		w.Close()
		got := r.lines()
		if len(got) != 1+4+1 || got[5] != "6 dropped" {
			t.Errorf("%d lines came, the last %q; want the first, four large ones, and that 6 were dropped", len(got), got[len(got)-1])
		}
	})
}

func TestALineLargerThanTheQueueIsWritten(t *testing.T) {
	t.Parallel()
	r := &reader{}
	virtual(t, r, func(t *testing.T, w *Writer) {
		huge := strings.Repeat("h", 2*maxBytes)
		fmt.Fprintln(w, huge)
		w.Close()
		if got := r.lines(); len(got) != 1 || got[0] != huge {
			t.Errorf("%d lines, the first has %d bytes", len(got), len(got[0]))
		}
	})
}

// TestDroppingEndsOnceHalfIsFree: a slow reader is not told of every single line.
func TestDroppingEndsOnceHalfIsFree(t *testing.T) {
	t.Parallel()
	r := &reader{takes: time.Millisecond}
	virtual(t, r, func(t *testing.T, w *Writer) {
		say(t, w, 0, 1)
		synctest.Wait() // it is being written
		say(t, w, 1, maxLines+1)
		fmt.Fprintln(w, "too much")
		time.Sleep(maxLines / 4 * time.Millisecond)
		fmt.Fprintln(w, "still too much")
		time.Sleep(maxLines / 2 * time.Millisecond)
		fmt.Fprintln(w, "again")
		time.Sleep(maxLines * time.Millisecond)
		w.Close()
		numbered(t, r.lines(), maxLines+1, "2 dropped", "again")
	})
}

func TestWhatTheStreamRefusesCountsAsDropped(t *testing.T) {
	t.Parallel()
	r := &reader{}
	virtual(t, r, func(t *testing.T, w *Writer) {
		r.refuse(errors.New("no space left"))
		say(t, w, 1, 4)
		synctest.Wait()
		r.refuse(nil)
		say(t, w, 0, 1)
		w.Close()
		numbered(t, r.lines(), 1, "3 dropped")
	})
}

func TestANoteOfItsOwn(t *testing.T) {
	t.Parallel()
	r := &reader{err: errors.New("no space left")}
	virtual(t, r, func(t *testing.T, w *Writer) {
		w.SetNote(func(n int) []byte { return fmt.Appendf(nil, "%d gone\n", n) })
		say(t, w, 1, 3)
		synctest.Wait()
		r.refuse(nil)
		say(t, w, 0, 1)
		w.Close()
		numbered(t, r.lines(), 1, "2 gone")
	})
}

// TestTheEndWaitsNoLongerThanItMust: for nothing when all is written, for a moment when
// nobody reads, and longer for a reader that is slow.
func TestTheEndWaitsNoLongerThanItMust(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		name string
		end  func(*Writer)
	}{{"flush", (*Writer).Flush}, {"close", (*Writer).Close}} {
		for _, tt := range []struct {
			name  string
			lines int
			stuck bool
			takes time.Duration
			want  time.Duration
		}{
			{"nothing said", 0, false, 0, 0},
			{"read at once", 100, false, 0, 0},
			{"stuck", 100, true, 0, stuckAfter},
			{"slow", 10, false, 150 * time.Millisecond, 1500 * time.Millisecond},
			{"too slow", 100, false, 150 * time.Millisecond, flushTimeout},
		} {
			t.Run(end.name+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				r := &reader{takes: tt.takes}
				virtual(t, r, func(t *testing.T, w *Writer) {
					free := make(chan struct{})
					if tt.stuck {
						r.stuck = free
					}
					say(t, w, 0, tt.lines)
					before := time.Now()
					end.end(w)
					if took := time.Since(before); took != tt.want {
						t.Errorf("it took %s, want %s", took, tt.want)
					}
					close(free)
					time.Sleep(time.Minute)
					w.Close()
					if tt.lines > 0 {
						numbered(t, r.lines(), tt.lines)
					}
				})
			})
		}
	}
}

func TestNothingIsTakenAfterTheEnd(t *testing.T) {
	t.Parallel()
	virtual(t, &reader{}, func(t *testing.T, w *Writer) {
		w.Close()
		w.Close()
		if _, err := w.Write([]byte("late\n")); err == nil {
			t.Error("a line was taken that nobody will write")
		}
	})
}

func TestBehind(t *testing.T) {
	t.Parallel()
	r := &reader{}
	virtual(t, r, func(t *testing.T, w *Writer) {
		r.stuck = make(chan struct{})
		before := w.Behind()
		say(t, w, 0, 1)
		queued := w.Behind()
		synctest.Wait()
		writing := w.Behind()
		close(r.stuck)
		w.Flush()
		synctest.Wait()
		if after := w.Behind(); before || !queued || !writing || after {
			t.Errorf("behind is %t, %t with a line, %t while it is written, %t after; want false, true, true, false", before, queued, writing, after)
		}
		w.Close()
	})
}

// TestManySpeakAtOnce: each one's lines keep their order, and none is lost.
func TestManySpeakAtOnce(t *testing.T) {
	t.Parallel()
	const speakers, each = 16, maxLines / 16
	r := &reader{}
	w := New(r, note)
	var wg sync.WaitGroup
	for s := range speakers {
		wg.Go(func() {
			for i := range each {
				fmt.Fprintf(w, "%d %d\n", s, i)
			}
		})
	}
	wg.Wait()
	w.Close()
	next := map[int]int{}
	for _, line := range r.lines() {
		var s, i int
		if _, err := fmt.Sscanf(line, "%d %d", &s, &i); err != nil || i != next[s] {
			t.Fatalf("%q comes where line %d of speaker %d should: %v", line, next[s], s, err)
		}
		next[s]++
	}
	for s, n := range next {
		if n != each {
			t.Errorf("%d lines of speaker %d came, want %d", n, s, each)
		}
	}
}
