package commands

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/sink"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
)

// ciName is what --ci takes.
type ciName string

const (
	ciAuto ciName = "auto" // by the variables that a CI system sets
	ciOff  ciName = "off"
)

// platform is a CI system that shows reports in a way of its own.
type platform struct {
	name  ciName
	title string
	env   string // the variable that it sets, and nobody else
	root  string // the variable that names the folder of the checkout
	// stdout is the format that takes the place of text on stdout; "" for text.
	stdout string
	files  []addition
}

// addition is a format that a platform reads from a file. What a variable names is written
// behind what is there.
type addition struct{ format, file, variable string }

// The files that a platform reads; docs/ci.md names them.
const (
	codeQualityFile = "gl-code-quality-report.json"
	junitFile       = "muster-junit.xml"
	azureJunitFile  = "TEST-muster.xml" // which PublishTestResults finds by itself
	annotationFile  = "muster-annotation.md"

	summaryVariable = "GITHUB_STEP_SUMMARY"
	outputsVariable = "GITHUB_OUTPUT"
)

var platforms = []platform{
	{"github", "GitHub Actions", "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "github", []addition{
		{format: "summary", variable: summaryVariable}, {format: "outputs", variable: outputsVariable}}},
	{"gitlab", "GitLab CI", "GITLAB_CI", "CI_PROJECT_DIR", "", []addition{
		{format: "gitlab", file: codeQualityFile}, {format: "junit", file: junitFile}}},
	{"buildkite", "Buildkite", "BUILDKITE", "BUILDKITE_BUILD_CHECKOUT_PATH", "", []addition{
		{format: "markdown", file: annotationFile}}},
	{"azure", "Azure Pipelines", "TF_BUILD", "BUILD_SOURCESDIRECTORY", "azure", []addition{
		{format: "junit", file: azureJunitFile}}},
}

// ciNames are what --ci takes.
func ciNames() []ciName {
	names := []ciName{ciAuto}
	for _, p := range platforms {
		names = append(names, p.name)
	}
	return append(names, ciOff)
}

// recognized is the platform that a process runs on; the zero value where it is none.
func recognized(name ciName, env environment) platform {
	for _, p := range platforms {
		if p.name == name || name == ciAuto && env.isOn(p.env) {
			return p
		}
	}
	return platform{}
}

// isCI says whether nobody sits in front of a process.
func isCI(name ciName, env environment) bool {
	if name == ciOff {
		return false
	}
	if recognized(name, env).name != "" {
		return true
	}
	for _, variable := range []string{"CI", "JENKINS_URL", "TEAMCITY_VERSION"} {
		if env.isOn(variable) {
			return true
		}
	}
	return false
}

// withPlatform are the destinations that were asked for, with those of the platform that
// none of these takes the place of.
func (f *outputFlags) withPlatform(asked []destination, exitCode int) []destination {
	p := recognized(f.ci, f.env)
	all := slices.Clone(asked)
	if format, ok := report.FormatNamed(p.stdout); ok {
		switch instead := (destination{format: format, file: sink.Stdout, added: true}); {
		case !f.isGiven():
			all = []destination{instead}
		case !hasStdout(asked):
			all = append(all, instead)
		}
	}
	for _, a := range p.files {
		if d, ok := f.addition(a, asked, exitCode); ok && !isTaken(d, all) {
			all = append(all, d)
		}
	}
	return all
}

// isGiven says whether the default format is none of those asked for.
func (f *outputFlags) isGiven() bool { return f.formatFlag != nil && f.formatFlag.Changed }

func hasStdout(all []destination) bool {
	for _, d := range all {
		if t, err := sink.Find(d.file); err == nil && t.IsStdout() {
			return true
		}
	}
	return false
}

// isTaken says whether what was asked for goes to the same place.
func isTaken(d destination, asked []destination) bool {
	target, err := sink.Find(d.file)
	if err != nil {
		return false // which is told when it is tried
	}
	for _, other := range asked {
		if t, err := sink.Find(other.file); err == nil && t.Same(target) {
			return true
		}
	}
	return false
}

// addition is where a platform's format goes, if the platform says so and the format is there.
func (f *outputFlags) addition(a addition, asked []destination, exitCode int) (destination, bool) {
	switch a.variable {
	case summaryVariable:
		file := f.env(a.variable)
		return destination{report.StepSummary(sizeOf(file)), file, true, true}, file != ""
	case outputsVariable:
		file := f.env(a.variable)
		return destination{report.Outputs(exitCode, fileOf("json", asked)), file, true, true}, file != ""
	}
	format, ok := report.FormatNamed(a.format)
	return destination{format: format, file: a.file, added: true}, ok
}

// fileOf is the file that a format goes to, "" for none.
func fileOf(format string, all []destination) string {
	for _, d := range all {
		if d.format.Name == format && d.file != sink.Stdout {
			return d.file
		}
	}
	return ""
}

// sizeOf is how large a file is; 0 where it is not there.
func sizeOf(file string) int {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return int(info.Size())
}

// addedBy says in a line what a platform has added, "" if that is nothing.
func (f *outputFlags) addedBy(all []destination) string {
	var names []string
	for _, d := range all {
		switch {
		case !d.added:
		case d.file == sink.Stdout:
			names = append(names, d.format.Name+" on stdout")
		case d.appended:
			names = append(names, map[string]string{"summary": "the step's summary", "outputs": "the step's outputs"}[d.format.Name])
		default:
			names = append(names, d.String())
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "for " + recognized(f.ci, f.env).title + ": " + strings.Join(names, ", ") + " (--ci off leaves that out)"
}

// undecided is what a run does when verdicts stay away, and after how long. In CI nobody sees
// that it waits: it ends then, unless it was told otherwise.
func (f *outputFlags) undecided(cmd *cobra.Command, p cli.Program, told run.OnUndecided) (run.OnUndecided, time.Duration) {
	if cmd.Flags().Changed(onUndecidedFlag) || !isCI(f.ci, f.env) {
		return told, 0
	}
	return run.Fail, p.Patience()
}

// onUndecidedFlag and its help are those of run and of collect.
const (
	onUndecidedFlag = "on-undecided"
	onUndecidedHelp = "what to `DO` when no worker is alive, Redis does not answer, or the time is over; in CI, unless told, fail after two minutes"
)

// folderOf is where the folder that was verified lies in the checkout of a platform, "" where it
// is all of it or elsewhere.
func folderOf(root string, c *report.Checkout) string {
	if root == "" || c == nil {
		return ""
	}
	from, errFrom := filepath.EvalSymlinks(root)
	to, errTo := filepath.EvalSymlinks(c.Folder)
	if errFrom != nil || errTo != nil {
		return ""
	}
	rel, err := filepath.Rel(from, to)
	if err != nil || rel == "." || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}
