package yamldoc

import "github.com/seed306eabeb/muster/yamldoc/syntax"

// Profile is which YAML a text is, as data: programs read the same text in different
// ways.
type Profile struct {
	// Name is what people call it.
	Name string
	// Syntax is which text is YAML at all, and how it falls into nodes.
	Syntax syntax.Profile
	// Scalars is what a word without quotes means.
	Scalars Scalars
	// Merging is what a key << does.
	Merging Merging
	// Repeats is what a key does that stands twice in a mapping.
	Repeats Repeats
}

// Merging is what a key << does that is not quoted.
type Merging uint8

// What a key << does.
const (
	// RefuseMerge takes it for the mistake of somebody who knows other YAML. Where no
	// other key is refused it is a key like others.
	RefuseMerge Merging = iota
	// NoMerge takes it for a key like others.
	NoMerge
	// ApplyMerge gives the mapping the keys of the value, which is a mapping or a list of
	// them, as far as it has none of its own.
	ApplyMerge
)

// Repeats is what a key does that stands twice in a mapping.
type Repeats uint8

// What a key does that stands twice.
const (
	// RefuseFields is refused among keys that a description names; among others the last
	// one counts, with a warning.
	RefuseFields Repeats = iota
	// RefuseRepeats is refused everywhere.
	RefuseRepeats
	// LastCounts takes the last one, with a warning.
	LastCounts
)

// The profiles. Each is as near to the programs that it is named for as the settings come;
// where it takes more than they do, its doc says so.
var (
	// Serde is YAML as serde_yaml 0.8 over yaml-rust 0.4 reads it into structs: yes and
	// 0777 are texts, and << is refused, which those programs mistake for a key.
	Serde = &Profile{
		Name: "serde_yaml 0.8",
		Syntax: syntax.Profile{
			FlowPlain: true, FlowEmptyValues: true, FlowIndent: true,
			ValueAtKey: true, EmptyKeys: true, AnchoredEmpty: true,
			LineFeeds: true, AnyDirective: true, AnyTag: true,
		},
		Scalars: Scalars{
			Null: []string{"", "~", "null"}, True: []string{"true"}, False: []string{"false"},
			Bases: "xob", SignedBases: true, LeadingZero: ZeroText, SeveralPlus: true,
		},
		Merging: RefuseMerge, Repeats: RefuseFields,
	}

	// YAML12 is YAML 1.2.2 with its core schema: yes is a text, 0777 is 777, a date is a
	// text, << is a key like others, and each key stands once. It also takes text inside
	// brackets that begins with | or >, and tags whose handle nobody declared.
	YAML12 = &Profile{
		Name: "YAML 1.2",
		Syntax: syntax.Profile{
			FlowPlain: true, FlowEmptyValues: true, FlowIndent: true, EmptyKeys: true, LineFeeds: true, AnyDirective: true, AnyTag: true, SlashEscape: true,
		},
		Scalars: Scalars{
			Null: []string{"", "~", "null", "Null", "NULL"},
			True: []string{"true", "True", "TRUE"}, False: []string{"false", "False", "FALSE"},
			Bases: "xo", LeadingZero: ZeroDecimal, Overflow: true,
		},
		Merging: NoMerge, Repeats: RefuseRepeats,
	}

	// Kubernetes is YAML as kubectl reads it, by sigs.k8s.io/yaml over a go-yaml 2: yes is
	// true, 0777 is 511, a date is a text, << merges, and of a key that stands twice the
	// last one counts. Behind a carriage return alone, U+0085, U+2028 or U+2029,
	// which end a line for those programs, places may be a line off.
	Kubernetes = &Profile{
		Name: "Kubernetes",
		Scalars: Scalars{
			Null:  []string{"", "~", "null", "Null", "NULL"},
			True:  []string{"true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"},
			False: []string{"false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"},
			Bases: "xXoObB", SignedBases: true, LeadingZero: ZeroOctal, Underscores: true, WideFloats: true,
		},
		Merging: ApplyMerge, Repeats: LastCounts,
	}
)
