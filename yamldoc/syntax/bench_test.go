package syntax

import (
	"os"
	"testing"
)

// BenchmarkParse reads an ordinary manifest as yaml.v3 does and by a profile: the
// difference is what the profile costs where there is nothing to rewrite.
func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("../../manifest/testdata/bench/services/checkout-api/manifest.yml")
	if err != nil {
		b.Fatal(err)
	}
	for name, p := range map[string]Profile{"yaml.v3": {}, "profile": yamlRust} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, f := Parse(text, p); f != nil {
					b.Fatal(f)
				}
			}
		})
	}
}
