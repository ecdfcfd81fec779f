package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// Outputs writes what later steps of a workflow may ask for, as GitHub's runner reads it. The
// exit code is that of the command, and file where the report in JSON goes, "" for nowhere.
// docs/ci.md lists the names, which stay.
func Outputs(exitCode int, file string) Format {
	return Format{Name: "outputs", Write: func(w io.Writer, r Report, _ Options) error {
		s := r.Summary
		found := levelsOf(s)
		b := bufio.NewWriter(w)
		for _, o := range []struct{ name, value string }{
			{"findings", strconv.Itoa(found["error"] + found["warning"])},
			{"errors", strconv.Itoa(found["error"])},
			{"warnings", strconv.Itoa(found["warning"])},
			{"info", strconv.Itoa(found["info"])},
			{"ok", strconv.Itoa(s.OK)},
			{"err", strconv.Itoa(s.Expected - s.OK)},
			{"invalid", strconv.Itoa(s.Invalid)},
			{"failed", strconv.Itoa(s.Failed)},
			{"missing", strconv.Itoa(s.Missing)},
			{"expected", strconv.Itoa(s.Expected)},
			{"complete", strconv.FormatBool(s.Complete)},
			{"exit-code", strconv.Itoa(exitCode)},
			{"run-id", r.Run.ID},
			{"report", file},
		} {
			b.WriteString(output(o.name, o.value))
		}
		return b.Flush()
	}}
}

// levelsOf counts the findings that stand by what people call their severity.
func levelsOf(s policy.Summary) map[string]int {
	n := map[string]int{}
	count := func(fs []verdict.Finding) {
		for _, f := range fs {
			n[severityOf(f)]++
		}
	}
	count(s.Config)
	count(s.Remarks)
	for _, side := range [][]aggregator.Unit{s.Errs, s.OKs} {
		for _, u := range side {
			count(u.Findings)
		}
	}
	return n
}

// output is a value between two lines that do not stand in it.
func output(name, value string) string {
	digest := sha256.Sum256([]byte(value))
	end := "muster-" + hex.EncodeToString(digest[:8])
	return fmt.Sprintf("%s<<%s\n%s\n%s\n", name, end, value, end)
}
