package config

import (
	"fmt"
	"io/fs"

	"github.com/seed306eabeb/muster/checks/selector"
	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// readRegions reads the names of the regions, or looks for them where they stand.
func (r *reader) readRegions(v *yamldoc.Value) error {
	switch {
	case !v.Good():
		return nil
	case v.IsMapping():
		return r.findRegions(v)
	}
	for _, name := range r.strings(v) {
		r.region(name.Text(), name.Place())
	}
	return nil
}

// region takes the name of a region; that it has it already is reported.
func (r *reader) region(name string, at verdict.Place) {
	for _, other := range r.regions {
		if other == name {
			r.add(ruleRegion.At(at, fmt.Sprintf("the region %q is given twice", name), "take one out"))
			return
		}
	}
	r.regions = append(r.regions, name)
}

// findRegions takes the names of the regions from a file.
func (r *reader) findRegions(v *yamldoc.Value) error {
	from, path := v.Get("from"), v.Get("path")
	way := r.selector(path)
	if !from.Good() || !r.notEmpty(from) {
		return nil
	}
	there, err := r.isFile(from)
	if !there || err != nil || way == nil {
		return err
	}
	data, err := fs.ReadFile(r.files, from.Text())
	if err != nil {
		return err
	}
	language, ok := document.FormatOf(from.Text())
	if !ok {
		r.report(ruleRegion, from, fmt.Sprintf("%s is %q; expected a file of YAML or JSON, by its name", from.Path(), from.Text()), "")
		return nil
	}
	file := document.Reader{}.Read(from.Text(), data, language)
	for _, f := range file.Findings {
		f.Rule, f.Name = ruleRegion.Code, ruleRegion.Name
		r.add(f)
	}
	if len(file.Docs) > 0 {
		r.selectRegions(path, way, file.Docs[0])
	}
	return nil
}

// selectRegions takes the names of the regions from a document.
func (r *reader) selectRegions(path *yamldoc.Value, way *selector.Selector, doc *document.Document) {
	nodes, err := way.Select(doc)
	if err != nil {
		r.report(ruleRegion, path, fmt.Sprintf("%s is %q, which cannot be followed: %v", path.Path(), path.Text(), err), "")
		return
	}
	if len(nodes) == 0 {
		r.report(ruleRegion, path, fmt.Sprintf("%s is %q, which selects nothing", path.Path(), path.Text()), "")
	}
	for _, n := range nodes {
		name, ok := n.Key()
		if !ok || name == "" {
			r.add(ruleRegion.At(n.Place(doc), "the name of a region is no text, and no number", ""))
			continue
		}
		r.region(name, n.Place(doc))
	}
}
