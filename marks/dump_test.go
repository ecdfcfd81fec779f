package marks_test

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// dump is what nodes hold, without comments.
func dump(nodes ...*yaml.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		fmt.Fprintf(&b, "%d %d:%d %q %q [%s]", n.Kind, n.Line, n.Column, n.Tag, n.Value, dump(n.Content...))
	}
	return b.String()
}
