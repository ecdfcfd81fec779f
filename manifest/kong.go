package manifest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// kongAPI is an API that the gateway of a region gets.
type kongAPI struct {
	name string
	v    *yamldoc.Value
}

// kong builds the service's APIs. A region without a gateway has none, and then
// nothing of kong and kongApis is judged.
func (e *evaluation) kong() {
	if e.region.kong == nil {
		return
	}
	apis := e.m.Get("kongApis")
	shared := apis.Get("defaults")
	name := e.unit.Name
	if n := e.m.Get("name"); n.Good() {
		name = id.Unit(n.Text())
	}
	single := e.singleAPI(shared)
	if single != nil {
		e.buildAPI(string(name), single)
		e.kongExclusive(apis)
		return
	}
	named := slices.Clone(apis.Items())
	slices.SortFunc(named, func(a, b *yamldoc.Value) int { return strings.Compare(a.Key(), b.Key()) })
	for _, a := range named {
		e.namedAPI(string(name), shared, a)
	}
}

// singleAPI is kong on top of what APIs share, nil when that routes nothing.
func (e *evaluation) singleAPI(shared *yamldoc.Value) *yamldoc.Value {
	own := e.m.Get("kong")
	if enabled := own.Get("enabled"); enabled.Good() && !own.Flag("enabled") {
		return nil
	}
	api := yamldoc.Overlay(objectOf(kongObject), shared, own)
	if !routes(api) {
		return nil
	}
	return api
}

// routes says whether an API has hosts or paths.
func routes(api *yamldoc.Value) bool {
	return api.Get("uris") != nil || len(api.Get("hosts").Items()) > 0
}

func (e *evaluation) kongExclusive(apis *yamldoc.Value) {
	for _, a := range apis.Items() {
		e.add(ruleKongExclusive.At(a.KeyPlace(), fmt.Sprintf("%s is given beside kong; a service has either one API or named ones", a.Path()), "move kong's keys below a name in kongApis, or drop kongApis"))
		return
	}
}

func (e *evaluation) namedAPI(service string, shared, a *yamldoc.Value) {
	if a.Key() != service && !strings.HasPrefix(a.Key(), service+"-") {
		e.add(ruleKongAPIName.At(a.KeyPlace(), fmt.Sprintf("the API is named %q; expected %q or a name that starts with %q", a.Key(), service, service+"-"), ""))
	}
	if enabled := a.Get("enabled"); enabled.Good() && !a.Flag("enabled") || !a.Good() {
		return
	}
	api := yamldoc.Overlay(objectOf(kongObject), shared, a)
	if !routes(api) {
		e.add(ruleKongRoute.At(a.KeyPlace(), a.Path()+" has neither hosts nor uris", "give one of them, or set enabled: false"))
		return
	}
	e.buildAPI(a.Key(), api)
}

// buildAPI judges an API that routes something.
func (e *evaluation) buildAPI(name string, api *yamldoc.Value) {
	e.apis = append(e.apis, kongAPI{name, api})
	auth := api.Get("authorization")
	switch {
	case auth == nil:
		auth = yamldoc.EmptyAt(authorizationObject, api) // on unless it is switched off
	case auth.Bad() || auth.Get("enabled").Good() && !auth.Flag("enabled"):
		return
	}
	e.authorization(auth)
	if a := api.Get("auth"); a.Good() {
		e.fault(ruleKongAuth, a, fmt.Sprintf("%s is %q beside authorization, which is enabled", a.Path(), a.Text()), "drop auth, or set authorization.enabled: false")
	}
}

func (e *evaluation) authorization(auth *yamldoc.Value) {
	if a := auth.Get("allowed_audiences"); (a == nil || a.Good()) && len(a.Items()) == 0 {
		e.add(ruleKongAudiences.At(auth.Under("allowed_audiences"), "allowed_audiences is empty, and authorization is enabled", "list the audiences, or set authorization.enabled: false"))
	}
	if auth.Flag("allow_invalid_tokens") && !auth.Flag("allow_anonymous") {
		e.fault(ruleKongInvalidTokens, auth.Get("allow_invalid_tokens"), "allow_invalid_tokens is set without allow_anonymous", "set both or neither")
	}
	if !auth.Flag("enable_cookie_refresh") {
		return
	}
	for _, key := range []string{"refresh_auth_service", "refresh_body_refresh_token_key"} {
		if auth.Get(key) == nil {
			e.fault(ruleKongCookieRefresh, auth.Get("enable_cookie_refresh"), "enable_cookie_refresh is set without "+key, "set "+key+" too")
		}
	}
}

