package cli

import "regexp"

// What CI systems take for a command on any stream of a step: "##name[" wherever it stands,
// and "::" where a line begins, behind blanks too.
var (
	anywhere = regexp.MustCompile(`##([[:alpha:]]*\[)`)
	atStart  = regexp.MustCompile(`(\n[ \t]*):(:)`)
)

// notObeyed spells commands out in a message that begins with the program's name: a file that
// somebody else named may be spoken of.
func notObeyed(message string) string {
	return atStart.ReplaceAllString(anywhere.ReplaceAllString(message, `\x23#$1`), `$1\x3a$2`)
}
