package yamldoc

import (
	"fmt"
	"strings"
	"testing"
)

// service is an object with a field for each way to merge.
var (
	route   = NewObject("route", "A route.", RejectUnknown, Optional("host", String, "A host."), Optional("wait", IntOf(0, 99), "Seconds."))
	routes  = &Object{Name: "routes", Doc: "Routes.", Unknown: ExtraFields, Extra: ObjectOf(route)}
	service = NewObject("service", "A service.", RejectUnknown,
		Optional("replicas", IntOf(0, 99), "How many."),
		Optional("command", ListOf(String), "What runs."),
		Optional("limits", MapOf(String), "Bounds."),
		Optional("resources", ObjectOf(NewObject("resources", "Resources.", RejectUnknown, Optional("cpu", String, "Cores."), Optional("memory", String, "Bytes."))), "What it needs."),
		Defaulted("env", NullableMapOf(Relaxed), "{}", "Variables.").Merged(MergeKeys),
		Defaulted("route", ObjectOf(route), "{}", "The route.").Merged(MergeFields),
		Defaulted("routes", ObjectOf(routes), "{}", "More routes.").Merged(MergeFields))
	conf = NewObject("conf", "What all share.", RejectUnknown,
		Optional("defaults", ObjectOf(service), "Of all regions."),
		Optional("regions", ListOf(ObjectOf(NewObject("region", "A region.", RejectUnknown,
			Required("name", String, "Its name."), Optional("defaults", ObjectOf(service), "Of this one.")))), "The regions."))
)

const (
	confText = `defaults:
  replicas: 1
  env: {LOG: info}
  route: {host: all.example}
regions:
- name: north
  defaults: {replicas: 2, env: {LOG: debug}}
- name: south
`
	baseText = `replicas: 0x3
command: [run, "fast"]
limits: {open: many}
resources: {cpu: 100m, memory: 1Gi}
env:
  A: "x y"
  B: |
    two
    lines
  LOG: &l warn
route: {wait: 5}
routes: {a: {host: h, wait: 1}}
`
	regionText = `replicas: 9
command: [walk]
resources: {cpu: 200m}
env: {A: z, C: new}
route: {wait: 6}
routes: {a: {wait: 2}, b: {}}
`
)

// layered is what holds in each of the two regions: its defaults, the base file over them,
// and in the north a file of its own on top.
func layered(tb testing.TB) (north, south *Value) {
	tb.Helper()
	all := read(tb, Serde, "conf.yml", confText, ObjectOf(conf))
	all.Get("defaults").NameLayer("defaults")
	regions := all.Get("regions").Items()
	for _, r := range regions {
		r.NameLayer("region " + r.Get("name").Text())
	}
	base := read(tb, Serde, "base.yml", baseText, ObjectOf(service))
	over := read(tb, Serde, "north.yml", regionText, ObjectOf(service))
	t := ObjectOf(service)
	inherited := func(r *Value) *Value { return Overlay(t, Overlay(t, nil, all.Get("defaults")), r.Get("defaults")) }
	north = Amend(t, Overlay(t, inherited(regions[0]), base), over)
	return north, Overlay(t, inherited(regions[1]), base)
}

// chain is an origin and what it has overridden, the last first.
func chain(o Origin) string {
	var parts []string
	for next := &o; next != nil; next = next.Overrode {
		parts = append(parts, fmt.Sprintf("%s %d:%d %s", next.Layer, next.Place.Line, next.Place.Column, next.Text))
	}
	return strings.Join(parts, " < ")
}

