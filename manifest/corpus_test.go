package manifest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

const directedCorpus = "testdata/corpus/directed.jsonl"

// The shares that a corpus may leave unexplained, and accepted: one of random
// mutations has fewer odd inputs than one aimed at every rule.
const (
	mostUnexplained     = 0.003
	mostAccepted        = 0.08
	mostAcceptedMutated = 0.03
	leastSameStage      = 0.97
)

// TestCorpus compares our verdicts with shipcat's, on the directed corpus or on
// the files that MUSTER_CORPUS lists, separated like a PATH. Every difference
// needs a reason.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files := filepath.SplitList(cmp.Or(os.Getenv("MUSTER_CORPUS"), directedCorpus))
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			c := readCorpus(t, file)
			outcomes := judgeAll(t, c)
			checkAgreement(t, c.name, outcomes)
			checkStages(t, c.name, outcomes)
		})
	}
}

// judgeAll runs every case, several at a time.
func judgeAll(t *testing.T, c corpus) []outcome {
	t.Helper()
	outcomes, failed := make([]outcome, len(c.cases)), make([]error, len(c.cases))
	j := &judge{}
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				o := &outcomes[i]
				o.corpusCase = c.cases[i]
				o.found, o.external, failed[i] = j.rejections(context.Background(), overlaid(c.fleets[o.Fleet], o.Files), o.Cmd)
			}
		})
	}
	for i := range c.cases {
		next <- i
	}
	close(next)
	workers.Wait()
	for i, err := range failed {
		if err != nil {
			t.Errorf("%s: could not be decided: %v", c.cases[i].ID, err)
		}
	}
	return outcomes
}

// checkAgreement prints the tally and fails when too much differs.
func checkAgreement(t *testing.T, corpus string, outcomes []outcome) {
	t.Helper()
	byReason := map[string]int{}
	var unexplained []string
	differing := 0
	for _, o := range outcomes {
		if o.accepted() == (o.Verdict == "accept") {
			continue
		}
		differing++
		if name := explain(o); name != "" {
			byReason[name]++
		} else {
			unexplained = append(unexplained, o.String())
		}
	}
	n := len(outcomes)
	accepted := differing - len(unexplained)
	t.Logf("%s: agree %d of %d, accepted %d, unexplained %d%s%s", corpus, n-differing, n, accepted, len(unexplained),
		lines(tally(byReason)), lines(unexplained))

	most := mostAccepted
	if strings.HasPrefix(corpus, "mutated") {
		most = mostAcceptedMutated
	}
	atMost(t, "unexplained", len(unexplained), n, mostUnexplained)
	atMost(t, "accepted", accepted, n, most)
	for _, r := range reasons {
		atMost(t, r.name, byReason[r.name], n, r.most)
		if byReason[r.name] == 0 && !r.elsewhere && corpus == filepath.Base(directedCorpus) {
			t.Errorf("%s explains nothing any more: delete it", r.name)
		}
	}
}

func atMost(t *testing.T, what string, count, of int, share float64) {
	t.Helper()
	if float64(count) > share*float64(of) {
		t.Errorf("%s: %d of %d, more than %.1f %%", what, count, of, 100*share)
	}
}

// checkStages compares what the verdicts are about, in all that both reject.
func checkStages(t *testing.T, corpus string, outcomes []outcome) {
	t.Helper()
	same, all := 0, 0
	var differing []string
	for _, o := range outcomes {
		if o.Verdict == "accept" || o.Code == "UNCLASSIFIED" || len(o.found) == 0 {
			continue
		}
		all++
		if o.sameStage() {
			same++
		} else {
			differing = append(differing, ruleStage(o.first())+" for "+o.String())
		}
	}
	t.Logf("%s: same stage in %d of %d%s", corpus, same, all, lines(differing))
	if float64(same) < leastSameStage*float64(all) {
		t.Errorf("stages agree in less than %.0f %%", 100*leastSameStage)
	}
}

// String is the case, shipcat's verdict and our first finding.
func (o outcome) String() string {
	ours := "we accept"
	if len(o.found) > 0 {
		f := o.first()
		ours = fmt.Sprintf("%s %s: %s", f.Rule, f.Place, f.Message)
	}
	return fmt.Sprintf("%s (%s): %s %s; %s", o.ID, o.Cmd, o.Verdict, o.Code, ours)
}

func tally(counts map[string]int) []string {
	var all []string
	for _, r := range reasons {
		if n := counts[r.name]; n > 0 {
			all = append(all, fmt.Sprintf("%5d %s", n, r.name))
		}
	}
	return all
}

func lines(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return "\n" + strings.Join(all, "\n")
}
