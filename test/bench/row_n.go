//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
)

var realTool = row{
	letter: "n", title: "A real tool behind walls, against a loop of the shell",
	what: "The time of `enqueue run` over real Helm charts, folders that a muster.yaml gives one check, the command `helm lint` behind all walls that can be had here, with one worker " +
		"process of as many slots as there are calls at once in the other: against `xargs -P` with one call of `helm lint` for each of the same folders. " +
		"The worker tells each call how many processors are its own, the loop does not.",
	measure: measureRealTool,
}

const (
	// loopGoal is how many times the loop's time the run may take.
	loopGoal = 1.15
	// atOnce is how many calls of the tool there are at once.
	atOnce = 2
)

const chartsYAML = `muster: 1
limits: {unit: 16MiB}
units:
  chart:
    at: copy/*/*/
    checks: [{run: helm-lint}]
`

// helmLint is the definition of the command, without the program's path.
const helmLint = `  helm-lint:
    run: [%q, lint, "{unit}"]
    version: [%[1]q, version, --short]
    dir: root
    env: {HELM_CACHE_HOME: /tmp/helm, HELM_CONFIG_HOME: /tmp/helm, HELM_DATA_HOME: /tmp/helm}
    exit: {clean: [0], findings: [1]}
    output:
      format: regex
      from: both
      pattern: '\[(?P<severity>ERROR|WARNING|INFO)\] (?P<message>.*)'
      severities: {ERROR: error, WARNING: warning, INFO: off}
    timeout: 60s
    memory: 1GiB
`

func measureRealTool(ctx context.Context, b *bench, s *section) error {
	helm, err := b.tool("helm")
	if err != nil {
		return err
	}
	if b.outside.charts == "" {
		return &absentError{fmt.Sprintf("The charts are missing: %s named no folder of charts.", chartsEnv)}
	}
	b.say("copying %s", b.outside.charts)
	dir, units, err := b.copied("charts", b.outside.charts, "Chart.yaml", chartsYAML, b.size.chartCopies)
	if err != nil {
		return err
	}
	l := loop{bench: b, helm: helm, fleet: testFleet{dir: dir, services: len(units)}, units: units}
	if err := l.count(ctx); err != nil {
		return err
	}
	offer, err := b.definitions("helm", fmt.Sprintf(helmLint, helm))
	if err != nil {
		return err
	}
	s.note(fmt.Sprintf("helm is of %s. It finds errors in %d of the %d charts.", versionOf(helm), l.fleet.errs, l.fleet.services))
	of := fmt.Sprintf(", %s charts", number(float64(len(units))))
	run, xargs := s.figure("run"+of, "s"), s.figure("xargs -P "+strconv.Itoa(atOnce)+of, "s")
	queued := func() error {
		seconds, err := b.runOffered(ctx, b.shipped, l.fleet, 1, commandSlots(atOnce), offer)
		run.add(seconds)
		return err
	}
	looped := func() error {
		e, err := l.run(ctx)
		xargs.add(e.took.Seconds())
		return err
	}
	for _, once := range []func() error{looped, queued} { // neither is the first to read the files
		if err := once(); err != nil {
			return err
		}
	}
	run.samples, xargs.samples = nil, nil
	err = b.rounds(ctx, "n", func() error {
		// Two pairs, one of them the other way round.
		for _, once := range []func() error{looped, queued, queued, looped} {
			if err := once(); err != nil {
				return err
			}
		}
		return nil
	})
	s.paired("run / xargs", "×", run, xargs, ratio).atMost(loopGoal)
	return err
}

// runOffered is the time of a run of its own, with workers that offer commands and are up.
func (b *bench) runOffered(ctx context.Context, programs string, f testFleet, count int, args ...string) (seconds float64, err error) {
	redis, err := startServer(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	w, err := startWorkers(ctx, programs, redis.process.URL(), count, args...)
	if err != nil {
		return 0, err
	}
	defer w.stop()
	return b.enqueue(ctx, programs, f, "run", "--redis", redis.process.URL())
}

// loop is what people do without muster.
type loop struct {
	bench *bench
	helm  string
	fleet testFleet
	units []string
}

// run lints each unit by a call of its own.
func (l *loop) run(ctx context.Context) (ended, error) {
	const script = `cd "$2" && find copy -mindepth 2 -maxdepth 2 | xargs -P "$3" -n 1 "$1" lint`
	e, err := l.bench.command(ctx, "/bin/sh", "-c", script, "sh", l.helm, l.fleet.dir, strconv.Itoa(atOnce))
	if err == nil && e.code != 0 && e.code != xargsFailed {
		err = fmt.Errorf("%s exited %d; it said: %.500s", e.command, e.code, e.stdout)
	}
	return e, err
}

// count finds out which units the tool finds errors in.
func (l *loop) count(ctx context.Context) error {
	for _, u := range l.units[:len(l.units)/l.bench.size.chartCopies] {
		e, err := l.bench.command(ctx, l.helm, "lint", filepath.Join(l.fleet.dir, u))
		switch {
		case err != nil:
			return err
		case e.code == 0:
			l.fleet.oks += l.bench.size.chartCopies
		case e.code == 1:
			l.fleet.errs += l.bench.size.chartCopies
		default:
			return fmt.Errorf("%s exited %d; it said: %.500s", e.command, e.code, e.stdout)
		}
	}
	return nil
}
