package manifest

import "github.com/seed306eabeb/muster/yamldoc"

import "fmt"

// inherited merges what every service of a region starts from: conf.defaults
// below the region's own, whether in today's or in the older form.
func (c *confReader) inherited(defaults, r *yamldoc.Value) *yamldoc.Value {
	own := r.Get("defaultsV2")
	legacy, env := r.Get("defaults"), r.Get("env")
	for _, old := range []*yamldoc.Value{legacy, env} {
		if own != nil && old != nil {
			c.found(ruleDefaultsConflict.At(old.KeyPlace(), fmt.Sprintf("%s is given beside defaultsV2", old.Path()), "move it into defaultsV2"))
		}
	}
	if own == nil {
		own = legacyDefaults(r, legacy, env)
	}
	return yamldoc.Overlay(objectOf(manifestObject), yamldoc.Overlay(objectOf(manifestObject), nil, defaults), own)
}

// legacyDefaults is the older form as a defaults block.
func legacyDefaults(r, legacy, env *yamldoc.Value) *yamldoc.Value {
	v := yamldoc.EmptyAt(defaultsObject, r)
	if env.Good() {
		v.Set("env", env)
	}
	if kong := legacy.Get("kong"); kong.Good() {
		if a := kong.Get("authorization"); a.Good() {
			apis, shared := yamldoc.EmptyAt(kongApisObject, kong), yamldoc.EmptyAt(kongDefaultsObject, kong)
			shared.Set("authorization", yamldoc.Overlay(objectOf(authorizationObject), nil, a))
			apis.Set("defaults", shared)
			v.Set("kongApis", apis)
		}
	}
	if legacy.Good() {
		v.Set("kong", legacyAuthorization(legacy))
	}
	return v
}

// legacyAuthorization is kong.authorization.enabled, false unless it is given.
func legacyAuthorization(legacy *yamldoc.Value) *yamldoc.Value {
	kong, auth := yamldoc.EmptyAt(kongObject, legacy), yamldoc.EmptyAt(authorizationObject, legacy)
	if enabled := legacy.Get("kong").Get("authorizationEnabled"); enabled != nil {
		auth.Set("enabled", enabled)
	} else {
		auth.SetZero("enabled")
	}
	kong.Set("authorization", auth)
	return kong
}
