package genfleet

import (
	"fmt"
	"strings"
)

// The variables that services have, by how their values come about.
var (
	plainVars = []struct{ name, value string }{{"LOG_LEVEL", "info"}, {"LOG_FORMAT", "json"}, {"JAVA_OPTS", "-Xms256m -Xmx1024m"}, {"RUST_LOG", "tokio=info,app=debug"}, {"RAILS_ENV", "production"}, {"NODE_ENV", "production"}, {"INSTANCE_TYPE", "web"}, {"FEATURE_FLAGS", "beta,dark-mode"}, {"CACHE_BACKEND", "redis"}, {"DEFAULT_LOCALE", "en-GB"}, {"TIMEZONE", "Europe/London"}, {"QUEUE_NAME", "default"}, {"SWAGGER_PATH", "/v1/api"}, {"METRICS_PATH", "/metrics"}, {"CLIENT_ID", "FLEETID"}, {"CURRENCY", "GBP"}, {"S3_REGION", "eu-west-2"}, {"STORAGE_CLASS", "gp2"}, {"TRACE_SAMPLER", "parentbased_always_on"}, {"SERVICE_TIER", "gold"}}

	numberVars = []struct {
		name      string
		low, high int
	}{{"DB_POOL_SIZE", 2, 40}, {"HTTP_TIMEOUT_MS", 100, 30000}, {"WORKER_THREADS", 1, 16}, {"MAX_RETRIES", 0, 9}, {"CACHE_TTL_SECONDS", 10, 86400}, {"BATCH_SIZE", 10, 5000}, {"RATE_LIMIT", 5, 500}, {"GRPC_PORT", 9000, 9999}}

	boolVars  = []string{"ENDPOINTS_ENABLED", "TRACING_ENABLED", "METRICS_ENABLED", "CORS_ENABLED", "DRY_RUN", "USE_TLS"}
	vaultVars = []string{"DATABASE_URL", "API_KEY", "REDIS_PASSWORD", "JWT_SECRET", "SENTRY_DSN", "ENCRYPTION_KEY", "STRIPE_TOKEN", "SMTP_PASSWORD"}

	// templateVars may hold %s for the service's name.
	templateVars = []struct{ name, format string }{{"CORE_URL", "{{ base_urls.services }}/%s"}, {"AUTH_URL", "{{ base_urls.services }}/auth/internal"}, {"EXTERNAL_URL", "{{ base_urls.external_services }}/%s"}, {"REGION_NAME", "{{ region }}"}, {"NAMESPACE", "{{ namespace }}"}, {"CLUSTER_NAME", "{{ cluster }}"}, {"ENVIRONMENT", "{{ environment }}"}, {"SERVICE_NAME", "{{ service }}-{{ region }}"}}
)

func (a author) writeEnvironment() {
	a.base.set("env", a.env(a.dir, 5, 25))
	if a.chance(0.3) {
		a.base.set("kafka", mapOf("mountPodIP", a.chance(0.3)))
	}
	if a.chance(0.4) {
		a.addConfigs(a.between(1, 2))
	}
}

// env is a block of low to high variables. Every candidate's value is drawn,
// also of those that are not chosen.
func (r rng) env(service string, low, high int) *mapping {
	var all []entry
	for _, v := range plainVars {
		all = append(all, entry{v.name, v.value})
	}
	for _, v := range numberVars {
		all = append(all, entry{v.name, r.bareOrQuoted(r.between(v.low, v.high))})
	}
	for _, name := range boolVars {
		if r.chance(0.5) {
			all = append(all, entry{name, r.chance(0.5)})
		} else {
			all = append(all, entry{name, fmt.Sprint(r.chance(0.5))})
		}
	}
	for _, name := range vaultVars {
		all = append(all, entry{name, "IN_VAULT"})
	}
	for _, v := range templateVars {
		all = append(all, entry{v.name, strings.ReplaceAll(v.format, "%s", service)})
	}
	return &mapping{some(r, all, r.between(low, high))}
}

// bareOrQuoted writes numbers both ways that people do.
func (r rng) bareOrQuoted(n int) any {
	if r.chance(0.5) {
		return n
	}
	return fmt.Sprint(n)
}