// TestOrigin: each value knows its layer and place, and so does what it has overridden.
// Layers that several regions share say in each what holds there.
func TestOrigin(t *testing.T) {
	t.Parallel()
	north, south := layered(t)
	tests := []struct{ path, north, south string }{
		{"replicas", "north.yml 1:11 9 < base.yml 1:11 0x3 < region north 7:24 2 < defaults 2:13 1", "base.yml 1:11 0x3 < defaults 2:13 1"},
		{"command", "north.yml 2:10 [walk] < base.yml 2:10 [run, \"fast\"]", "base.yml 2:10 [run, \"fast\"]"},
		{"command[0]", "north.yml 2:11 walk < base.yml 2:11 run", "base.yml 2:11 run"},
		{"limits", "base.yml 3:9 {open: many}", "base.yml 3:9 {open: many}"},
		{"limits.open", "base.yml 3:16 many", "base.yml 3:16 many"},
		{"resources", "north.yml 3:12 {cpu: 200m} < base.yml 4:12 {cpu: 100m, memory: 1Gi}", "base.yml 4:12 {cpu: 100m, memory: 1Gi}"},
		{"resources.cpu", "north.yml 3:18 200m < base.yml 4:18 100m", "base.yml 4:18 100m"},
		{"resources.memory", "", "base.yml 4:32 1Gi"},
		{"env", "north.yml 4:6 {A: z, C: new} < base.yml 6:3 {LOG: warn, A: \"x y\", B: \"two\\nlines\\n\"} < region north 7:32 {LOG: debug} < defaults 3:8 {LOG: info}",
			"base.yml 6:3 {LOG: warn, A: \"x y\", B: \"two\\nlines\\n\"} < defaults 3:8 {LOG: info}"},
		{"env.A", "north.yml 4:10 z < base.yml 6:6 \"x y\"", "base.yml 6:6 \"x y\""},
		{"env.C", "north.yml 4:16 new", ""},
		{"env.LOG", "base.yml 10:8 warn < region north 7:38 debug < defaults 3:14 info", "base.yml 10:8 warn < defaults 3:14 info"},
		{"route", "north.yml 5:8 {wait: 6} < base.yml 11:8 {wait: 5} < defaults 4:10 {host: all.example}", "base.yml 11:8 {wait: 5} < defaults 4:10 {host: all.example}"},
		{"route.host", "defaults 4:17 all.example", "defaults 4:17 all.example"},
		{"route.wait", "north.yml 5:15 6 < base.yml 11:15 5", "base.yml 11:15 5"},
		{"routes.a.wait", "north.yml 6:20 2 < base.yml 12:29 1", "base.yml 12:29 1"},
		{"routes.a.host", "base.yml 12:20 h", "base.yml 12:20 h"},
		{"routes.b", "north.yml 6:27 {}", ""},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		for _, in := range []struct {
			name, want string
			root       *Value
		}{{"north", tt.north, north}, {"south", tt.south, south}} {
			o, ok := in.root.OriginOf(tt.path)
			got := ""
			if ok {
				got = chain(o)
			}
			if got != in.want {
				t.Errorf("%s in the %s\ngot  %s\nwant %s", tt.path, in.name, got, in.want)
			}
		}
	}
}

// TestOriginOfValue: a value says by itself what it has overridden, and one that is not
// set says nothing.
func TestOriginOfValue(t *testing.T) {
	t.Parallel()
	north, south := layered(t)
	if got, want := chain(north.Get("env").Entry("LOG").Origin()), "base.yml 10:8 warn < region north 7:38 debug < defaults 3:14 info"; got != want {
		t.Errorf("got %s; expected %s", got, want)
	}
	layers := ""
	for o, next := north.Origin(), true; next; {
		layers += o.Layer + " "
		if next = o.Overrode != nil; next {
			o = *o.Overrode
		}
	}
	if want := "base.yml region north defaults "; layers != want {
		t.Errorf("the whole, which an override amends, comes from %s; expected %s", layers, want)
	}
	if got := north.Get("limits"); got != south.Get("limits") {
		t.Error("what overrides nothing is not shared by the regions")
	}
	if got := south.Find("env.C").Origin(); got != (Origin{}) {
		t.Errorf("what is not set comes from %s", chain(got))
	}
}

// TestFind: the path that a value gives leads to it.
func TestFind(t *testing.T) {
	t.Parallel()
	whole := read(t, Serde, "conf.yml", confText, ObjectOf(conf))
	dotted := read(t, Serde, "f.yml", "{a.b: {c: x}, a: {b.c: y, \"c[0]\": z}}", MapOf(MapOf(String)))
	found := 0
	var walk func(root, v *Value)
	walk = func(root, v *Value) {
		if got := root.Find(v.Path()); got == nil || got.Path() != v.Path() {
			t.Errorf("%q leads elsewhere", v.Path())
		}
		found++
		for _, parts := range [2][]*Value{v.fields, v.items} {
			for _, p := range parts {
				if p != nil {
					walk(root, p)
				}
			}
		}
	}
	walk(whole, whole)
	walk(dotted, dotted)
	if found < 20 {
		t.Errorf("only %d values were looked for", found)
	}
	for _, path := range []string{"default", "defaultss", "regions[9]", "regions[0].x", "defaults.", "defaults.replicas[0]", "."} {
		if v := whole.Find(path); v != nil {
			t.Errorf("%q leads to %q", path, v.Path())
		}
	}
}
