package foreign

import (
	"strings"
	"testing"
)

// TestSchedule: what Kubernetes takes passes, on every machine, and nothing breaks the parser.
func TestSchedule(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"0 4 * * *", ""},
		{"*/5 0-6,12 ? JAN-mar sun", ""},
		{"@daily", ""},
		{"@every 1h30m", ""},
		{"@every 100000000000ns", ""},
		{"\t0 4  * * *\n", ""},
		{"", "empty spec string"},
		{"TZ=UTC", errTimeZone.Error()},
		{"CRON_TZ=", errTimeZone.Error()},
		{"TZ=UTC 0 4 * * *", errTimeZone.Error()},
		{"TZ=No/Where 0 4 * * *", errTimeZone.Error()},
		{"CRON_TZ=Europe/Paris 1 0 * * *", errTimeZone.Error()},
		{"CRON_TZ=Local @daily", errTimeZone.Error()},
		{"TZ=../../etc/passwd 0 4 * * *", errTimeZone.Error()},
		{"tz=UTC 0 4 * * *", "expected exactly 5 fields, found 6: [tz=UTC 0 4 * * *]"},
		{"0 4 * *", "expected exactly 5 fields, found 4: [0 4 * *]"},
		{"*/4294967296 * * * *", "it has a number of 10 digits"}, // beyond the int of some machines
		{"0 0 31 2 *", ErrNever.Error()},
		{"0 0 30,31 FEB ?", ErrNever.Error()},
		{"*/5 * 31 4,6,9,11 *", ErrNever.Error()},
		{"0 0 29 2 *", ""},
		{"0 0 31 2,3 *", ""},
		{"0 0 31 2 MON", ""}, // each Monday of February, too
		{"59 23 31 12 *", ""},
		{"0 0 1 1 *", ""},
		{"@every 1 fortnight", "failed to parse duration @every 1 fortnight: time: unknown unit \" fortnight\" in duration \"1 fortnight\""},
		{strings.Repeat("1,", 600) + " * * * *", "it is 1208 bytes long; expected at most 1000"},
		{strings.Repeat("x ", 400), "expected exactly 5 fields, found 400: [" + strings.Repeat("x ", 80) + "x…"},
	}
	for _, tt := range tests {
		got := ""
		if err := Schedule(tt.text); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%.40q: got %q; expected %q", tt.text, got, tt.want)
		}
	}
}

// FuzzSchedule: an answer to any text, the same twice, soon and not too long.
func FuzzSchedule(f *testing.F) {
	for _, text := range []string{
		"0 4 * * *", "*/5 0-6,12 ? JAN-mar sun", "@daily", "@every 1h", "@every", "@", "TZ=UTC", "CRON_TZ=", "TZ= * * * * *", "TZ=Europe/Paris 1 0 * * *",
		"*/0 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", ",,, * * * *", "*-5 * * * *", "60 * * * *", "-1 * * * *", "5-1 * * * *", "0 0 31 2 *", "\xff * * * *",
		"*/99999999999999999999 * * * *", "@every -1h", "@every 9999999h", "\u00a00 4 * * *", "0 4 * * 7", "* * * * MON-FRI#2",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		answered(t, text, func() error { return Schedule(text) })
	})
}
