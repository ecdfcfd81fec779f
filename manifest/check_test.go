package manifest

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
)

// twoRegions is svc deployed in both regions of the example.
const twoRegions = "regions: [dev-uk, dev-plain]\n"

func TestStanding(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, example string
		regions       []string
		standing      verdict.Skipped
	}{
		{"deployed in one", "regions: [dev-uk]\n", []string{"dev-uk"}, ""},
		{"deployed in two", twoRegions, []string{"dev-plain", "dev-uk"}, ""},
		{"deployed in another", "regions: [prod]\n", nil, verdict.NotDeployed},
		{"disabled", "disabled: true\n", nil, verdict.Disabled},
		{"external", "external: true\n", nil, verdict.External},
		{"both", "external: true\ndisabled: true\n", nil, verdict.Disabled},
		{"deployed, though it has mistakes", "regions: [dev-uk]\nbogus: 1\n", []string{"dev-uk"}, ""},
		{"unreadable", "name: [\n", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := exampleRepo(t).lay(tt.example).check(t, "svc")
			if !slices.Equal(d.Regions, tt.regions) || d.Skipped != tt.standing || d.Regions == nil {
				t.Errorf("got %#v %q; expected %q %q", d.Regions, d.Skipped, tt.regions, tt.standing)
			}
		})
	}
}

// TestDepth: how far a service is judged where it is not deployed, external or
// disabled.
func TestDepth(t *testing.T) {
	t.Parallel()
	const (
		listing = "image: a:b\n"                            // judged for every folder
		build   = "env: {lower: x}\n"                       // judged where the service is deployed or external
		doc     = "metadata: {team: sq, ped: x}\n"          // verified, also of external services
		verify  = "labels: {nope: x}\nreplicaCount: 0\n"    // verified of deployed services
		elsewh  = "regions: [prod]\n"                       // deployed nowhere here
		all     = listing + build + doc + verify + "n: 1\n" // n is no key: decoding finds it always
	)
	tests := []struct {
		name, example string
		rules         []string
	}{
		{"deployed", all, []string{"M110", "M307", "M322", "M406", "M415", "M422"}},
		{"external", all + "external: true\n", []string{"M110", "M307", "M322", "M415"}},
		{"disabled", all + "disabled: true\n", []string{"M110", "M307"}},
		{"not deployed", all + elsewh, []string{"M110", "M307"}},
		{"external elsewhere", all + elsewh + "external: true\n", []string{"M110", "M307"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := errorRules(found(t, tt.example)); !slices.Equal(got, tt.rules) {
				t.Errorf("got %q; expected %q", got, tt.rules)
			}
		})
	}
}

