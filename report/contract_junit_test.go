package report

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
)

var junitContract = contract{
	valid: validJUnit,
	ofRun: regexp.MustCompile(`(?m)^<properties>.*\n| time="[\d.]+"( timestamp="[^"]*")?|^    help: see the causes above.*\n`),
	reworded: listRewords(map[string]string{
		"Run.Superseded":         "a note says so",
		"Changed.Selection":      "a note says what is shown",
		"Changed.Verified":       "a note says what was not looked at",
		"Run.Finished":           "the time taken",
		"Summary.Complete":       "true or false",
		"Summary.Unlisted":       "a note says INCOMPLETE, of at least so many",
		"Summary.Counts.Invalid": "a note counts what is decided",
	}),
	leftOut: leaveOut(neverErrors, relatedPaths, map[string]string{
		"Unit.Digest":         "is no matter of a test",
		"Hidden.Old":          "those that are hidden for it say so",
		"Unit.Regions":        "findings have theirs",
		"Unit.Owner":          "owners follow from it",
		"Summary.OKs[].Cause": "an ok unit has none",
		"Summary.OKs[].Hidden[].Finding.Severity":              "it is skipped",
		"Summary.Errs[].Hidden[].Finding.Severity":             "it is skipped",
		"Summary.OKs[].Hidden[].Finding.Related[].Place.Path":  "the line says where",
		"Summary.Errs[].Hidden[].Finding.Related[].Place.Path": "the line says where",
	}),
}

type junitSuite struct {
	Name     string `xml:"name,attr"`
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"`
	Cases    []struct {
		Class   string    `xml:"classname,attr"`
		Name    string    `xml:"name,attr"`
		Line    *int      `xml:"line,attr"`
		Time    string    `xml:"time,attr"`
		Failure *struct{} `xml:"failure"`
		Error   *struct{} `xml:"error"`
		Skipped *struct{} `xml:"skipped"`
	} `xml:"testcase"`
}

// validJUnit: suites whose counts are right, with times, and cases that no reader drops: no two
// have the same class and name.
func validJUnit(out []byte, _ Options) error {
	if err := validXML(out); err != nil {
		return err
	}
	var all struct {
		XMLName xml.Name `xml:"testsuites"`
		junitSuite
		Suites []junitSuite `xml:"testsuite"`
	}
	if err := xml.Unmarshal(out, &all); err != nil {
		return err
	}
	var total junitCounts
	seen := map[[2]string]bool{}
	for _, s := range all.Suites {
		var n junitCounts
		for _, c := range s.Cases {
			n.tests++
			outcomes := 0
			for _, o := range []struct {
				there bool
				count *int
			}{{c.Failure != nil, &n.failures}, {c.Error != nil, &n.errors}, {c.Skipped != nil, &n.skipped}} {
				if o.there {
					*o.count++
					outcomes++
				}
			}
			key := [2]string{c.Class, c.Name}
			_, err := strconv.ParseFloat(c.Time, 64)
			if outcomes > 1 || c.Name == "" || seen[key] || err != nil || c.Line != nil && *c.Line < 1 {
				return fmt.Errorf("the case %+v has several outcomes, no name, another's name, or a bad number", c)
			}
			seen[key] = true
		}
		if declared := (junitCounts{s.Tests, s.Failures, s.Errors, s.Skipped}); declared != n {
			return fmt.Errorf("the suite %s says %+v and has %+v", s.Name, declared, n)
		}
		if _, err := strconv.ParseFloat(s.Time, 64); err != nil {
			return err
		}
		total.tests, total.failures, total.errors, total.skipped = total.tests+n.tests, total.failures+n.failures, total.errors+n.errors, total.skipped+n.skipped
	}
	if declared := (junitCounts{all.Tests, all.Failures, all.Errors, all.Skipped}); declared != total || len(all.Suites) == 0 {
		return fmt.Errorf("the %d suites together say %+v and have %+v", len(all.Suites), declared, total)
	}
	return nil
}
