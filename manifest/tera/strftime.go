package tera

import (
	"fmt"
	"strings"
	"time"
)

// formatDate prints a timestamp in seconds, a date or a date with a time in the
// format given, by default as a date.
func formatDate(f *invocation) (any, *Error) {
	format, err := f.textArg("format", "%F")
	if err != nil {
		return nil, err
	}
	var t time.Time
	zoned := false
	switch v := f.in.(type) {
	case int64:
		const farthest = 8_000_000_000_000 // seconds, in both directions: what Tera can print
		if v < -farthest || v > farthest {
			return nil, f.errorf("cannot print the timestamp %d", v)
		}
		t = time.Unix(v, 0).UTC()
	case string:
		var ok bool
		if t, zoned, ok = parseDate(v); !ok {
			return nil, f.errorf("needs a date as YYYY-MM-DD or in RFC 3339, got %s", quote(v))
		}
	default:
		return nil, f.errorf("needs a timestamp or a date, got %s", shown(f.in))
	}
	text, bad := strftime(t, format, zoned)
	if bad != "" {
		return nil, f.errorf("cannot use %s in its format", quote(bad))
	}
	return text, nil
}

// parseDate reads a date (which is then in UTC), a time with a zone or one
// without.
func parseDate(s string) (t time.Time, zoned, ok bool) {
	if !strings.Contains(s, "T") {
		t, err := time.ParseInLocation("2006-1-2", s, time.UTC)
		return t, true, err == nil
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04:05Z07:00", s, time.UTC); err == nil {
		return t, true, true
	}
	t, err := time.ParseInLocation("2006-01-02T15:04:05", s, time.UTC)
	return t, false, err == nil
}

// numeric are the verbs that print a number of some width, with their padding.
var numeric = map[byte]struct {
	width int
	pad   byte
	value func(time.Time) int
}{
	'Y': {4, '0', time.Time.Year},
	'C': {2, '0', func(t time.Time) int { return t.Year() / 100 }},
	'y': {2, '0', func(t time.Time) int { return t.Year() % 100 }},
	'm': {2, '0', func(t time.Time) int { return int(t.Month()) }},
	'd': {2, '0', time.Time.Day},
	'e': {2, ' ', time.Time.Day},
	'w': {1, '0', func(t time.Time) int { return int(t.Weekday()) }},
	'u': {1, '0', func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }},
	'U': {2, '0', func(t time.Time) int { return (t.YearDay() + 6 - int(t.Weekday())) / 7 }},
	'W': {2, '0', func(t time.Time) int { return (t.YearDay() + 6 - (int(t.Weekday())+6)%7) / 7 }},
	'G': {4, '0', func(t time.Time) int { y, _ := t.ISOWeek(); return y }},
	'g': {2, '0', func(t time.Time) int { y, _ := t.ISOWeek(); return y % 100 }},
	'V': {2, '0', func(t time.Time) int { _, w := t.ISOWeek(); return w }},
	'j': {3, '0', time.Time.YearDay},
	'H': {2, '0', time.Time.Hour},
	'k': {2, ' ', time.Time.Hour},
	'I': {2, '0', hour12},
	'l': {2, ' ', hour12},
	'M': {2, '0', time.Time.Minute},
	'S': {2, '0', time.Time.Second},
	'f': {9, '0', time.Time.Nanosecond},
	's': {1, '0', func(t time.Time) int { return int(t.Unix()) }},
}

func hour12(t time.Time) int { return (t.Hour()+11)%12 + 1 }

// worded are the verbs that print words or fixed texts, as layouts of package
// time.
var worded = map[byte]string{
	'b': "Jan", 'B': "January", 'h': "Jan", 'a': "Mon", 'A': "Monday", 'P': "pm", 'p': "PM",
	'v': "_2-Jan-2006", 'D': "01/02/06", 'x': "01/02/06", 'F': "2006-01-02", 'R': "15:04", 'T': "15:04:05",
	'X': "15:04:05", 'r': "03:04:05 PM", 'c': "Mon Jan _2 15:04:05 2006", 't': "\t", 'n': "\n",
}

// zones are the verbs that need a zone.
var zones = map[string]string{"z": "-0700", ":z": "-07:00", "#z": "-07", "Z": "-07:00", "+": "2006-01-02T15:04:05-07:00"}

// strftime prints t as the verbs of format say, and returns the first that it
// does not know, or that needs a zone where there is none.
func strftime(t time.Time, format string, zoned bool) (text, bad string) {
	var b strings.Builder
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			b.WriteString(format)
			return b.String(), ""
		}
		b.WriteString(format[:i])
		verb, rest := cutVerb(format[i+1:])
		printed, ok := printVerb(t, verb, zoned)
		if !ok {
			return "", "%" + verb
		}
		b.WriteString(printed)
		format = rest
	}
}

// cutVerb splits off a verb with its modifiers.
func cutVerb(s string) (verb, rest string) {
	end := 0
	for end < len(s) && strings.IndexByte("-_0:#.369", s[end]) >= 0 {
		end++
	}
	end = min(end+1, len(s))
	return s[:end], s[end:]
}

func printVerb(t time.Time, verb string, zoned bool) (string, bool) {
	if verb == "%" {
		return "%", true
	}
	if layout, ok := zones[verb]; ok {
		return t.Format(layout), zoned
	}
	if verb == "" {
		return "", false
	}
	last, modifier := verb[len(verb)-1], verb[:len(verb)-1]
	if layout, ok := worded[last]; ok && modifier == "" {
		return t.Format(layout), true
	}
	if last == 'f' && modifier != "" {
		return fraction(t, modifier)
	}
	n, ok := numeric[last]
	if !ok {
		return "", false
	}
	return pad(n.value(t), n.width, n.pad, modifier)
}

// pad prints a number; a modifier replaces its padding by none, spaces or zeros.
func pad(n, width int, with byte, modifier string) (string, bool) {
	switch modifier {
	case "":
	case "-":
		width = 0
	case "_":
		with = ' '
	case "0":
		with = '0'
	default:
		return "", false
	}
	if with == ' ' {
		return fmt.Sprintf("%*d", width, n), true
	}
	return fmt.Sprintf("%0*d", width, n), true
}

// fraction prints the part below a second: as long as it is, or 3, 6 or 9
// digits, with or without a point.
func fraction(t time.Time, modifier string) (string, bool) {
	digits := fmt.Sprintf("%09d", t.Nanosecond())
	switch strings.TrimPrefix(modifier, ".") {
	case "3", "6", "9":
		digits = digits[:modifier[len(modifier)-1]-'0']
	case "":
		if t.Nanosecond() == 0 {
			return "", true
		}
		for _, n := range []int{3, 6} {
			if strings.Trim(digits[n:], "0") == "" {
				digits = digits[:n]
				break
			}
		}
	default:
		return "", false
	}
	if modifier[0] == '.' {
		digits = "." + digits
	}
	return digits, true
}