// Shipcat's checks of kong and kongApis while it builds a manifest, in regions that have a
// kong.
var (
	ruleKongExclusive = define(verdict.Rule{Code: "M311", Name: "kong-exclusive", Severity: verdict.Error,
		Summary: "a service has either kong or named kongApis",
		Doc:     "Hosts or uris in kongApis.defaults, also those of shipcat.conf, count as kong.",
		Good:    "kongApis:\n  svc: {uris: /x, authorization: {enabled: false}}\n",
		Bad:     "kong: {uris: /x, authorization: {enabled: false}}\nkongApis:\n  svc: {uris: /y} # want 3 \"kongApis.svc is given beside kong\"\n"})
	ruleKongAPIName = define(verdict.Rule{Code: "M312", Name: "kong-api-name", Severity: verdict.Error,
		Summary: "a named API is the service's name, or starts with it and a dash",
		Good:    "kongApis:\n  svc-admin: {uris: /x, authorization: {enabled: false}}\n",
		Bad:     "kongApis:\n  admin: {uris: /x, authorization: {enabled: false}} # want 3 `the API is named \"admin\"`\n"})
	ruleKongRoute = define(verdict.Rule{Code: "M313", Name: "kong-route", Severity: verdict.Error,
		Summary: "a named API has hosts or uris",
		Good:    "kongApis:\n  svc: {uris: /x, authorization: {enabled: false}}\n",
		Bad:     "kongApis:\n  svc: {strip_uri: true} # want 3 \"kongApis.svc has neither hosts nor uris\"\n"})
	ruleKongAudiences = define(verdict.Rule{Code: "M314", Name: "kong-audiences", Severity: verdict.Error,
		Summary: "authorization names audiences unless it is switched off",
		Doc:     "Authorization is enabled unless enabled is false.",
		Good:    "kong: {uris: /x, authorization: {allowed_audiences: [\"https://a\"]}}\n",
		Bad:     "kong: {uris: /x, authorization: {allow_cookies: true}} # want 18 \"allowed_audiences is empty, and authorization is enabled\"\n"})
	ruleKongInvalidTokens = define(verdict.Rule{Code: "M315", Name: "kong-invalid-tokens", Severity: verdict.Error,
		Summary: "allow_invalid_tokens comes with allow_anonymous",
		Good:    "kong: {uris: /x, authorization: {allowed_audiences: [a], allow_invalid_tokens: true, allow_anonymous: true}}\n",
		Bad:     "kong: {uris: /x, authorization: {allowed_audiences: [a], allow_invalid_tokens: true}} # want 80 \"allow_invalid_tokens is set without allow_anonymous\"\n"})
	ruleKongCookieRefresh = define(verdict.Rule{Code: "M320", Name: "kong-cookie-refresh", Severity: verdict.Error,
		Summary: "enable_cookie_refresh comes with the service and key that it needs",
		Good:    "kong: {uris: /x, authorization: {allowed_audiences: [a], enable_cookie_refresh: true, refresh_auth_service: s, refresh_body_refresh_token_key: k}}\n",
		Bad:     "kong: {uris: /x, authorization: {allowed_audiences: [a], enable_cookie_refresh: true}} # want 81 \"enable_cookie_refresh is set without refresh_auth_service\" 81 \"enable_cookie_refresh is set without refresh_body_refresh_token_key\"\n"})
	ruleKongAuth = define(verdict.Rule{Code: "M321", Name: "kong-auth", Severity: verdict.Error,
		Summary: "an API has one kind of authentication",
		Good:    "kong: {uris: /x, auth: jwt, authorization: {enabled: false}}\n",
		Bad:     "kong: {uris: /x, auth: jwt, authorization: {allowed_audiences: [a]}} # want 24 `auth is \"jwt\" beside authorization`\n"})
)
