package report

import (
	"fmt"
	"strconv"
	"time"
)

// grouped is n with its thousands set apart.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// many is a number of things, whose name takes an s in the plural.
func many(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouped(n) + " " + thing + "s"
}

// elapsed is d as precisely as a reader can use it.
func elapsed(d time.Duration) string {
	switch {
	case d < 999500*time.Microsecond:
		return d.Round(time.Millisecond).Truncate(time.Millisecond).String()
	case d < 59950*time.Millisecond:
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}
