package document

import (
	"bytes"
	"fmt"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// Read reads all documents of a file. An empty file, or one with comments alone, has one,
// which is null.
func (r Reader) Read(name string, data []byte, format Format) File {
	file := File{Name: name}
	var root yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&root); err != nil {
		file.Findings = append(file.Findings, verdict.Finding{Name: "syntax", Severity: verdict.Error, Message: fmt.Sprint(err), Place: verdict.Place{File: name, Line: 1, Column: 1}})
		return file
	}
	n := root.Content[0]
	d := &Document{place: func(way []string, key bool) verdict.Place { return at(name, n, way, key) }}
	_ = n.Decode(&d.value)
	file.Docs = append(file.Docs, d)
	return file
}

func at(name string, n *yaml.Node, way []string, key bool) verdict.Place {
	p := verdict.Place{File: name, Line: n.Line, Column: n.Column}
	for i, step := range way {
		switch n.Kind {
		case yaml.MappingNode:
			for k := 0; k+1 < len(n.Content); k += 2 {
				if n.Content[k].Value == step {
					p.Line, p.Column, p.Path = n.Content[k+1].Line, n.Content[k+1].Column, p.Path+"."+step
					if key && i == len(way)-1 {
						p.Line, p.Column = n.Content[k].Line, n.Content[k].Column
					}
					n = n.Content[k+1]
					break
				}
			}
		case yaml.SequenceNode:
			if k, err := strconv.Atoi(step); err == nil && k < len(n.Content) {
				n = n.Content[k]
				p.Line, p.Column, p.Path = n.Line, n.Column, p.Path+"["+step+"]"
			}
		}
	}
	return p
}