// errorRules are the codes of the errors among findings, sorted, each once.
func errorRules(findings []verdict.Finding) []string {
	var codes []string
	for _, f := range findings {
		if f.Severity == verdict.Error {
			codes = append(codes, f.Rule)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// TestProvenance: a finding points at the layer that set the value, and names
// the regions that it holds in.
func TestProvenance(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, example, want string }{
		{"the root file, in all regions", "-- services/svc/manifest.yml --\n" + twoRegions + "version: latest\n",
			`M403 services/svc/manifest.yml:8:10 version: version is "latest"; expected a semantic version such as 1.2.3 [dev-plain]
M403 services/svc/manifest.yml:8:10 version: version is "latest"; expected a semantic version such as 1.2.3 or a full git revision of 40 digits [dev-uk]
`},
		{"one finding for several regions", twoRegions + "replicaCount: 0\n",
			`M422 services/svc/manifest.yml:8:15 replicaCount: replicaCount is 0; expected at least 1 (to deploy the service nowhere, set disabled: true in manifest.yml) [dev-plain dev-uk]
`},
		{"the environment's file", "-- services/svc/dev.yml --\nreplicaCount: 0\n",
			`M422 services/svc/dev.yml:1:15 replicaCount: replicaCount is 0; expected at least 1 (to deploy the service nowhere, set disabled: true in manifest.yml) [dev-uk]
`},
		{"the region's file wins", "-- services/svc/dev.yml --\nreplicaCount: 0\n-- services/svc/dev-uk.yml --\nreplicaCount: 1\n", ""},
		{"a key of a mapping that layers share", "-- services/svc/dev-uk.yml --\nenv: {lower: x}\n-- services/svc/dev.yml --\nenv: {A: x}\n",
			`M322 services/svc/dev-uk.yml:1:7 env.lower: the environment variable "lower" is not in upper case (write "LOWER") [dev-uk]
`},
		{"the defaults", "-- shipcat.conf --\ndefaults: {imagePrefix: a, chart: base, replicaCount: 0}\n-- services/svc/manifest.yml --\n" + twoRegions,
			`M422 shipcat.conf:31:55 defaults.replicaCount: replicaCount is 0; expected at least 1 (to deploy the service nowhere, set disabled: true in manifest.yml) [dev-plain dev-uk]
`},
		{"a field that no layer sets", "-- shipcat.conf --\ndefaults: {imagePrefix: a, chart: base}\n-- services/svc/dev.yml --\nenv: {A: x}\n",
			`M422 services/svc/manifest.yml:1:1 replicaCount: replicaCount is missing, here and in the defaults of shipcat.conf (give a number of at least 1) [dev-uk]
`},
		{"a part of an override", "-- services/svc/dev.yml --\nresources: {limits: {cpu: 1, memory: 1Gi}}\n",
			`M316 services/svc/dev.yml:1:1 resources.requests: resources.requests is missing; expected cpu and memory (resources are overridden as a whole: repeat what should stay) [dev-uk]
`},
		{"an entry that no layer has in a readable way", "-- services/svc/manifest.yml --\nkongApis: {svc-a: 5}\n-- services/svc/dev.yml --\nkongApis: {svc-a: 6}\n",
			`M113 services/svc/dev.yml:1:19 kongApis.svc-a: kongApis.svc-a is the integer 6; expected a mapping (kong) [dev-plain dev-uk]
M113 services/svc/manifest.yml:8:19 kongApis.svc-a: kongApis.svc-a is the integer 5; expected a mapping (kong)
`},
		{"an unreadable layer leaves the rest unsaid", "-- services/svc/dev.yml --\nlabels: [\n-- services/svc/manifest.yml --\nreplicaCount: 0\n",
			`M101 services/svc/dev.yml:1:9 : the bracket [ opened here is never closed (close it with ]) [dev-plain dev-uk]
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, say(found(t, tt.example))); diff != "" {
				t.Errorf("expected (-) and got (+):\n%s", diff)
			}
		})
	}
}

// TestMerge shows the rules by which layers meet, on the values that arrive.
func TestMerge(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, example, want string }{
		{"an empty list replaces", "-- services/svc/manifest.yml --\nsidecars: [{name: s, env: {lower: x}}]\n-- services/svc/dev.yml --\nsidecars: []\n", ""},
		{"null keeps", "-- services/svc/manifest.yml --\nreplicaCount: 0\n-- services/svc/dev.yml --\nreplicaCount: ~\n", "M422"},
		{"kong is merged deeply", "-- services/svc/manifest.yml --\nkong: {uris: /x, authorization: {allow_cookies: true}}\n-- services/svc/dev.yml --\nkong: {authorization: {allowed_audiences: [a]}}\n", ""},
		{"kong is switched off", "-- services/svc/manifest.yml --\nkong: {uris: /x}\n-- services/svc/dev.yml --\nkong: {enabled: false}\n", ""},
		{"null removes an alert", "-- services/svc/manifest.yml --\nnewrelic: {alerts: {a b: {}}}\n-- services/svc/dev.yml --\nnewrelic: {alerts: {a b: ~}}\n", ""},
		{"an alert is replaced whole", "-- services/svc/manifest.yml --\nnewrelic: {alerts: {a b: {template: t}}}\n-- services/svc/dev.yml --\nnewrelic: {alerts: {a b: {params: {x: y}}}}\n", "M332"},
		{"routes in kongApis.defaults make a single API", "kongApis: {defaults: {uris: /x, authorization: {enabled: false}}, svc-a: {uris: /y}}\n", "M311"},
		{"older defaults: env", confExample(regionRest + vaultLine + "  env: {lower: x}\n"), "M322"},
		{"older defaults: authorization is off unless it is switched on", confExample(regionRest+vaultLine+kongLine+"  defaults: {}\n") + "-- services/svc/manifest.yml --\nkong: {uris: /x}\n", ""},
		{"older defaults: authorization", confExample(regionRest+vaultLine+kongLine+"  defaults: {kong: {authorizationEnabled: true, authorization: {allowed_audiences: [a], allow_anonymous: false, allow_invalid_tokens: true, required_scopes: [], allow_cookies: false, enable_cookie_refresh: false}}}\n") + "-- services/svc/manifest.yml --\nkong: {uris: /x}\n", "M315"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := found(t, tt.example)
			if codes := strings.Join(errorRules(got), " "); codes != tt.want {
				t.Errorf("got %q; expected %q:\n%s", codes, tt.want, say(got))
			}
		})
	}
}

// countingFS counts how often each file is opened.
type countingFS struct {
	fs.FS
	opened map[string]int
}

func (c countingFS) Open(name string) (fs.File, error) {
	c.opened[name]++
	return c.FS.Open(name)
}

func (c countingFS) Stat(name string) (fs.FileInfo, error) { return fs.Stat(c.FS, name) }

func TestFilesAreReadOnce(t *testing.T) {
	t.Parallel()
	r := exampleRepo(t).lay("-- services/svc/manifest.yml --\n" + twoRegions + "configs: {mount: /c/, files: [{name: a.j2, dest: a}, {name: a.j2, dest: b}]}\n" +
		"-- services/svc/dev.yml --\nimage: a\n-- services/svc/a.j2 --\n{{ region }}\n")
	s, unit := r.open(t), r.unit(t, "svc")
	files := countingFS{unit.Files, map[string]int{}}
	unit.Files = files
	if _, err := s.Check(context.Background(), unit, s.Regions()); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{".": 1, "manifest.yml": 1, "dev.yml": 1, "a.j2": 1}
	if diff := cmp.Diff(want, files.opened); diff != "" {
		t.Errorf("expected (-) and got (+):\n%s", diff)
	}
}

func TestIrregularFiles(t *testing.T) {
	t.Parallel()
	got := say(found(t, "-- services/svc/manifest.yml --\nconfigs: {mount: /c/, files: [{name: a.j2, dest: a}]}\n-- services/svc/a.j2 --\n"+namedPipe))
	if want := "M107 services/svc/a.j2 : services/svc/a.j2 is a named pipe; only regular files are read (put the file itself there) [dev-uk]\n"; got != want {
		t.Errorf("got %s; expected %s", got, want)
	}
}

func TestCheckHonoursTheContext(t *testing.T) {
	t.Parallel()
	r := exampleRepo(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := r.open(t).Check(ctx, r.unit(t, "svc"), []string{"dev-uk"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; expected a cancelled check", err)
	}
}

func TestCheckNeedsGoodSharedFiles(t *testing.T) {
	t.Parallel()
	r := exampleRepo(t).lay("-- shipcat.conf --\n" + absent)
	s := r.open(t)
	if got, want := say(s.Findings()), "M201 shipcat.conf : shipcat.conf does not exist (write it at the root of the repository)\n"; got != want {
		t.Errorf("got %s; expected %s", got, want)
	}
	if _, err := s.Check(context.Background(), r.unit(t, "svc"), nil); !errors.Is(err, errNoConf) {
		t.Errorf("got %v; expected %v", err, errNoConf)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	s := exampleRepo(t).open(t)
	if got := s.Regions(); !slices.Equal(got, []string{"dev-uk", "dev-plain"}) {
		t.Errorf("got %q; expected the order of shipcat.conf", got)
	}
	for name, want := range map[string]string{"dev-plain": "dev-plain", "uk": "dev-uk", "dev": ""} {
		if got, ok := s.Region(name); got != want || ok != (want != "") {
			t.Errorf("%s: got %q %t; expected %q", name, got, ok, want)
		}
	}
}
