// Package roles gives a test's Redis the users of docs/acl, so that the commands run with
// the rights that operators are told to give them.
package roles

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/seed306eabeb/muster/internal/redisconn"
)

// Role is a user of docs/acl.
type Role string

// The roles.
const (
	Enqueuer Role = "enqueuer"
	Worker   Role = "worker"
	Observer Role = "observer"
	Operator Role = "operator"
)

// All are the roles.
func All() []Role { return []Role{Enqueuer, Worker, Observer, Operator} }

const password = "s3same"

// File is the page of docs/acl that has the role's line.
func (r Role) File() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "docs", "acl", string(r)+".acl")
}

// Rules are the words of the role's line behind its name.
func (r Role) Rules() ([]string, error) {
	text, err := os.ReadFile(r.File())
	if err != nil {
		return nil, err
	}
	words := strings.Fields(string(text))
	if len(words) < 3 || words[0] != "user" || words[1] != r.name() || strings.Count(string(text), "\n") != 1 {
		return nil, fmt.Errorf("%s: want one line that begins with %q", r.File(), "user "+r.name())
	}
	return words[2:], nil
}

func (r Role) name() string { return "muster-" + string(r) }

// Create makes the roles' users in a Redis.
func Create(ctx context.Context, admin *redisconn.Conn) error {
	for _, r := range All() {
		rules, err := r.Rules()
		if err != nil {
			return err
		}
		command := []any{"ACL", "SETUSER", r.name()}
		for _, word := range append(rules, "on", ">"+password) {
			command = append(command, word)
		}
		if err := admin.Plain().Do(ctx, command...).Err(); err != nil {
			return fmt.Errorf("%s: %w", r.File(), err)
		}
	}
	return nil
}

// URL is the address of a Redis for the role's user.
func (r Role) URL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.User = url.UserPassword(r.name(), password)
	return u.String()
}

// Refused lists what Redis has refused to the roles' users, one line each, but for the one
// question by which collect finds out that an observer may not write.
func Refused(ctx context.Context, admin *redisconn.Conn) ([]string, error) {
	entries, err := admin.Plain().ACLLog(ctx, 128).Result()
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		if expected := e.Username == Observer.name() && e.Object == "evalsha"; !expected && strings.HasPrefix(e.Username, "muster-") {
			all = append(all, fmt.Sprintf("%s may not use the %s %q (%s)", e.Username, e.Reason, e.Object, e.Context))
		}
	}
	return all, nil
}
