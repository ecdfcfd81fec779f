package redisconn

import (
	"errors"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/redis/go-redis/v9"
)

// textOf is an error's text in one line and without secrets. What the system says of a
// connection holds none and stays as it is; what a server has replied may repeat them.
func textOf(err error, secrets []string) string {
	reply, network := (redis.Error)(nil), (net.Error)(nil)
	if !errors.As(err, &reply) && errors.As(err, &network) {
		return oneLine(err.Error())
	}
	return redact(err.Error(), secrets)
}

func oneLine(text string) string { return strings.ReplaceAll(text, "\n", "; ") }

// echo is where a server repeats what it was sent, cut off somewhere: a part of a password
// cannot be recognised.
var echo = regexp.MustCompile(`(?s)(with args beginning with:).*`)

// redact removes secrets from the text of another package or of a server, where they stand
// as words of their own: a password that is a letter takes no letter out of a word.
func redact(message string, secrets []string) string {
	message = echo.ReplaceAllString(message, "$1 ***")
	for _, form := range forms(secrets) {
		message = replaceWord(message, form)
	}
	return oneLine(message)
}

// forms are the secrets as they may be written, those first that hold others.
func forms(secrets []string) (all []string) {
	for _, s := range secrets {
		if s == "" {
			continue
		}
		quoted := strconv.Quote(s)
		for _, form := range []string{s, quoted[1 : len(quoted)-1], url.QueryEscape(s), url.PathEscape(s), url.UserPassword("", s).String()[1:]} {
			if !slices.Contains(all, form) {
				all = append(all, form)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// replaceWord replaces a text where it is not a part of a longer word.
func replaceWord(message, word string) string {
	var b strings.Builder
	for {
		i := strings.Index(message, word)
		if i < 0 {
			b.WriteString(message)
			return b.String()
		}
		before, after := message[:i], message[i+len(word):]
		b.WriteString(before)
		if startsInWord(b.String(), word) || endsInWord(word, after) {
			b.WriteString(word)
		} else {
			b.WriteString("***")
		}
		message = after
	}
}

func startsInWord(before, word string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(word)
	return isWord(last) && isWord(first)
}

func endsInWord(word, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(word)
	first, _ := utf8.DecodeRuneInString(after)
	return isWord(last) && isWord(first)
}

func isWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}
