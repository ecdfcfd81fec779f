package main

import (
	"bytes"
	"go/scanner"
	"go/token"
	"strings"
)

// lines counts those that are not blank.
type lines struct {
	all      int
	comments int // of all, those that hold nothing but a comment
}

func (l *lines) add(other lines) {
	l.all += other.all
	l.comments += other.comments
}

// linesOf counts the lines of some files.
func linesOf(sources []*source) lines {
	var sum lines
	for _, s := range sources {
		sum.add(countLines(s.text))
	}
	return sum
}

func countLines(text []byte) lines {
	code, comment := map[int]bool{}, map[int]bool{}
	scan(text, func(tok token.Token, first, last int) {
		marked := code
		if tok == token.COMMENT {
			marked = comment
		}
		for n := first; n <= last; n++ {
			marked[n] = true
		}
	})
	var l lines
	for i, line := range bytes.Split(text, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		l.all++
		if n := i + 1; comment[n] && !code[n] {
			l.comments++
		}
	}
	return l
}

// scan visits what the author of text has written, comments too, with the lines
// that it begins and ends on. The semicolons that Go adds at the end of a line are
// nobody's.
func scan(text []byte, visit func(tok token.Token, first, last int)) {
	file := token.NewFileSet().AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, scanner.ScanComments)
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return
		}
		if tok == token.SEMICOLON && literal != ";" {
			continue
		}
		first := file.PositionFor(pos, false).Line
		visit(tok, first, first+strings.Count(literal, "\n"))
	}
}

// fileLines is the length of every file, with its blank lines.
func fileLines(sources []*source) []sample {
	var all []sample
	for _, s := range sources {
		n := bytes.Count(s.text, []byte("\n"))
		if !bytes.HasSuffix(s.text, []byte("\n")) {
			n++
		}
		all = append(all, sample{value: n, place: s.path})
	}
	return all
}
