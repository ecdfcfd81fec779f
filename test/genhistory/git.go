package genhistory

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// began is when the first commit was made, in seconds; each one after it is an hour later.
const began = 1_700_000_000

// Branch is the branch of a history.
const Branch = "main"

// Write draws a history of so many commits, and makes a git repository of it in dir, which it makes
// when it is absent and which must be empty. The last commit is checked out. format is how objects
// are named, "sha1" or "sha256". It calls git. On an error the folder may be half written.
func Write(ctx context.Context, dir string, o Options, commits int, format string) (History, error) {
	history, err := Draw(o, commits)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if there, err := os.ReadDir(dir); err != nil || len(there) > 0 {
		return nil, errors.Join(err, fmt.Errorf("%s is not empty: name a new or an empty folder", dir))
	}
	if err := history.importInto(ctx, dir, format); err != nil {
		return nil, fmt.Errorf("write the history: %w", err)
	}
	return history, nil
}

func (h History) importInto(ctx context.Context, dir, format string) error {
	if _, err := Git(ctx, dir, nil, "init", "--quiet", "--initial-branch", Branch, "--object-format", format); err != nil {
		return err
	}
	marks := filepath.Join(dir, ".git", "genhistory.marks")
	if _, err := Git(ctx, dir, h.stream, "fast-import", "--quiet", "--export-marks="+marks); err != nil {
		return err
	}
	text, err := os.ReadFile(marks)
	if err != nil {
		return err
	}
	if err := h.name(text); err != nil {
		return err
	}
	if err := os.Remove(marks); err != nil {
		return err
	}
	_, err = Git(ctx, dir, nil, "reset", "--quiet", "--hard", Branch)
	return err
}

// Git runs git in a folder, without the configuration of whoever calls it, and returns what it prints.
// input writes what it reads, nil for nothing.
func Git(ctx context.Context, dir string, input func(io.Writer) error, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir, "-c", "core.autocrlf=false"}, args...)...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	var in, out, complaints bytes.Buffer
	if input != nil {
		if err := input(&in); err != nil {
			return "", err
		}
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &complaints
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(complaints.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// stream writes the history as git fast-import reads it.
func (h History) stream(out io.Writer) error {
	w := bufio.NewWriter(out)
	for i, c := range h {
		when := fmt.Sprintf("A Maintainer <maintainer@fleet.example.com> %d +0000", began+3600*i)
		message := c.message()
		fmt.Fprintf(w, "commit refs/heads/%s\nmark :%d\nauthor %s\ncommitter %s\ndata %d\n%s\n", Branch, i+1, when, when, len(message), message)
		var before Tree
		for n, p := range c.parents {
			if n == 0 {
				fmt.Fprintf(w, "from :%d\n", p+1)
				before = h[p].Tree
			} else {
				fmt.Fprintf(w, "merge :%d\n", p+1)
			}
		}
		changed := before.differs(c.Tree)
		for _, p := range changed {
			if _, was := before[p]; was {
				fmt.Fprintf(w, "D %s\n", quoted(p))
			}
		}
		for _, p := range changed {
			if f, is := c.Tree[p]; is {
				fmt.Fprintf(w, "M %o inline %s\ndata %d\n%s\n", f.Mode, quoted(p), len(f.Data), f.Data)
			}
		}
	}
	return w.Flush()
}

// message is a commit's message; its trailers say what Edit does.
func (c Commit) message() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nClass: %s\n", strings.ToValidUTF8(c.Detail, "?"), c.Class)
	for _, u := range c.Units {
		fmt.Fprintf(&b, "Unit: %s\n", u)
	}
	for _, p := range c.Shared {
		fmt.Fprintf(&b, "Shared: %s\n", p)
	}
	return b.String()
}

// quoted is a path as git fast-import reads any.
func quoted(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		if c := path[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// name gives the commits the names that git says they have.
func (h History) name(marks []byte) error {
	for line := range strings.Lines(string(marks)) {
		var i int
		var id string
		if _, err := fmt.Sscanf(line, ":%d %s\n", &i, &id); err != nil || i < 1 || i > len(h) {
			return fmt.Errorf("a mark of git fast-import that is none: %q", line)
		}
		h[i-1].ID = id
	}
	for i, c := range h {
		if c.ID == "" {
			return fmt.Errorf("git fast-import has no name for commit %d", i+1)
		}
		h[i].Parents = []string{}
		for _, p := range c.parents {
			h[i].Parents = append(h[i].Parents, h[p].ID)
		}
	}
	return nil
}
