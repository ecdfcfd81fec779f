// Package yamldoc reads YAML files strictly, by a description of their keys, and knows of
// every value where it stands and where it comes from. It says all that is wrong with a
// file, each mistake at the place to edit and with what was meant, if that is plain.
//
// A file goes through these steps:
//
//	Reader.NotText   its bytes are UTF-8, or a finding
//	Reader.Parse     the text becomes a Document under a Profile, or a finding at the fault
//	Reader.Decode    the document becomes a tree of values by a Type, unknown keys and
//	                 wrong types findings, with a Proposal where one is plain
//	Overlay, Amend   the values of several files become one tree, layer on layer
//	Value            says what a field is, its Place, and its Origin: the layer that set it
//	                 and what that has overridden
//
// The description (Type, Object, Field) drives all of these, and JSONSchema and
// WriteReference tell it to others. What differs between programs that read YAML is a
// Profile: Serde, YAML12, Kubernetes. What belongs to one format is handed in with its
// Reader: the rules by their codes, and what only the format knows to say.
//
// It is pure: what it says depends on the bytes, the description and the profile alone.
package yamldoc
