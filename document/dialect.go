package document

import (
	"github.com/seed306eabeb/muster/yamldoc"
	"github.com/seed306eabeb/muster/yamldoc/syntax"
)

// dialect is a profile of YAML as it is read into plain values. A key that stands twice is
// refused in each: whoever gives one twice does not know which counts.
type dialect struct {
	syntax  syntax.Profile
	scalars *yamldoc.Scalars
	merging bool // a key << gives a mapping the keys of another
	// viaJSON: what is read has to become JSON, as in kubectl. Then no number is infinite,
	// a key that is a boolean becomes the word true or false, and documents that are null
	// are passed over.
	viaJSON bool
	// octal: other programs read a number with a zero before it as octal.
	octal bool
}

// The dialects differ from the profiles that they are of in what people expect of a YAML
// file whose reader they do not name: YAML 1.2 has no merge keys, and its readers (ruamel.yaml,
// yaml.v3, js-yaml) merge all the same; kubectl refuses a %YAML 1.2 that changes nothing.
var (
	yaml12     = dialect{syntax: yamldoc.YAML12.Syntax, scalars: &yamldoc.YAML12.Scalars, merging: true, octal: true}
	kubernetes = dialect{syntax: withDirectives(yamldoc.Kubernetes.Syntax), scalars: &yamldoc.Kubernetes.Scalars, merging: true, viaJSON: true}
)

func withDirectives(p syntax.Profile) syntax.Profile {
	p.AnyDirective = true
	return p
}

// dialectOf is the dialect of a profile.
func dialectOf(p *yamldoc.Profile) *dialect {
	switch p {
	case nil, yamldoc.YAML12:
		return &yaml12
	case yamldoc.Kubernetes:
		return &kubernetes
	}
	return &dialect{syntax: p.Syntax, scalars: &p.Scalars, merging: p.Merging == yamldoc.ApplyMerge}
}
