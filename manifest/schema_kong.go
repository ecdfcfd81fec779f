package manifest

import "github.com/seed306eabeb/muster/yamldoc"

// enabledField lets a section be switched off where a layer below set it.
func enabledField() field { return optional("enabled", boolType, "false leaves the section out.") }

func kongRouteFields() []field {
	return []field{
		optional("upstream_url", stringType, "Where requests go."),
		optional("uris", stringType, "The paths that are routed."),
		optional("hosts", stringList, "The hosts that are routed; one without a dot gets the region's base_url."),
		optional("strip_uri", boolType, "Cut the path off."),
		optional("preserve_host", boolType, "Keep the Host header."),
		optional("cors", objectOf(corsObject), "Cross-origin requests."),
		optional("additional_internal_ips", stringList, "Networks that count as internal."),
		optional("internal", boolType, "Only for internal networks."),
		optional("camelCase", boolType, "Reachable from the internet."),
		optional("auth", enumOf("none", "jwt"), "The old kind of authentication."),
		optional("babylon_auth_header", objectOf(authHeaderObject), "Exchange of the authentication header."),
		optional("authorization", objectOf(authorizationObject), "The new kind of authentication.").Merged(mergeFields),
		optional("upstream_connect_timeout", u32Type, "In milliseconds."),
		optional("upstream_send_timeout", u32Type, "In milliseconds."),
		optional("upstream_read_timeout", u32Type, "In milliseconds."),
		defaulted("add_headers", stringMap, "{}", "Headers to add.").Merged(mergeKeys),
		optional("w3c_trace_context", boolType, "Pass the trace context on."),
		optional("babylon_request_id", boolType, "Add a request identifier."),
		optional("ip_rate_limits", objectOf(rateLimitsObject), "Limits per address.").Merged(mergeFields),
		optional("user_rate_limits", objectOf(rateLimitsObject), "Limits per user.").Merged(mergeFields),
	}
}

var (
	kongDefaultsObject = newObject("kongApis.defaults", "What all APIs of a service share.", rejectUnknown, kongRouteFields()...)
	kongObject         = newObject("kong", "An API in the gateway.", rejectUnknown, append(kongRouteFields(), enabledField())...)
	kongApisObject     = func() *yamldoc.Object {
		o := newObject("kongApis", "APIs by name; a name is the service's, or starts with it and a dash.", extraFields,
			defaulted("defaults", objectOf(kongDefaultsObject), "{}", "What all APIs share.").Merged(mergeFields))
		o.Extra = objectOf(kongObject)
		return o
	}()
)

var corsObject = newObject("cors", "Cross-origin requests.", rejectUnknown,
	required("enabled", boolType, "Whether they are allowed."),
	required("credentials", boolType, "Whether they may carry credentials."),
	required("preflight_continue", boolType, "Whether preflight requests go on to the service."),
	required("exposed_headers", stringType, "Headers that scripts may read."),
	required("headers", stringType, "Headers that are allowed."),
	required("max_age", stringType, "Seconds for which the answer holds."),
	required("methods", stringType, "Methods that are allowed."),
	required("origin", stringType, "Origins that are allowed."))

var authHeaderObject = newObject("babylon_auth_header", "Exchange of the authentication header.", rejectUnknown,
	required("enabled", boolType, "Whether it is exchanged."),
	required("auth_service", stringType, "Who exchanges it."),
	required("cache_timeout_sec", u32Type, "Seconds for which an answer is kept."),
	required("http_timeout_msec", u32Type, "Milliseconds to wait for an answer."))

var authorizationObject = newObject("authorization", "Authentication by tokens.", rejectUnknown, append(authorizationFields(), enabledField())...)

func authorizationFields() []field {
	return []field{
		optional("allowed_audiences", stringList, "Audiences whose tokens are taken, at least one."),
		optional("required_scopes", stringList, "Scopes that a token must have."),
		optional("allow_anonymous", boolType, "Take requests without a token."),
		optional("allow_invalid_tokens", boolType, "Take requests with a bad token; needs allow_anonymous."),
		optional("allow_cookies", boolType, "Take tokens from cookies."),
		optional("enable_cookie_refresh", boolType, "Renew cookies; needs refresh_auth_service and refresh_body_refresh_token_key."),
		optional("refresh_auth_service", stringType, "Who renews cookies."),
		optional("refresh_body_refresh_token_key", stringType, "The key of the refresh token in the request."),
		optional("refresh_cookie_domain", stringType, "The domain of renewed cookies."),
		optional("refresh_max_age_sec", u32Type, "Seconds for which a renewed cookie holds."),
		optional("refresh_http_timeout_msec", u32Type, "Milliseconds to wait for the renewal."),
		optional("refresh_renew_before_expiry_sec", u32Type, "Seconds before expiry at which cookies are renewed."),
	}
}

var rateLimitsObject = newObject("rate limits", "How many requests are taken.", rejectUnknown,
	optional("per_second", u32Type, "In a second."),
	optional("per_minute", u32Type, "In a minute."),
	optional("per_hour", u32Type, "In an hour."),
	optional("per_day", u32Type, "In a day."),
	enabledField())
