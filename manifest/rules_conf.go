package manifest

import "github.com/seed306eabeb/muster/verdict"

// confExample is shipcat.conf with one region, dev-uk, but for the lines given,
// which replace its keys of the same name.
func confExample(lines string) string {
	return "-- shipcat.conf --\n" + clusterLine + "contextAliases: {}\n" + regionStart + lines
}

const (
	clusterLine = "clusters: {c1: {name: c1, api: \"https://c1.example\", regions: [dev-uk]}}\n"
	regionStart = "regions:\n- name: dev-uk\n  environment: dev\n  versioningScheme: Semver\n"
	regionRest  = "  namespace: dev\n  cluster: c1\n"
	vaultLine   = "  vault: {url: \"https://vault.example\", folder: dev-uk}\n"
	kongLine    = "  kong: {base_url: .a, config_url: admin.a, kong_token_expiration: 1, tcp_log: {enabled: false, host: h, port: \"1\"}}\n"
)

// Shipcat's verification of its configuration, in its order, and what it cannot read of it.
var (
	ruleMissingConf = define(verdict.Rule{Code: "M201", Name: "missing-configuration", Severity: verdict.Error,
		Summary: "shipcat.conf and teams.yml exist",
		Good:    "health: {}\n",
		Bad:     "-- teams.yml -- # want 0 \"teams.yml does not exist\"\n(absent)\n"})
	ruleRegionTwice = define(verdict.Rule{Code: "M202", Name: "duplicate-region", Severity: verdict.Error,
		Summary: "a region is defined once",
		Doc:     "shipcat takes the first of several.",
		Good:    confExample(regionRest + vaultLine),
		Bad:     confExample(regionRest + vaultLine + "- name: dev-uk # want 9 `region \"dev-uk\" is defined twice`\n  environment: dev\n  versioningScheme: Semver\n" + regionRest + vaultLine)})
	ruleEmptySetting = define(verdict.Rule{Code: "M203", Name: "empty-setting", Severity: verdict.Error,
		Summary: "namespace, cluster and Vault settings of a region are not empty",
		Good:    confExample(regionRest + vaultLine),
		Bad:     confExample("  namespace: \"\" # want 14 \"regions[0].namespace is empty\"\n  cluster: c1\n" + vaultLine)})
	ruleURL = define(verdict.Rule{Code: "M204", Name: "absolute-url", Severity: verdict.Error,
		Summary: "addresses of Vault and webhooks are absolute URLs",
		Good:    confExample(regionRest + vaultLine),
		Bad:     confExample(regionRest + "  vault: {url: vault.example, folder: dev-uk} # want 16 `url is \"vault.example\"`\n")})
	ruleVaultFolder = define(verdict.Rule{Code: "M205", Name: "vault-folder", Severity: verdict.Error,
		Summary: "the Vault folder of a region has no slash",
		Good:    confExample(regionRest + vaultLine),
		Bad:     confExample(regionRest + "  vault: {url: \"https://vault.example\", folder: dev/uk} # want 49 `folder is \"dev/uk\"`\n")})
	ruleBaseURL = define(verdict.Rule{Code: "M206", Name: "base-url-slash", Severity: verdict.Error,
		Summary: "base_urls do not end in a slash",
		Good:    confExample(regionRest + vaultLine + "  base_urls: {services: \"https://a.example\"}\n"),
		Bad:     confExample(regionRest + vaultLine + "  base_urls: {services: \"https://a.example/\"} # want 25 `services is \"https://a.example/\"`\n")})
	ruleHostRegex = define(verdict.Rule{Code: "M207", Name: "host-regex", Severity: verdict.Error,
		Summary: "destinationRuleHostRegex is a regular expression",
		Good:    confExample(regionRest + vaultLine + "  destinationRuleHostRegex: \"^[A-Z]+$\"\n"),
		Bad:     confExample(regionRest + vaultLine + "  destinationRuleHostRegex: \"^[A-Z\" # want 29 `destinationRuleHostRegex is \"^[A-Z\"`\n")})
	ruleClusterName = define(verdict.Rule{Code: "M208", Name: "cluster-name", Severity: verdict.Error,
		Summary: "a cluster has the name that is its key",
		Good:    "health: {}\n",
		Bad:     "-- shipcat.conf --\nclusters: {c1: {name: c2, api: a, regions: [dev-uk, dev-plain]}} # want 23 `cluster \"c1\" has the name \"c2\"`\n"})
	ruleUndefinedRegion = define(verdict.Rule{Code: "M209", Name: "undefined-region", Severity: verdict.Error,
		Summary: "regions of clusters and aliases are defined",
		Good:    "-- shipcat.conf --\ncontextAliases: {north: dev-uk}\n",
		Bad:     "-- shipcat.conf --\ncontextAliases: {north: dev-ku} # want 25 `the alias \"north\" stands for the region \"dev-ku\"`\n"})
	ruleUndefinedCluster = define(verdict.Rule{Code: "M210", Name: "undefined-cluster", Severity: verdict.Error,
		Summary: "the cluster of a region is defined",
		Good:    confExample(regionRest + vaultLine),
		Bad:     confExample("  namespace: dev\n  cluster: c2 # want 12 `region \"dev-uk\" is in the cluster \"c2\"`\n" + vaultLine)})
	ruleAliasName = define(verdict.Rule{Code: "M211", Name: "alias-name", Severity: verdict.Error,
		Summary: "an alias is not the name of a region",
		Good:    "-- shipcat.conf --\ncontextAliases: {north: dev-uk}\n",
		Bad:     "-- shipcat.conf --\ncontextAliases: {dev-plain: dev-uk} # want 29 `the alias \"dev-plain\" is also the name of a region`\n"})
	ruleToolVersion = define(verdict.Rule{Code: "M212", Name: "tool-version", Severity: verdict.Error,
		Summary: "versions are semantic versions",
		Good:    "-- shipcat.conf --\nversions: {dev: 1.2.3}\n",
		Bad:     "-- shipcat.conf --\nversions: {dev: latest} # want 17 `versions.dev is \"latest\"`\n"})
	ruleKongURL = define(verdict.Rule{Code: "M213", Name: "kong-config-url", Severity: verdict.Error,
		Summary: "regions do not share the config_url of their gateways",
		Good:    confExample(regionRest + vaultLine + kongLine),
		Bad:     "-- shipcat.conf --\n" + "clusters: {c1: {name: c1, api: a, regions: [dev-uk, dev-us]}}\ncontextAliases: {}\n" + regionStart + regionRest + vaultLine + kongLine + "- name: dev-us\n  environment: dev\n  versioningScheme: Semver\n" + regionRest + vaultLine + marked(kongLine, "36 `regions[1].kong.config_url is \"admin.a\", which region \"dev-uk\" has too`")})
	ruleDefaultsConflict = define(verdict.Rule{Code: "M214", Name: "defaults-conflict", Severity: verdict.Error,
		Summary: "defaultsV2 of a region excludes defaults and env",
		Good:    confExample(regionRest + vaultLine + "  defaultsV2: {env: {A: x}}\n"),
		Bad:     confExample(regionRest + vaultLine + "  defaultsV2: {env: {A: x}}\n  env: {B: y} # want 3 \"regions[0].env is given beside defaultsV2\"\n")})
	ruleClusterRegion = define(verdict.Rule{Code: "M215", Name: "cluster-region", Severity: verdict.Error,
		Summary: "the cluster of a region lists the region",
		Good:    "health: {}\n",
		Bad:     "# want shipcat.conf:25:12 `region \"dev-plain\" is in the cluster \"c1\", whose regions do not hold it`\n-- shipcat.conf --\nclusters: {c1: {name: c1, api: a, regions: [dev-uk]}}\n"})
)
