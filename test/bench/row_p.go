//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

var quickBesideSlow = row{
	letter: "p", title: "Quick checks beside slow ones",
	what: "The time from the start of `enqueue run` to the event that tells it of the last verdict about files with quick checks, a schema and a rule, with two worker processes of default concurrency: " +
		"alone, and in one repository with files that need a slow command, one that waits or one that computes.",
	measure: measureQuickBesideSlow,
}

const (
	// besideGoal is how many times their time alone quick checks may take beside slow ones.
	besideGoal = 1.2
	// commandComputes is the CPU time of a command that computes: that of helm lint.
	commandComputes = 85 * time.Millisecond
)

// computing defines a command that computes, without the program's path.
const computing = `  compute:
    run: [%q, "--step=spin %s"]
    exit: {clean: [0]}
    output: {format: exit}
    timeout: 30s
`

// slowYAML is the kind of the slow ones, which is the first by its name.
const slowYAML = `  a-slow:
    at: a-slow/*.yaml
    checks: [{run: %s}]
`

const quickYAML = `muster: 1
units:
  quick:
    at: quick/*.yaml
    checks:
      - schema: quick.schema.json
      - rule: self.port >= 1024
`

const quickSchema = `{"type": "object", "required": ["name", "port"], "properties": {"name": {"type": "string", "pattern": "^[a-z0-9-]+$"}, "port": {"type": "integer"}}, "additionalProperties": false}`

func measureQuickBesideSlow(ctx context.Context, b *bench, s *section) error {
	programs, err := b.build(ctx, "steps", "./test/faults/steps")
	if err != nil {
		return err
	}
	offer, err := b.definitions("beside", waiting+fmt.Sprintf(computing, filepath.Join(programs, "steps"), commandComputes))
	if err != nil {
		return err
	}
	alone := beside{bench: b, section: s, offer: offer, dir: filepath.Join(b.dir, "quick-alone")}
	alone.name = fmt.Sprintf("%s quick files alone", number(float64(b.size.many)))
	all := []*beside{&alone}
	for _, c := range []struct{ command, does string }{
		{"wait", fmt.Sprintf("wait %s", commandWaits)}, {"compute", fmt.Sprintf("compute %s", commandComputes)},
	} {
		all = append(all, &beside{bench: b, section: s, offer: offer, dir: filepath.Join(b.dir, "quick-beside-"+c.command), slow: b.size.slowUnits, command: c.command,
			name: fmt.Sprintf("the same beside %s that %s each", number(float64(b.size.slowUnits)), c.does)})
	}
	for _, w := range all {
		if err := w.write(); err != nil {
			return err
		}
	}
	err = b.rounds(ctx, "p", func() error {
		for _, w := range all {
			if err := w.measure(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, w := range all[1:] {
		s.paired(w.name+" / alone", "×", w.figure(), alone.figure(), ratio).atMost(besideGoal)
	}
	return err
}

// beside is a repository with many quick files and some slow ones.
type beside struct {
	bench   *bench
	section *section
	name    string
	dir     string
	offer   string
	command string // of the slow ones
	slow    int
}

func (w *beside) figure() *figure { return w.section.figure(w.name, "s") }

func (w *beside) write() error {
	text := quickYAML
	if w.slow > 0 {
		text += fmt.Sprintf(slowYAML, w.command)
	}
	return errors.Join(
		writeUnits(w.dir, "quick", w.bench.size.many), writeUnits(w.dir, "a-slow", w.slow),
		writeFile(filepath.Join(w.dir, "quick.schema.json"), quickSchema),
		writeFile(filepath.Join(w.dir, "muster.yaml"), text))
}

// measure runs the repository until its last quick file has a verdict.
func (w *beside) measure(ctx context.Context) (err error) {
	b := w.bench
	redis, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	crew, err := startWorkers(ctx, b.shipped, redis.process.URL(), runWorkers, w.offer)
	if err != nil {
		return err
	}
	defer crew.stop()
	quick, slow, last := 0, 0, time.Duration(0)
	wrong := ""
	err = b.follow(ctx, b.shipped, []string{"run", cacheOff, "--redis", redis.process.URL(), "--repo", w.dir}, func(e event, after time.Duration) bool {
		switch {
		case e.Event == "summary":
			return true
		case e.Event != "unit":
			return false
		case e.Kind != "ok":
			wrong = e.Service + " is " + e.Kind
		case strings.HasPrefix(e.Service, "quick"):
			quick, last = quick+1, after
		default:
			slow++
		}
		return wrong != "" || quick == b.size.many
	})
	if err == nil && (wrong != "" || quick != b.size.many) {
		err = fmt.Errorf("%d of %d quick files are ok: %s", quick, b.size.many, wrong)
	}
	if err != nil {
		return err
	}
	w.figure().add(last.Seconds())
	if w.slow > 0 {
		w.section.figure("slow ones decided meanwhile, of those that "+w.command, "").add(float64(slow))
	}
	return nil
}
