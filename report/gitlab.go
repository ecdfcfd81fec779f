package report

import (
	"io"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

var gitlabFormat = Format{Name: "gitlab", Doc: "for GitLab: a code quality report", Write: GitLab}

// gitlabIssue is an element of a code quality report. GitLab shows the description, and reads
// beside it what says which finding it is and where.
type gitlabIssue struct {
	Description string         `json:"description"`
	Check       string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
	Content     gitlabContent  `json:"content"`
}

type gitlabLocation struct {
	Path      string           `json:"path"`
	Lines     gitlabLines      `json:"lines"`
	Positions *gitlabPositions `json:"positions,omitempty"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

type gitlabPositions struct {
	Begin gitlabPosition `json:"begin"`
}

type gitlabPosition struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

type gitlabContent struct {
	Body string `json:"body"`
}

// GitLab writes a code quality report: a list of all that there is to look at. It returns
// the first error of w.
func GitLab(w io.Writer, r Report, o Options) error {
	j, seen := newJSONStream(w), fingerprints{}
	j.list()
	for _, e := range o.lists(r).listed() {
		j.element(gitlabOf(e, seen, o))
	}
	j.endList()
	j.raw("\n")
	return j.flush()
}

func gitlabOf(e *Entry, seen fingerprints, o Options) gitlabIssue {
	at := gitlabLocation{Path: valid(o.fileIn(e.file())), Lines: gitlabLines{max(e.Line, 1)}}
	if e.Column > 0 {
		at.Positions = &gitlabPositions{gitlabPosition{max(e.Line, 1), e.Column}}
	}
	body := e.sentence()
	if e.Path != "" {
		body = printable(e.Path) + ": " + body
	}
	return gitlabIssue{
		Description: strings.TrimSpace(e.named() + ": " + printable(e.Message)), Check: valid(e.Rule), Fingerprint: seen.of(e),
		Severity: gitlabSeverity(e.Finding), Location: at, Content: gitlabContent{body},
	}
}

// gitlabSeverity is one of GitLab's five: what could not be decided outranks what is wrong.
func gitlabSeverity(f verdict.Finding) string {
	switch f.Rule {
	case unitFailed.Code, unitMissing.Code, runIncomplete.Code:
		return "critical"
	}
	return [...]string{"major", "minor", "info"}[rank(f)]
}
