package manifest

// Most of shipcat.conf takes the literal text of any scalar as a string; only
// defaults, defaultsV2 and webhooks insist on strings.

var environments = enumOf("prod", "preprod", "staging", "dev", "test", "example")

var confObject = newObject("shipcat.conf", "What all services share.", rejectUnknown,
	required("defaults", objectOf(defaultsObject), "Values that every service inherits."),
	required("clusters", textMapOf(objectOf(clusterObject)), "The clusters by name."),
	defaulted("contextAliases", textMap, "{}", "Other names of regions."),
	required("regions", listOf(objectOf(regionObject)), "The regions."),
	defaulted("locations", textMapOf(objectOf(locationObject)), "{}", "Locations by name."),
	required("slack", objectOf(slackConfObject), "Where to report."),
	required("github", objectOf(githubConfObject), "Where the code lies."),
	defaulted("allowedLabels", textList, "[]", "Labels that services may carry."),
	defaulted("allowedCustomMetadata", textList, "[]", "Custom metadata that services may carry."),
	required("versions", textMapOf(textType), "The version of the tool per environment."),
	optional("owners", objectOf(teamsObject), "Ignored, since teams.yml says it.").NeverNull())

var clusterObject = newObject("cluster", "A Kubernetes cluster.", rejectUnknown,
	required("name", textType, "Its name, equal to its key."),
	required("api", textType, "Its address."),
	required("regions", textList, "The regions in it."),
	optional("teleport", textType, "Its teleport address."),
	optional("clustername", textType, "Its other name."))

var locationObject = newObject("location", "A location.", rejectUnknown,
	required("name", textType, "Its name."),
	required("global_region", textType, "Its global region."),
	required("local_region", textType, "Its local region."))

var slackConfObject = newObject("slack", "Where to report.", rejectUnknown, required("team", textType, "The Slack team."))

var githubConfObject = newObject("github", "Where the code lies.", rejectUnknown, required("organisation", textType, "The GitHub organisation."))

var regionObject = newObject("region", "A region.", rejectUnknown,
	required("name", textType, "Its name."),
	required("namespace", textType, "The Kubernetes namespace."),
	required("environment", environments, "Its environment, which selects ENVIRONMENT.yml."),
	defaulted("reconciliationMode", enumOf("CrdOwned"), "CrdOwned", "How services are deployed."),
	required("cluster", textType, "Its cluster."),
	required("versioningScheme", enumOf("Semver", "GitShaOrSemver"), "What a service's version looks like."),
	defaulted("base_urls", textMap, "{}", "Addresses for templates, without a slash at the end."),
	optional("kong", objectOf(regionKongObject), "The gateway; without one, kong and kongApis of services are ignored."),
	optional("statuscake", objectOf(statuscakeObject), "Uptime checks."),
	defaulted("ip_whitelist", textList, "[]", "Networks that may come in."),
	optional("kafka", objectOf(regionKafkaObject), "Kafka in the region.").NeverNull(),
	required("vault", objectOf(regionVaultObject), "Secrets in the region."),
	optional("logzio", objectOf(logzioObject), "Logs."),
	optional("grafana", objectOf(grafanaObject), "Dashboards."),
	optional("sentry", objectOf(regionSentryObject), "Error reporting."),
	defaulted("locations", textList, "[]", "Locations that the region serves."),
	defaulted("webhooks", listOf(objectOf(webhookObject)), "[]", "Who is told of deployments."),
	optional("customResources", objectOf(customResourcesObject), "What goes into custom resources."),
	optional("defaults", objectOf(legacyDefaultsObject), "Older form of defaultsV2."),
	defaulted("env", textMap, "{}", "Older form of defaultsV2.env."),
	optional("defaultsV2", objectOf(defaultsObject), "Values that services in the region inherit; excludes defaults and env."),
	optional("destinationRuleHostRegex", textType, "What identifiers of destinationRules look like."))

