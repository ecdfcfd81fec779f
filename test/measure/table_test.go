package main

import "testing"

func TestTableAligns(t *testing.T) {
	t.Parallel()
	got := table{
		{"name", "count", "where"},
		{"é", "1,000", "a.go:1"},
		{"longer", "7", ""},
	}.String()
	const want = "" +
		"name    count  where\n" +
		"é       1,000  a.go:1\n" +
		"longer      7\n"
	if got != want {
		t.Errorf("printed:\n%s\nwant:\n%s", got, want)
	}
}
