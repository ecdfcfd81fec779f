package report

import (
	"bytes"
	"testing"
)

// goldenCI are the cases whose logs and pages are kept.
var goldenCI = map[string]Options{"all-kinds": {Verbose: true, Folder: "deploy/fleet"}, "hostile": {}, "config": {}, "many-missing": {}}

func init() {
	for name := range goldenCI {
		for _, ending := range goldenEndings {
			goldenElsewhere[name+ending] = true
		}
	}
}

var goldenEndings = map[string]string{"github": ".github.txt", "azure": ".azure.txt", "markdown": ".md"}

// TestGoldenCI compares what CI systems are shown with testdata.
func TestGoldenCI(t *testing.T) {
	t.Parallel()
	for _, c := range cases() {
		o, kept := goldenCI[c.name]
		if !kept {
			continue
		}
		for name, ending := range goldenEndings {
			f, _ := FormatNamed(name)
			var b bytes.Buffer
			if err := f.Write(&b, c.report, o); err != nil {
				t.Fatal(err)
			}
			golden(t, c.name+ending, b.Bytes())
		}
	}
}
