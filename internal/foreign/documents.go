package foreign

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// Documents reads the YAML documents of a text one after the other, each into the node that
// next is given, until io.EOF. How long a text may be is for whoever reads files to bound.
func Documents(text []byte) (next func(*yaml.Node) error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	return func(n *yaml.Node) error {
		return guard(func() error { return dec.Decode(n) })
	}
}
