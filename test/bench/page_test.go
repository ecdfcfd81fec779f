//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func measured() []*section {
	r := &row{letter: "a", title: "One machine", what: "How long it takes."}
	s := &section{row: r}
	s.note("A note.")
	ours, theirs := s.figure("ours", "s"), s.figure("their | pipe", "s")
	for i := range 3 {
		ours.add(1.5 + float64(i)/10)
		theirs.add(2)
	}
	s.paired("ours / theirs", "×", ours, theirs, ratio).atMost(0.7)
	table := &section{row: &row{letter: "h", title: "Two ways", what: "Which is quicker."}}
	table.grid = &grid{corner: "a check costs", columns: []string{"here", "there"}, lines: []gridLine{
		{"nothing", []*figure{{samples: []float64{2000, 1000, 1500}}, {samples: []float64{20}}}},
	}}
	return []*section{s, table}
}

var here = about{date: "2026-01-02", platform: "2 cores, linux/amd64", processor: "A CPU", versions: []string{"muster abc", "go1"}}

func TestPage(t *testing.T) {
	t.Parallel()
	page := markdown(here, measured())
	const want = `
## a. One machine

How long it takes. Again: ` + "`make bench ROW=a`" + `.

A note.

| quantity | median | range | runs | goal | |
| --- | ---: | ---: | ---: | ---: | --- |
| ours | 1.60 s | 1.50–1.70 | 3 |  |  |
| their \| pipe | 2.00 s | 2.00–2.00 | 3 |  |  |
| ours / theirs | 0.800 × | 0.750–0.850 | 3 | ≤ 0.7 × | misses |

## h. Two ways

Which is quicker. Again: ` + "`make bench ROW=h`" + `.

| a check costs | here | there |
| --- | ---: | ---: |
| nothing | **1,500 (1,000–2,000)** | 20.0 (20.0–20.0) |
`
	if !strings.HasSuffix(page, want) {
		t.Errorf("the page:\n%s\nwant at its end:\n%s", page, want)
	}
	for _, said := range []string{"on 2026-01-02", "2 cores, linux/amd64; A CPU", "muster abc; go1"} {
		if !strings.Contains(page, said) {
			t.Errorf("the page does not say %q", said)
		}
	}
}

func TestTerminalShowsEveryFigure(t *testing.T) {
	t.Parallel()
	text := terminal(measured())
	for _, said := range []string{"a. One machine", "A note.", "ours / theirs", "0.800 ×", "misses", "1,500 (1,000–2,000)"} {
		if !strings.Contains(text, said) {
			t.Errorf("the table does not say %q:\n%s", said, text)
		}
	}
}

func TestExcerptTakesItsPlace(t *testing.T) {
	t.Parallel()
	const before = "above\n" + excerptBegin + "\nold\n" + excerptEnd + "\nbelow\n"
	const want = "above\n" + excerptBegin + `
On one machine (2 cores, linux/amd64) that enqueuer, Redis and workers share, as [docs/benchmarks.md](docs/benchmarks.md) has it with all other figures:

| a check costs | here | there |
| --- | ---: | ---: |
| nothing | **1,500** | 20.0 |
` + excerptEnd + "\nbelow\n"
	table := excerpt(here, measured())
	for range 2 { // refreshing twice changes nothing
		got, err := refreshed(before, table)
		if err != nil || got != want {
			t.Fatalf("%v:\n%s\nwant:\n%s", err, got, want)
		}
	}
	if _, err := refreshed("no marks", table); err == nil {
		t.Error("a text without a place for the table is accepted")
	}
}

func TestExcerptBeginsWithRealManifests(t *testing.T) {
	t.Parallel()
	b := &section{row: &queueCost, figures: []*figure{{name: "run, 10,000 services", samples: []float64{2.4, 2.5, 2.6}}, {name: "validate, 10,000 services", samples: []float64{1.1}}}}
	const want = "\n10,000 services with real manifests take `enqueue validate` **1.10 s**, and `enqueue run` with 2 workers 2.50 s (`make bench ROW=b`)."
	if got := excerpt(here, append(measured(), b)); !strings.Contains(got, want) || strings.Index(got, want) > strings.Index(got, "| a check costs") {
		t.Errorf("the README would say:\n%s", got)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	a := surroundings(t.Context())
	dir := t.TempDir()
	page, readme := filepath.Join(dir, "benchmarks.md"), filepath.Join(dir, "README.md")
	if err := writeFile(readme, excerptBegin+"\n"+excerptEnd+"\n"); err != nil {
		t.Fatal(err)
	}
	if err := publish(a, measured(), page, readme); err != nil {
		t.Fatal(err)
	}
	for file, says := range map[string]string{page: "asynq v", readme: a.platform} {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), says) {
			t.Errorf("%s does not say %q (%v):\n%s", file, says, err, text)
		}
	}
}

// The README must have the place that `make bench` writes to at its end.
func TestReadmeHasAPlaceForTheTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := refreshed(string(text), ""); err != nil {
		t.Error(err)
	}
}
