package foreign

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	// maxSchedule is more than a schedule that lists every value of every field.
	maxSchedule = 1000
	// maxDigits keeps numbers within an int of any machine.
	maxDigits = 9
)

// leapYear begins a year that has every day which some year has.
var leapYear = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// fiveFields is the syntax of Kubernetes' cron jobs, and the parser is Kubernetes' own.
var fiveFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// ErrNever is said of a schedule whose days do not exist, such as the 31st of February.
var ErrNever = errors.New("none of its months has such a day")

var errTimeZone = errors.New("a time zone (TZ= or CRON_TZ=) is not part of a schedule for Kubernetes")

// Schedule says what is wrong with the schedule of a cron job: minute, hour, day, month and
// weekday, or a name such as @daily. Kubernetes refuses whatever names a time zone; the parser
// would look for it in the machine's database.
func Schedule(text string) error {
	if err := atMost(text, maxSchedule); err != nil {
		return err
	}
	if strings.Contains(text, "TZ") {
		return errTimeZone
	}
	if n := longestNumber(text); n > maxDigits && !strings.HasPrefix(text, "@") {
		return fmt.Errorf("it has a number of %d digits", n)
	}
	err := guard(func() error {
		schedule, err := fiveFields.Parse(text)
		if err == nil && schedule.Next(leapYear).IsZero() {
			return ErrNever
		}
		return err
	})
	switch {
	case errors.Is(err, ErrNever):
		return ErrNever
	case err != nil:
		return errors.New(brief(err))
	}
	return nil
}

// longestNumber is the length of the longest run of digits.
func longestNumber(text string) int {
	longest, run := 0, 0
	for i := range len(text) {
		run++
		if c := text[i]; c < '0' || c > '9' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
