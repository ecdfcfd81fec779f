package report

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

type sarifLocation struct {
	ID       int            `json:"id,omitempty"`
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifMessage  `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

// sarifRegion ends in front of EndColumn.
type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

// sarifLocationOf is a place that a finding speaks of. A file that is not known is the unit's, and
// else the repository's root.
func sarifLocationOf(e *Entry, at verdict.Place, o Options) sarifLocation {
	file := at.File
	if file == "" {
		file = e.file()
	}
	l := sarifLocation{Physical: &sarifPhysical{Artifact: sarifArtifact{relativeURI(o.fileIn(file))}}}
	if at.Path != "" {
		l.Logical = []sarifLogical{{valid(at.Path)}}
	}
	if at.Line < 1 {
		return l
	}
	region := &sarifRegion{StartLine: at.Line}
	if at.Column > 0 {
		s := o.spanOf(e.Unit, at)
		*region = sarifRegion{at.Line, s.start, at.Line, s.end}
	}
	l.Physical.Region = region
	return l
}

// relativeURI is the path of a file in the repository as a reference relative to its root. No name
// of a file makes it absolute, or leads out of the repository in another way than the path does.
func relativeURI(file string) string {
	var segments []string
	for segment := range strings.SplitSeq(valid(file), "/") {
		if segment != "" && (segment != "." || file == ".") {
			segments = append(segments, strings.ReplaceAll(url.PathEscape(segment), ":", "%3A"))
		}
	}
	if len(segments) == 0 {
		return "."
	}
	return strings.Join(segments, "/")
}

// fileURI is the address of a folder of this machine.
func fileURI(folder string) string {
	return "file:///" + strings.TrimPrefix(relativeURI(filepath.ToSlash(folder)), ".")
}
