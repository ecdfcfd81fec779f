package commands

import (
	"log/slog"
	"maps"
	"net/http"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/endpoint"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/metrics"
	"github.com/seed306eabeb/muster/worker"
)

// endpoints are what a worker tells over HTTP of itself.
type endpoints struct {
	health  health
	metrics *metrics.Worker // nil where nobody is to read them
	open    []*endpoint.Endpoint
}

// newEndpoints makes those that the flags ask for, and does not listen yet.
func (f *workerFlags) newEndpoints() *endpoints {
	e := &endpoints{}
	if f.metricsAddr != "" {
		e.metrics = metrics.NewWorker()
	}
	return e
}

// start listens on the addresses of the flags, which may be one. The caller calls stop.
func (e *endpoints) start(f *workerFlags, log *slog.Logger) error {
	healthPages, metricsPages := e.health.pages(), map[string]http.Handler{}
	if e.metrics != nil {
		registry := metrics.NewRegistry(f.program.VersionText())
		registry.MustRegister(e.metrics)
		metricsPages[metrics.Page] = registry.Handler()
	}
	if f.healthAddr == f.metricsAddr {
		maps.Copy(healthPages, metricsPages)
		return e.serve("health-addr", f.healthAddr, healthPages, log)
	}
	if err := e.serve("health-addr", f.healthAddr, healthPages, log); err != nil {
		return err
	}
	return e.serve("metrics-addr", f.metricsAddr, metricsPages, log)
}

func (e *endpoints) serve(flag, addr string, pages map[string]http.Handler, log *slog.Logger) error {
	if addr == "" {
		return nil
	}
	open, err := endpoint.Serve(addr, pages, log)
	if err != nil {
		return cli.Usagef("--%s: %v", flag, err)
	}
	e.open = append(e.open, open)
	log.Info("endpoint up", "for", flag, "addr", open.Addr())
	return nil
}

// watch makes them speak of a worker that has started.
func (e *endpoints) watch(w *worker.Worker) {
	e.health.watch(w)
	if e.metrics != nil {
		e.metrics.Watch(w)
	}
}

// observer is who counts what the worker does; nil for nobody.
func (e *endpoints) observer() worker.Observer {
	if e.metrics == nil {
		return nil
	}
	return e.metrics
}

// replied is who counts what Redis replies; nil for nobody.
func (e *endpoints) replied() redisconn.Observer {
	if e.metrics == nil {
		return nil
	}
	return e.metrics.RedisReplied
}

// stop ends them.
func (e *endpoints) stop() {
	for _, one := range e.open {
		one.Stop()
	}
}
