package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/seed306eabeb/muster/internal/stream"
)

// NewLog writes lines for people: the program's name, the level unless it is
// information, the message, and the attributes behind it.
func NewLog(w io.Writer, program string, level slog.Level) *slog.Logger {
	return slog.New(&lineHandler{mu: new(sync.Mutex), w: w, program: program, level: level})
}

// NoteDrops makes a command's stderr say in the form of a log of its own how many lines
// nobody read. Otherwise it says so as NewLog does.
func NoteDrops(stderr io.Writer, newLog func(io.Writer) *slog.Logger) {
	if s, ok := stderr.(*stream.Writer); ok {
		s.SetNote(dropped(newLog))
	}
}

// dropped words how many lines were dropped, as a line of a log.
func dropped(newLog func(io.Writer) *slog.Logger) func(lines int) []byte {
	return func(lines int) []byte {
		var b bytes.Buffer
		newLog(&b).Warn("log lines were dropped, because nobody read them", "lines", lines)
		return b.Bytes()
	}
}

type lineHandler struct {
	mu      *sync.Mutex
	w       io.Writer
	program string
	level   slog.Level
	attrs   string
}

func (h *lineHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h *lineHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(h.program + ": ")
	if r.Level != slog.LevelInfo {
		b.WriteString(strings.ToLower(r.Level.String()) + ": ")
	}
	b.WriteString(r.Message + h.attrs)
	r.Attrs(func(a slog.Attr) bool { b.WriteString(attr(a)); return true })
	b.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, notObeyed(b.String()))
	return err
}

func (h *lineHandler) WithAttrs(as []slog.Attr) slog.Handler {
	c := *h
	for _, a := range as {
		c.attrs += attr(a)
	}
	return &c
}

func (h *lineHandler) WithGroup(string) slog.Handler { return h }

// attr quotes what is not a plain word: a value may come from a manifest, and
// nothing in it reaches a terminal raw.
func attr(a slog.Attr) string {
	v := a.Value.Resolve().String()
	if v == "" || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r == '"' || r == '=' || r > '~' }) {
		v = fmt.Sprintf("%q", v)
	}
	return " " + a.Key + "=" + v
}
