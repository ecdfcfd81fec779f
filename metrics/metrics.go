// Package metrics puts numbers about workers and runs into the form that Prometheus reads.
//
// A Worker counts what one worker process does. A Fleet reads, when it is asked, what a Redis knows
// of all runs and workers: it is one exporter for all of them.
//
// What labels say comes from repositories and other processes: their number is bounded, and their
// text is made fit.
package metrics

import (
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Page is where metrics are served.
const Page = "GET /metrics"

// pageTimeout is how long a page may be in the making.
const pageTimeout = 15 * time.Second

// pagesAtOnce bounds how many scrapes are served at once.
const pagesAtOnce = 4

// Registry holds the metrics of one process.
type Registry struct{ *prometheus.Registry }

// NewRegistry makes one with what every process tells of itself.
func NewRegistry(version string) Registry {
	r := Registry{prometheus.NewRegistry()}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "muster_build_info", Help: "1, with the version of this program and of Go.",
		ConstLabels: prometheus.Labels{"version": fit(version), "goversion": runtime.Version()}})
	build.Set(1)
	r.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Handler serves the metrics.
func (r Registry) Handler() http.Handler {
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{MaxRequestsInFlight: pagesAtOnce, Timeout: pageTimeout, ErrorHandling: promhttp.ContinueOnError})
}

// other stands for all values of a label beyond those that there is room for.
const other = "other"

// maxValue bounds the bytes of a label's value.
const maxValue = 128

// fit is a text that may stand in a label: valid, and not long.
func fit(text string) string {
	if len(text) > maxValue {
		text = text[:maxValue]
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
