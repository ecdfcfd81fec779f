package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/stream"
	"github.com/seed306eabeb/muster/policy"
)

// spoken is how many lines speak logs: as many as nobody has to have read.
const spoken = 8000

func newSpeakCmd() *cobra.Command {
	return &cobra.Command{Use: "speak", RunE: func(cmd *cobra.Command, _ []string) error {
		log.SetFlags(0)
		log.Print("a library speaks")
		l := NewLog(cmd.ErrOrStderr(), "speak", slog.LevelInfo)
		for i := range spoken {
			l.Info("line", "n", i)
		}
		return errors.New("it is broken")
	}}
}

// TestTheErrorStandsBehindTheLog: nothing of either is lost when the process ends.
func TestTheErrorStandsBehindTheLog(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "speak")
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != policy.ExitUndecided {
		t.Errorf("exit %d, want %d", code, policy.ExitUndecided)
	}
	var want strings.Builder
	want.WriteString("a library speaks\n")
	for i := range spoken {
		fmt.Fprintf(&want, "speak: line n=%d\n", i)
	}
	want.WriteString("speak: it is broken\n")
	if string(out) != want.String() {
		t.Errorf("%d bytes came, want %d; the last are %q", len(out), want.Len(), out[max(0, len(out)-80):])
	}
}

// refusing is a stream that does not take its first lines.
type refusing struct {
	bytes.Buffer
	lines int
}

func (r *refusing) Write(p []byte) (int, error) {
	if r.lines--; r.lines >= 0 {
		return 0, errors.New("no space left")
	}
	return r.Buffer.Write(p)
}

func TestDroppedLinesAreToldInTheFormOfTheLog(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		log  func(io.Writer) *slog.Logger
		want string
	}{
		{"lines", func(w io.Writer) *slog.Logger { return NewLog(w, "enqueue", slog.LevelWarn) },
			"enqueue: warn: log lines were dropped, because nobody read them lines=2\n"},
		{"json", func(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) },
			`"level":"WARN","msg":"log lines were dropped, because nobody read them","lines":2}` + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &refusing{lines: 2}
			w := stream.New(r, func(int) []byte { return []byte("in another form\n") })
			NoteDrops(w, tt.log)
			for range 3 {
				fmt.Fprintln(w, "something")
			}
			w.Close()
			if got, ok := strings.CutPrefix(r.String(), "something\n"); !ok || !strings.HasSuffix(got, tt.want) {
				t.Errorf("it says %q, want %q at the end", r.String(), tt.want)
			}
		})
	}
}
