package git

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
)

// Absent are the objects of a commit that a partial clone has left at its remote. Git would fetch each by itself
// when it is read. It is not safe for concurrent use.
type Absent struct {
	dir, remote string
	objects     map[string]bool // by their names as bytes
}

// FindAbsent looks which objects a commit has that are not in the clone around a folder: none at all where it is no
// partial one.
func FindAbsent(ctx context.Context, dir, commit string) (*Absent, error) {
	a := &Absent{dir: dir, remote: promisor(ctx, dir), objects: map[string]bool{}}
	if a.remote == "" {
		return a, ctx.Err()
	}
	cmd := Command(ctx, dir, "rev-list", "--objects", "--no-walk", "--missing=print", "--quiet", commit)
	cmd.Env = append(cmd.Env, noReplacements)
	out, err := outputOf(ctx, cmd, "rev-list")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		if name, missing := strings.CutPrefix(strings.TrimSpace(line), "?"); missing {
			if raw, err := hex.DecodeString(name); err == nil {
				a.objects[string(raw)] = true
			}
		}
	}
	return a, nil
}

// promisor is the remote that has what a partial clone has not, "" in another clone.
func promisor(ctx context.Context, dir string) string {
	out, err := Output(ctx, dir, "config", "-z", "--get-regexp", `^(remote\..*\.promisor|extensions\.partialclone)$`)
	if err != nil {
		return "" // there is no such setting
	}
	for setting := range strings.SplitSeq(out, "\x00") {
		key, value, _ := strings.Cut(setting, "\n")
		name, isRemote := strings.CutPrefix(strings.TrimSuffix(key, ".promisor"), "remote.")
		switch {
		case key == "extensions.partialclone":
			return value
		case isRemote && !isFalse(value):
			return name
		}
	}
	return ""
}

// isFalse says of a setting that it is off.
func isFalse(value string) bool {
	switch strings.ToLower(value) {
	case "false", "no", "off", "0":
		return true
	}
	return false
}

// Len is how many objects there are.
func (a *Absent) Len() int { return len(a.objects) }

// Fetch fetches those among some objects, in one request. They are not absent any more, be there an error.
func (a *Absent) Fetch(ctx context.Context, objects []string) error {
	var wanted strings.Builder
	n := 0
	for _, name := range objects {
		raw, err := hex.DecodeString(name)
		if err != nil || !a.objects[string(raw)] {
			continue
		}
		delete(a.objects, string(raw))
		wanted.WriteString(name + "\n")
		n++
	}
	if n == 0 {
		return nil
	}
	cmd := Command(ctx, a.dir, "-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
		"--recurse-submodules=no", "--no-auto-maintenance", "--filter=blob:none", "--stdin", a.remote)
	cmd.Stdin = strings.NewReader(wanted.String())
	if _, err := outputOf(ctx, cmd, "fetch"); err != nil {
		return fmt.Errorf("fetch %d objects that this partial clone lacks from %s: %w", n, a.remote, err)
	}
	return nil
}
