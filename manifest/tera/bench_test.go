package tera

import "testing"

// BenchmarkEnvValue is what most templates are: a line with two variables.
func BenchmarkEnvValue(b *testing.B) {
	known := vars()
	for b.Loop() {
		tpl, err := Parse("https://{{ kong.base_url }}/{{ service }}", Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tpl.Render(b.Context(), known); err != nil {
			b.Fatal(err)
		}
	}
}
