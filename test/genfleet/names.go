package genfleet

import "fmt"

// The three parts of a service's name.
var (
	domains  = []string{"account", "address", "audit", "auth", "basket", "billing", "booking", "campaign", "card", "catalogue", "chat", "checkout", "claims", "clinic", "consent", "content", "coupon", "currency", "customer", "delivery", "device", "discount", "document", "email", "event", "feature", "feedback", "fraud", "gateway", "geo", "gift", "identity", "image", "inventory", "invoice", "journey", "kyc", "ledger", "licence", "location", "loyalty", "mandate", "media", "member", "merchant", "metrics", "notification", "offer", "order", "partner", "payment", "payout", "pricing", "product", "profile", "promo", "quote", "rating", "receipt", "referral", "refund", "report", "review", "rewards", "risk", "scheduler", "search", "session", "settlement", "shipping", "sms", "stock", "subscription", "survey", "tax", "ticket", "tracking", "translation", "user", "voucher", "wallet", "webhook"}
	roles    = []string{"adapter", "aggregator", "allocator", "analytics", "api", "archiver", "bff", "bridge", "broker", "builder", "cache", "calculator", "classifier", "collector", "connector", "consumer", "controller", "dispatcher", "engine", "enricher", "exporter", "fetcher", "filter", "forwarder", "generator", "graph", "handler", "importer", "indexer", "ingest", "linker", "loader", "mapper", "matcher", "merger", "migrator", "monitor", "normaliser", "observer", "orchestrator", "pipeline", "planner", "poller", "portal", "processor", "projector", "publisher", "reader", "reconciler", "recorder", "registry", "relay", "renderer", "replicator", "resolver", "router", "sampler", "scorer", "sender", "service", "sink", "splitter", "storage", "store", "streamer", "sync", "throttler", "tracker", "transformer", "validator", "watcher", "writer"}
	variants = []string{"", "", "", "-v2", "-internal", "-batch", "-eu", "-stream", "-core", "-legacy", "-public", "-edge", "-async", "-ops"}
)

// maxMisses is how many draws may hit a taken name before a number is added to
// the names.
const maxMisses = 200

// makeNames returns n different names.
func makeNames(r rng, n int) []string {
	var names []string
	taken := map[string]bool{}
	for generation := 1; len(names) < n; generation++ {
		for misses := 0; len(names) < n && misses < maxMisses; {
			name := pick(r, domains) + "-" + pick(r, roles) + pick(r, variants)
			if generation > 1 {
				name = fmt.Sprintf("%s-%d", name, generation)
			}
			if taken[name] {
				misses++
				continue
			}
			taken[name] = true
			names = append(names, name)
		}
	}
	return names
}
