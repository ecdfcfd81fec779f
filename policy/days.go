package policy

import (
	"strings"
	"time"
)

// dayForm is how days are written.
const dayForm = "2006-01-02"

// IsDay says whether a text is a day as policies have them, such as 2026-12-31.
func IsDay(text string) bool {
	_, err := time.ParseInLocation(dayForm, text, time.UTC)
	return err == nil
}

// Day is a time's day, the same all over the world.
func Day(t time.Time) string { return t.UTC().Format(dayForm) }

// isOver says whether a day has passed. Nothing has where today is not known.
func isOver(until, today string) bool {
	return until != "" && today != "" && strings.Compare(until, today) < 0
}

// daysFrom is the day so many days after another, "" where that is not known.
func daysFrom(today string, days int) string {
	t, err := time.ParseInLocation(dayForm, today, time.UTC)
	if err != nil {
		return ""
	}
	return Day(t.AddDate(0, 0, days))
}
