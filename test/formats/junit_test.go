package formats

import (
	"bytes"
	"encoding/xml"
	"testing"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// TestJUnitIsRead by the types of go-junit-report, which find in it what the report says of itself.
func TestJUnitIsRead(t *testing.T) {
	each(t, "junit", func(t *testing.T, report []byte) {
		var all junit.Testsuites
		if err := xml.Unmarshal(report, &all); err != nil {
			t.Fatal(err)
		}
		var again junit.Testsuites
		for _, suite := range all.Suites {
			cases := suite.Testcases
			suite.Testcases, suite.Tests, suite.Failures, suite.Errors, suite.Skipped = nil, 0, 0, 0, 0
			for _, c := range cases {
				if c.Name == "" || c.Classname == "" || c.Time == "" {
					t.Errorf("a case without a name, a class or a time: %+v", c)
				}
				suite.AddTestcase(c) // counts it
			}
			again.AddSuite(suite)
		}
		if again.Tests != all.Tests || again.Failures != all.Failures || again.Errors != all.Errors || again.Skipped != all.Skipped || all.Tests == 0 {
			t.Errorf("it says %d tests, %d failures, %d errors, %d skipped; read are %d, %d, %d, %d", all.Tests, all.Failures, all.Errors, all.Skipped,
				again.Tests, again.Failures, again.Errors, again.Skipped)
		}
		var b bytes.Buffer
		if err := all.WriteXML(&b); err != nil || b.Len() == 0 {
			t.Errorf("it cannot be written again: %v", err)
		}
	})
}
