// Package codeowners reads CODEOWNERS files as GitHub and as GitLab do, and says who owns a
// path. It knows no files: whoever has the text gives it.
package codeowners

// Dialect is whose rules a file is read by.
type Dialect string

// The dialects.
const (
	GitHub Dialect = "github"
	GitLab Dialect = "gitlab"
)

// MostBytes is how large a file may be. GitHub does not read a larger one.
const MostBytes = 3 << 20

// Rule is a line that says whose some paths are.
type Rule struct {
	// Section is that of GitLab which the rule stands in, in lower case; "" for the rules before
	// the first one, and for all of GitHub's.
	Section string   `json:"section,omitempty"`
	Pattern string   `json:"pattern"`          // as it is written, without the ! of an exclusion
	Owners  []string `json:"owners,omitempty"` // none: its paths are nobody's
	// Exclude takes the paths out of the section, whatever else stands in it.
	Exclude bool `json:"exclude,omitempty"`
	Line    int  `json:"line,omitempty"`
}

// Problem is a line, or a word of one, that is passed over.
type Problem struct {
	Line, Column  int // 1-based; columns count runes
	Message, Help string
}

// places are where a repository may have the file, in the order in which each platform looks.
var places = map[Dialect][]string{
	GitHub: {".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"},
	GitLab: {"CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"},
}

// Places are where a repository may have the file, in the order in which the platform looks.
// The first one that is there counts.
func Places(d Dialect) []string { return places[d] }
