// Package acl reads the errors with which Redis tells a user that its access list does not
// allow something, and says what to do.
package acl

import (
	"errors"
	"regexp"
	"strings"

	"github.com/redis/go-redis/v9"
)

// DeniedError says what the Redis user may not do. Its text names neither the user nor a
// key, as Redis's own text may; Unwrap gives that.
type DeniedError struct {
	// What is the command in capitals, such as "EVALSHA" or "CONFIG GET", or "" if Redis
	// does not name it: what is denied is then a key, or a command of a script.
	What  string
	text  string
	cause error
}

func (e *DeniedError) Error() string { return "the Redis user may not " + e.text + ": see docs/acl" }

func (e *DeniedError) Unwrap() error { return e.cause }

// RedisError makes it an error that Redis replied, as its cause is.
func (*DeniedError) RedisError() {}

// The forms of the text: "this user has no permissions to run the 'time' command" (Redis
// 6 and 7.0), "User x has no permissions to run the 'time' command" (7.2), the same in a
// script (7.2), and a script's without the command (7.0).
var (
	command    = regexp.MustCompile(`(?i)no permissions to run the '([a-z|._-]+)' (?:sub)?command`)
	inScript   = regexp.MustCompile(`(?i)^ERR (?:The user executing the script can't|ACL failure in script)|script: [0-9a-f]{40}`)
	deniedText = regexp.MustCompile(`(?i)^NOPERM |^ERR (?:The user executing the script can't|ACL failure in script)|-NOPERM `)
	ofKey      = regexp.MustCompile(`(?i)\b(?:keys?|channels?)\b`)
)

// Denied reads an error of Redis. It returns nil for one that is about something else.
func Denied(err error) *DeniedError {
	if err == nil || err == redis.Nil {
		return nil // as almost always
	}
	if d := (*DeniedError)(nil); errors.As(err, &d) {
		return d
	}
	reply := (redis.Error)(nil)
	if !errors.As(err, &reply) || !deniedText.MatchString(reply.Error()) {
		return nil
	}
	d := &DeniedError{cause: err}
	script := ""
	if inScript.MatchString(reply.Error()) {
		script = " of a script"
	}
	m := command.FindStringSubmatch(reply.Error())
	switch {
	case m != nil:
		d.What = strings.ToUpper(strings.ReplaceAll(m[1], "|", " "))
		d.text = "run " + d.What
		if script != "" {
			d.text += " in a script"
		}
	case ofKey.MatchString(reply.Error()):
		d.text = "use one of the keys" + script
	default:
		d.text = "run a command" + script
	}
	return d
}
