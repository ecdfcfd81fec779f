package genfleet

import (
	"fmt"
	"strings"
)

// writeOverrides gives about half of the services one to three override files:
// for the environment, for Region, and for the other regions.
func (a author) writeOverrides() {
	if a.chance(0.5) {
		return
	}
	choice := a.IntN(10)
	if choice < 7 {
		a.writeOverride("dev.yml", false)
	}
	if choice >= 5 {
		a.writeOverride(regionFile, true)
	}
	for _, region := range a.regions[1:] {
		if a.chance(0.4) {
			a.writeOverride(region+".yml", false)
		}
	}
}

// writeOverride fills one override file; sha says whether its region accepts a
// commit as a version.
func (a author) writeOverride(file string, sha bool) {
	o := a.override(file)
	if a.chance(0.45) {
		if sha && a.chance(0.3) {
			o.set("version", a.gitSha())
		} else {
			o.set("version", raw(a.semver()))
		}
	}
	o.set("env", a.overrideEnv(strings.TrimSuffix(file, ".yml")))
	if a.chance(0.3) {
		o.set("resources", a.resources())
	}
	if a.chance(0.3) {
		o.set("replicaCount", a.between(1, 3))
	}
	if a.chance(0.15) {
		ip := fmt.Sprintf("10.%d.%d.%d", a.IntN(256), a.IntN(256), a.IntN(256))
		o.set("hostAliases", sequence{mapOf("ip", ip, "hostnames", sequence{"alias." + a.dir + ".internal"})})
	}
	if a.chance(0.1) {
		o.set("health", mapOf("uri", "/health", "wait", a.between(5, 120)))
	}
}

func (a author) overrideEnv(scope string) *mapping {
	env := mapOf("EXTRA_URL", "https://"+scope+".fleet.example.com/"+a.dir)
	for _, v := range some(a.rng, plainVars, a.between(0, 4)) {
		env.set(v.name, v.value)
	}
	if a.chance(0.3) {
		env.set("MODE", "development")
	}
	return env
}