var regionKongObject = newObject("region.kong", "The gateway of a region.", rejectUnknown,
	required("base_url", textType, "What is appended to hosts without a dot."),
	required("config_url", textType, "Its configuration address, unique among regions."),
	required("kong_token_expiration", u32Type, "Seconds for which tokens hold."),
	required("tcp_log", objectOf(tcpLogObject), "Where it logs to."),
	defaulted("jwt_consumers", textMapOf(objectOf(jwtConsumerObject)), "{}", "Who issues tokens."),
	defaulted("internal_ips_whitelist", textList, "[]", "Networks that count as internal."),
	defaulted("extra_apis", textMapOf(objectOf(extraAPIObject)), "{}", "APIs that belong to no service."))

var tcpLogObject = newObject("tcp_log", "Where the gateway logs to.", rejectUnknown,
	required("enabled", boolType, "Whether it logs."),
	required("host", textType, "The host."),
	required("port", textType, "The port."))

var jwtConsumerObject = newObject("jwt_consumer", "An issuer of tokens.", rejectUnknown,
	required("kid", textType, "The key's identifier."),
	required("public_key", textType, "The key."))

var extraAPIObject = newObject("extra_api", "An API that belongs to no service.", rejectUnknown,
	defaulted("name", textType, `""`, "Its name."),
	defaulted("upstream_url", textType, `""`, "Where requests go."),
	defaulted("internal", boolType, "false", "Only for internal networks."),
	defaulted("publiclyAccessible", boolType, "false", "Reachable from the internet."),
	optional("authorization", objectOf(fullAuthorizationObject), "Authentication by tokens."),
	optional("uris", textType, "The paths that are routed."),
	defaulted("hosts", stringsType, "[]", "The hosts that are routed."),
	optional("auth", enumOf("none", "jwt"), "The old kind of authentication."),
	defaulted("strip_uri", boolType, "false", "Cut the path off."),
	defaulted("preserve_host", boolType, "true", "Keep the Host header."),
	optional("cors", objectOf(corsObject), "Cross-origin requests."),
	defaulted("additional_internal_ips", textList, "[]", "Networks that count as internal."),
	optional("babylon_auth_header", objectOf(authHeaderObject), "Exchange of the authentication header."),
	optional("upstream_connect_timeout", u32Type, "In milliseconds."),
	optional("upstream_send_timeout", u32Type, "In milliseconds."),
	optional("upstream_read_timeout", u32Type, "In milliseconds."),
	defaulted("add_headers", textMap, "{}", "Headers to add."),
	optional("upstream_service", textType, "The service behind it."),
	optional("babylon_request_id", boolType, "Add a request identifier."),
	optional("w3c_trace_context", boolType, "Pass the trace context on."),
	optional("ip_rate_limits", objectOf(rateLimitsObject), "Limits per address."),
	optional("user_rate_limits", objectOf(rateLimitsObject), "Limits per user."))

// fullAuthorizationObject is authorization where nothing can be inherited.
var fullAuthorizationObject = newObject("complete authorization", "Authentication by tokens, complete.", warnUnknown,
	required("allowed_audiences", textList, "Audiences whose tokens are taken."),
	required("allow_anonymous", boolType, "Take requests without a token."),
	required("allow_invalid_tokens", boolType, "Take requests with a bad token."),
	required("required_scopes", textList, "Scopes that a token must have."),
	required("allow_cookies", boolType, "Take tokens from cookies."),
	required("enable_cookie_refresh", boolType, "Renew cookies."),
	optional("refresh_auth_service", textType, "Who renews cookies."),
	optional("refresh_body_refresh_token_key", textType, "The key of the refresh token in the request."),
	optional("refresh_cookie_domain", textType, "The domain of renewed cookies."),
	optional("refresh_max_age_sec", u32Type, "Seconds for which a renewed cookie holds."),
	optional("refresh_http_timeout_msec", u32Type, "Milliseconds to wait for the renewal."),
	optional("refresh_renew_before_expiry_sec", u32Type, "Seconds before expiry at which cookies are renewed."))

