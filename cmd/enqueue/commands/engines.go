package commands

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/report"
)

// by adds to what a report says of a run by which checks it was made, and with which engines
// this program has them. Commands have those of whoever offers them, which no version of this program
// changes: the verdicts tell them.
func by(checks check.Kinds, about report.Run) report.Run {
	about.Checker, about.Engine = strings.Join(checks.Names(), ","), strings.Join(enginesOf(checks), ",")
	return about
}

func enginesOf(checks check.Kinds) (all []string) {
	for _, k := range checks {
		if !isCommand(k.Name()) {
			all = append(all, k.Engine())
		}
	}
	return all
}

// isCommand says that a check runs a command: its tasks reach none but workers that offer it.
func isCommand(check string) bool {
	_, ok := id.CommandOf(check)
	return ok
}

// warnOfEngines says when a run has begun which live workers of its queue check with other rules
// than this program: what they find in the same bytes may be something else. A Redis that
// does not tell is no reason to stop, for the run meets it next.
func warnOfEngines(ctx context.Context, r cli.Redis, queue string, checks check.Kinds, log *slog.Logger) {
	workers, err := liveWorkers(ctx, r)
	if err != nil {
		log.Debug("the workers' engines are not known", "err", err)
		return
	}
	for _, k := range checks {
		if others := otherEngines(workers, queue, k); others != "" && !isCommand(k.Name()) {
			log.Warn(fmt.Sprintf("workers check with other rules than this program's (engine %s): %s; bring them to one version", short(k.Engine()), others))
		}
	}
	warnOfLacking(workers, queue, checks.Names(), log)
}

// warnOfLacking says which live workers of a queue do not have a check of a run: the tasks that
// they take fail, and a detached run may be one that they do not look after. Commands are offered, and
// not lacking.
func warnOfLacking(workers []ledger.Worker, queue string, checks []string, log *slog.Logger) {
	for _, name := range checks {
		without := namesOf(workers, queue, func(w ledger.Worker) string {
			if len(w.Engines) == 0 || w.Engines[name] != "" {
				return ""
			}
			return "version " + cmp.Or(safe(w.Version), "unknown")
		})
		if without != "" && !isCommand(name) {
			log.Warn(fmt.Sprintf("workers have no check %q, and cannot decide the units that get it: %s; replace them with this version", name, without))
		}
	}
}

// otherEngines names the engines but k's by which workers of a queue check, with the
// workers and their versions; "" if there are none.
func otherEngines(workers []ledger.Worker, queue string, k check.Kind) string {
	return namesOf(workers, queue, func(w ledger.Worker) string {
		engine := w.Engines[k.Name()]
		if engine == k.Engine() || engine == "" && len(w.Engines) > 0 {
			return ""
		}
		return fmt.Sprintf("engine %s of version %s", cmp.Or(short(engine), "unknown"), cmp.Or(safe(w.Version), "unknown"))
	})
}

// namesOf names the workers of a queue of which something is to be said, after what that is. A
// worker that stops takes no task.
func namesOf(workers []ledger.Worker, queue string, said func(ledger.Worker) string) string {
	names := map[string][]string{}
	for _, w := range workers {
		if of := said(w); of != "" && w.Slots > 0 && slices.Contains(w.Queues, queue) {
			names[of] = append(names[of], safe(w.Name))
		}
	}
	var all []string
	for _, of := range slices.Sorted(maps.Keys(names)) {
		all = append(all, of+" on "+few(names[of]))
	}
	return strings.Join(all, ", ")
}

// few names three of many.
func few(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], " "), len(names)-most)
}
