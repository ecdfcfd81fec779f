// Package output reads what programs print about files: findings in the formats of linters.
//
//	Spec.Check   says what is wrong with a spec, for who defines a command
//	Scrub        takes the path of a job's folder out of what its program has printed
//	Spec.Read    reads findings
//	Resolve      says which file of the job a finding's is
//
// What is read may be anything: it is bounded, text comes out of it as valid UTF-8 without control
// characters, and the same bytes give the same findings.
package output

// Format is how a program writes what it finds.
type Format string

// The formats.
const (
	SARIF       Format = "sarif"       // 2.1.0; the place is that of a result's first location
	RDJSON      Format = "rdjson"      // of reviewdog
	RDJSONL     Format = "rdjsonl"     // the same, a diagnostic a line
	Checkstyle  Format = "checkstyle"  // XML
	Regex       Format = "regex"       // one finding for each line that an expression with named groups matches
	Errorformat Format = "errorformat" // of Vim
	NDJSON      Format = "ndjson"      // a JSON object a line: file, line, column, severity, rule, message, help
	ExitOnly    Format = "exit"        // one finding for a program that says "findings" by its exit code
)

// Formats are all formats, sorted.
func Formats() []Format {
	return []Format{Checkstyle, Errorformat, ExitOnly, NDJSON, RDJSON, RDJSONL, Regex, SARIF}
}

// Spec says how the output of a program is read.
type Spec struct {
	Format Format
	From   string // "stdout", "stderr" or "both", one after the other
	// Pattern is the expression of Regex, with the named groups file, line, column, endline, endcolumn,
	// severity, code and message, of which message must be there.
	Pattern string
	// Errorformats are the patterns of Errorformat.
	Errorformats []string
	// Severities are what words of the program mean: error, warning or info, or off for what is
	// passed over. The word "" is that of findings without one. Others mean what they do to most
	// linters.
	Severities map[string]string
	Strip      int    // elements of the path that are taken off the front of each file's
	Prefix     string // that is put before what is left
}

// Finding is one thing that a program has found, in its own words.
type Finding struct {
	// File is as the program names it, with the spec's Strip and Prefix; "" where it names none.
	File                             string
	Line, Column, EndLine, EndColumn int    // from 1, columns as the program counts them; 0 where it does not say
	Severity                         string // "error", "warning" or "info"; "" where it does not say
	Code                             string // the program's rule; "" where it does not say
	Message                          string
	Help                             string
}

// Streams are what a program printed.
type Streams struct{ Stdout, Stderr []byte }
