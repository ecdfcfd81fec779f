package manifest

import "github.com/seed306eabeb/muster/verdict"

var (
	ruleMissingConf = define(verdict.Rule{Code: "M201", Name: "missing-configuration", Severity: verdict.Error,
		Summary: "shipcat.conf and teams.yml exist",
		Good:    "health: {}\n", Bad: "-- teams.yml --\nDELETE\n"})
	ruleRegionTwice = define(verdict.Rule{Code: "M202", Name: "duplicate-region", Severity: verdict.Error,
		Summary: "a region is defined once",
		Doc:     "shipcat takes the first of several.",
	})
	ruleEmptySetting = define(verdict.Rule{Code: "M203", Name: "empty-setting", Severity: verdict.Error,
		Summary: "namespace, cluster and Vault settings of a region are not empty"})
	ruleURL = define(verdict.Rule{Code: "M204", Name: "absolute-url", Severity: verdict.Error,
		Summary: "addresses of Vault and webhooks are absolute URLs"})
	ruleVaultFolder = define(verdict.Rule{Code: "M205", Name: "vault-folder", Severity: verdict.Error,
		Summary: "the Vault folder of a region has no slash"})
	ruleBaseURL = define(verdict.Rule{Code: "M206", Name: "base-url-slash", Severity: verdict.Error,
		Summary: "base_urls do not end in a slash"})
	ruleHostRegex = define(verdict.Rule{Code: "M207", Name: "host-regex", Severity: verdict.Error,
		Summary: "destinationRuleHostRegex is a regular expression"})
	ruleClusterName = define(verdict.Rule{Code: "M208", Name: "cluster-name", Severity: verdict.Error,
		Summary: "a cluster has the name that is its key"})
	ruleUndefinedRegion = define(verdict.Rule{Code: "M209", Name: "undefined-region", Severity: verdict.Error,
		Summary: "regions of clusters and aliases are defined"})
	ruleUndefinedCluster = define(verdict.Rule{Code: "M210", Name: "undefined-cluster", Severity: verdict.Error,
		Summary: "the cluster of a region is defined"})
	ruleAliasName = define(verdict.Rule{Code: "M211", Name: "alias-name", Severity: verdict.Error,
		Summary: "an alias is not the name of a region"})
	ruleToolVersion = define(verdict.Rule{Code: "M212", Name: "tool-version", Severity: verdict.Error,
		Summary: "versions are semantic versions"})
	ruleKongURL = define(verdict.Rule{Code: "M213", Name: "kong-config-url", Severity: verdict.Error,
		Summary: "regions do not share the config_url of their gateways"})
	ruleDefaultsConflict = define(verdict.Rule{Code: "M214", Name: "defaults-conflict", Severity: verdict.Error,
		Summary: "defaultsV2 of a region excludes defaults and env"})
	ruleClusterRegion = define(verdict.Rule{Code: "M215", Name: "cluster-region", Severity: verdict.Error,
		Summary: "the cluster of a region lists the region"})
)
