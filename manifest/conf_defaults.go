package manifest

import "fmt"

// inherited merges what every service of a region starts from: conf.defaults
// below the region's own, whether in today's or in the older form.
func (c *confReader) inherited(defaults, r *value) *value {
	own := r.get("defaultsV2")
	legacy, env := r.get("defaults"), r.get("env")
	for _, old := range []*value{legacy, env} {
		if own != nil && old != nil {
			c.found(ruleDefaultsConflict.At(old.keyPlace(), fmt.Sprintf("%s is given beside defaultsV2", old.path()), "move it into defaultsV2"))
		}
	}
	if own == nil {
		own = legacyDefaults(r, legacy, env)
	}
	return overlay(objectOf(manifestObject), overlay(objectOf(manifestObject), nil, defaults), own)
}

// legacyDefaults is the older form as a defaults block.
func legacyDefaults(r, legacy, env *value) *value {
	v := newValue(defaultsObject, r)
	if env.good() {
		v.set("env", env)
	}
	if kong := legacy.get("kong"); kong.good() {
		if a := kong.get("authorization"); a.good() {
			apis, shared := newValue(kongApisObject, kong), newValue(kongDefaultsObject, kong)
			shared.set("authorization", overlay(objectOf(authorizationObject), nil, a))
			apis.set("defaults", shared)
			v.set("kongApis", apis)
		}
	}
	if legacy.good() {
		v.set("kong", legacyAuthorization(legacy))
	}
	return v
}

// legacyAuthorization is kong.authorization.enabled, false unless it is given.
func legacyAuthorization(legacy *value) *value {
	kong, auth := newValue(kongObject, legacy), newValue(authorizationObject, legacy)
	if enabled := legacy.get("kong").get("authorizationEnabled"); enabled != nil {
		auth.set("enabled", enabled)
	} else {
		auth.setZero("enabled")
	}
	kong.set("authorization", auth)
	return kong
}
