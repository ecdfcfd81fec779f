package genfleet

import "fmt"

// The draws of this file keep their order: it is part of the output.

func (a author) writeContainers() {
	if a.chance(0.25) {
		a.base.set("sidecars", sequence{a.sidecar()})
	}
	if a.chance(0.2) {
		a.base.set("workers", sequence{a.worker(a.dir)})
	}
	if a.chance(0.15) {
		a.base.set("cronJobs", sequence{a.cronJob(a.dir)})
	}
	if a.chance(0.1) {
		a.base.set("initContainers", sequence{mapOf("name", "wait-for-db", "image", "gophernet/netcat",
			"command", raw(`["sh", "-c", "until nc -z db 3306; do sleep 2; done;"]`))})
	}
}

func (a author) sidecar() *mapping {
	c := mapOf("name", pick(a.rng, []string{"redis", "envoy", "statsd"}))
	if a.chance(0.6) {
		c.set("resources", a.resources())
	}
	if a.chance(0.3) {
		c.set("env", mapOf("STATIC_VALUE", "static", "CORE_URL", "{{ base_urls.services }}/"+a.dir))
	}
	return c
}

func (r rng) worker(service string) *mapping {
	w := mapOf("name", pick(r, []string{"worker", "consumer", "task-manager", "mailer"}),
		"command", raw(`["/run", "worker"]`), "resources", r.resources(), "replicaCount", r.between(1, 5))
	switch r.IntN(3) {
	case 0:
		w.set("preserveEnv", true)
	case 1:
		w.set("env", mapOf("URL", "{{ base_urls.services }}/"+service+"/worker", "QUEUE", "jobs"))
		w.set("preserveEnv", false)
	case 2:
		w.set("ports", extraPorts())
	}
	return w
}

func (r rng) cronJob(service string) *mapping {
	c := mapOf("name", pick(r, []string{"nightly-report", "expire-tokens", "regular-task", "compact", "reindex", "cleanup"}),
		"schedule", raw(`"`+r.schedule()+`"`), "command", raw(`["/run", "--task", "cron"]`))
	if r.chance(0.5) {
		c.set("resources", r.resources())
	}
	if r.chance(0.4) {
		c.set("timeout", r.between(60, 7200))
	}
	if r.chance(0.3) {
		c.set("env", mapOf("URL", "{{ base_urls.services }}/"+service+"/cron"))
	}
	return c
}

// schedule is a valid cron expression of five fields.
func (r rng) schedule() string {
	switch r.IntN(5) {
	case 0:
		return fmt.Sprintf("%d %d * * *", r.IntN(60), r.IntN(24))
	case 1:
		return fmt.Sprintf("*/%d * * * *", pick(r, []int{5, 10, 15, 30}))
	case 2:
		return fmt.Sprintf("%d %d * * %d", r.IntN(60), r.IntN(24), r.IntN(7))
	case 3:
		return fmt.Sprintf("%d 0-%d/2 1,15 * *", r.IntN(60), r.between(2, 23))
	}
	return fmt.Sprintf("%d %d %d %d *", r.IntN(60), r.IntN(24), r.between(1, 28), r.between(1, 12))
}
