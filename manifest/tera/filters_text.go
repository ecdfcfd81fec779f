package tera

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// secretPrefix marks a rendered value as a secret, for the caller.
const secretPrefix = "SHIPCAT_SECRET::"

func asSecret(f *invocation) (any, *Error) {
	s, err := f.text()
	if err != nil {
		return nil, err
	}
	return secretPrefix + s, nil
}

func upper(s string) string { return strings.ToUpper(s) }

func lower(s string) string { return strings.ToLower(s) }

func trim(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }

func capitalize(s string) string {
	for i, c := range s {
		return string(unicode.ToUpper(c)) + lower(s[i+len(string(c)):])
	}
	return ""
}

// title starts every word with a capital; a word is letters, marks, digits and
// connecting punctuation.
func title(s string) string {
	var b strings.Builder
	inside := false
	for _, c := range s {
		word := unicode.In(c, unicode.L, unicode.M, unicode.Nd, unicode.Pc)
		switch {
		case word && inside:
			c = unicode.ToLower(c)
		case word:
			c = unicode.ToUpper(c)
		}
		inside = word
		b.WriteRune(c)
	}
	return b.String()
}

var slashes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `'`, `\'`)

func addSlashes(s string) string { return slashes.Replace(s) }

var htmlMarks = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;", "/", "&#x2F;", "`", "&#96;")

func escapeHTML(s string) string { return htmlMarks.Replace(s) }

var htmlTag = regexp.MustCompile(`<!--.*?-->|<[^>]*>`)

func stripTags(s string) string { return htmlTag.ReplaceAllString(s, "") }

// slugify keeps ASCII letters and digits in lower case and puts one dash for
// everything between them. Tera writes other scripts in ASCII; here they count
// as between.
func slugify(s string) string {
	words := strings.FieldsFunc(lower(s), func(c rune) bool {
		return c > unicode.MaxASCII || !isIdent(byte(c)) || c == '_'
	})
	return strings.Join(words, "-")
}

func countWords(f *invocation) (any, *Error) {
	s, err := f.text()
	if err != nil {
		return nil, err
	}
	return int64(len(strings.Fields(s))), nil
}

// truncate cuts after length characters and adds end; a character is a rune with
// the marks that follow it.
func truncate(f *invocation) (any, *Error) {
	s, err := f.text()
	if err != nil {
		return nil, err
	}
	left, err := f.intArg("length", 255, 0, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	end, err := f.textArg("end", "…")
	if err != nil {
		return nil, err
	}
	for i, c := range s {
		if unicode.In(c, unicode.M) && i > 0 {
			continue
		}
		if left == 0 {
			return s[:i] + end, nil
		}
		left--
	}
	return s, nil
}

func replaceText(f *invocation) (any, *Error) {
	s, err := f.text()
	if err != nil {
		return nil, err
	}
	from, err := f.neededText("from")
	if err != nil {
		return nil, err
	}
	to, err := f.neededText("to")
	if err != nil {
		return nil, err
	}
	more := strings.Count(s, from) * max(0, len(to)-len(from))
	if err := f.r.grow(f.call.pos, len(s)+more); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(s, from, to), nil
}

// splitText cuts at every pat; an empty one also stands at both ends.
func splitText(f *invocation) (any, *Error) {
	s, err := f.text()
	if err != nil {
		return nil, err
	}
	pat, err := f.neededText("pat")
	if err != nil {
		return nil, err
	}
	const part = 32 // bytes that hold one
	if err := f.r.step(f.call.pos, strings.Count(s, pat)*part); err != nil {
		return nil, err
	}
	parts := strings.Split(s, pat)
	if pat == "" {
		parts = append(append([]string{""}, parts...), "")
	}
	list := make([]any, len(parts))
	for i, part := range parts {
		list[i] = part
	}
	return list, nil
}

// encodeURL writes all but letters, digits, "-", ".", "_" and the bytes of safe
// in hexadecimal.
func encodeURL(f *invocation) (any, *Error) {
	s, err := f.text()
	if err != nil {
		return nil, err
	}
	safe, err := f.textArg("safe", "/")
	if err != nil {
		return nil, err
	}
	var keep [256]bool
	for i := range len(safe) {
		keep[safe[i]] = true
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if isIdent(c) || c == '-' || c == '.' || keep[c] && c < 0x80 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String(), nil
}

// indentLines puts spaces before every line that is not empty.
func indentLines(f *invocation) (any, *Error) {
	s, err := f.text()
	if err != nil {
		return nil, err
	}
	spaces, ok := f.args["spaces"].(int64)
	if !ok || spaces < 0 {
		spaces = 2
	}
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	spaces = min(spaces, int64(f.r.t.opts.MaxOutput)+1)
	if err := f.r.grow(f.call.pos, len(s)+len(lines)*int(spaces)); err != nil {
		return nil, err
	}
	margin := strings.Repeat(" ", int(spaces))
	for i, line := range lines {
		if lines[i] = strings.TrimSuffix(line, "\r"); lines[i] != "" {
			lines[i] = margin + lines[i]
		}
	}
	return strings.Join(lines, "\n"), nil
}

// decimals prints a number with two decimals, or none where they would be zero.
func decimals(n float64) string {
	if n == math.Trunc(n) {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return strconv.FormatFloat(n, 'f', 2, 64)
}