var legacyDefaultsObject = newObject("legacy defaults", "Older form of defaultsV2.", rejectUnknown,
	optional("kong", objectOf(legacyKongObject), "The gateway."))

var legacyKongObject = newObject("legacy kong defaults", "Older form of kongApis.defaults.", rejectUnknown,
	optional("authorization", objectOf(fullAuthorizationObject), "Authentication by tokens."),
	defaulted("authorizationEnabled", boolType, "false", "Whether it is on."))

var statuscakeObject = newObject("statuscake", "Uptime checks.", rejectUnknown,
	optional("contact_group", textType, "Who is told."),
	optional("extra_tags", textType, "Further tags."))

var regionKafkaObject = newObject("region.kafka", "Kafka in a region.", rejectUnknown,
	required("brokers", textList, "The brokers."),
	defaulted("proxies", textList, "[]", "The proxies."),
	defaulted("zk", textList, "[]", "The zookeepers."),
	optional("propertyEnvMapping", textMap, "Which environment variable holds which property."))

var regionVaultObject = newObject("region.vault", "Secrets in a region.", rejectUnknown,
	required("url", textType, "The address of Vault."),
	required("folder", textType, "The folder, without slashes."))

var logzioObject = newObject("logzio", "Logs.", rejectUnknown,
	required("url", textType, "The address."),
	required("account_id", textType, "The account."))

var grafanaObject = newObject("grafana", "Dashboards.", rejectUnknown,
	required("url", textType, "The address."),
	required("services_dashboard_id", textType, "The dashboard of services."))

var regionSentryObject = newObject("region.sentry", "Error reporting.", rejectUnknown, required("url", textType, "The address."))

var webhookObject = newObject("webhook", "Who is told of deployments.", rejectUnknown,
	required("name", enumOf("audit"), "The kind of webhook."),
	required("url", stringType, "The address."),
	required("token", stringType, "The secret that it expects."))

var customResourcesObject = newObject("customResources", "What goes into custom resources.", rejectUnknown,
	required("config", enumOf("Filtered", "UnionisedBase", "Base", "File"), "How much of a manifest goes into them."))

var teamsObject = newObject("teams.yml", "People and teams.", ignoreUnknown,
	required("people", textMapOf(objectOf(personObject)), "The people by name."),
	required("squads", textMapOf(objectOf(squadObject)), "The squads by name."),
	required("tribes", textMapOf(objectOf(tribeObject)), "The tribes by name."))

var personObject = newObject("person", "A person.", ignoreUnknown,
	required("name", textType, "The name."),
	required("slack", textType, "The Slack identifier."),
	required("email", textType, "The address."),
	optional("github", textType, "The GitHub login."))

var squadObject = newObject("squad", "A team that owns services.", ignoreUnknown,
	required("name", textType, "The name."),
	required("members", textList, "The members."),
	defaulted("owners", textList, "[]", "The owners."),
	required("github", objectOf(teamGithubObject), "The team on GitHub."),
	required("slack", objectOf(teamSlackObject), "The Slack channels."))

var tribeObject = newObject("tribe", "Several squads.", ignoreUnknown,
	required("name", textType, "The name."),
	required("squads", textList, "The squads."),
	optional("github", objectOf(teamGithubObject), "The tribe on GitHub."),
	optional("slack", objectOf(teamSlackObject), "The Slack channels."))

var teamGithubObject = newObject("team.github", "A team on GitHub.", ignoreUnknown,
	required("team", textType, "The team."),
	optional("admins", textType, "The team of its administrators."))

var teamSlackObject = newObject("team.slack", "Slack channels of a team.", ignoreUnknown,
	optional("internal", textType, "Among itself."),
	optional("support", textType, "For questions."),
	optional("notifications", textType, "For notifications."),
	optional("alerts", textType, "For alerts."))
