package id

import (
	"regexp"
	"slices"
	"strings"
)

// A unit may be given to a command, which not every worker offers. The name of the command is
// part of the name of a check, and of the lane of a queue in which such a unit waits.
const (
	commandPrefix = "command/"
	laneSeparator = "+"
)

// commandForm is what commands are called: nothing in it separates.
var commandForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// IsCommand says whether a text can name a command.
func IsCommand(name string) bool { return commandForm.MatchString(name) }

// CommandCheck is the check that runs a command.
func CommandCheck(command string) string { return commandPrefix + command }

// CommandOf is the command that a check runs; ok is false for a check that runs none.
func CommandOf(check string) (command string, ok bool) {
	return strings.CutPrefix(check, commandPrefix)
}

// Needs are the commands that checks run, sorted.
func Needs(checks []string) (commands []string) {
	for _, c := range checks {
		if name, ok := CommandOf(c); ok {
			commands = append(commands, name)
		}
	}
	slices.Sort(commands)
	return slices.Compact(commands)
}

// Lane is the queue in which tasks wait that need the commands given, sorted: the queue itself
// where they need none. No worker takes a task from a lane that does not offer all of them.
func Lane(queue string, needs []string) string {
	return strings.Join(append([]string{queue}, needs...), laneSeparator)
}

// ParseLane is the queue of a lane, and the commands that its tasks need.
func ParseLane(lane string) (queue string, needs []string) {
	parts := strings.Split(lane, laneSeparator)
	return parts[0], parts[1:]
}

// IsLane says whether a queue is one of those in which tasks wait that need a command.
func IsLane(queue string) bool { return strings.Contains(queue, laneSeparator) }
