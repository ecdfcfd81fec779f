// Package prometheus lets a real Prometheus scrape the commands, and holds the alerts of
// deploy/prometheus to what it sees.
package prometheus
