package genhistory

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/test/genfleet"
	"github.com/seed306eabeb/muster/test/genrepo"
)

// dialect is what edits know of a repository.
type dialect struct {
	marker string // in its root
	main   string // the file that each unit has that is a folder
	limit  int    // bytes of a unit
	start  func(Options) (Tree, error)
	unitOf func(path string) (unit string, ok bool)
	name   func(unit string) string // what others call it
	// own gives the text of a unit that is made out of another one the new name, and keys of its own.
	own    func(text, from, to string, n int) string
	files  []struct{ path, text string } // that units which are folders may get
	unique []*regexp.Regexp              // lines with a key that no two units have
	refers []*regexp.Regexp              // lines that name another unit
	edits  []edit                        // of what units share
}

var dialects = map[Dialect]dialect{
	Shipcat: {
		marker: "shipcat.conf", main: "manifest.yml", limit: 1 << 20,
		start: startShipcat, edits: shipcatEdits(),
		unitOf: func(p string) (string, bool) { return folder(p, "services/", 1) },
		name:   path.Base,
		own: func(text, from, to string, _ int) string {
			return strings.ReplaceAll(text, path.Base(from), path.Base(to))
		},
		files: []struct{ path, text string }{
			{"README.md", "Read by nobody.\n"},
			{"notes/todo.txt", "nothing\n"},
			{"dev.yml", "replicaCount: 3\n"},
			{"dev-uk.yml", "replicaCount: 4\nenv:\n  ADDED: here\n"},
			{"preprod-uk.yml", "replicaCount: 0\n"},
			{"mars.yml", "replicaCount: 4\n"},
			{"shared.conf.j2", "of {{ service }} alone, in {{ region }}\n"},
			{"unused.j2", "{{ nowhere }}\n"},
		},
		unique: []*regexp.Regexp{regexp.MustCompile(`(?m)^- name: .*-events$`), regexp.MustCompile(`(?m)^name: .*$`)},
		refers: []*regexp.Regexp{regexp.MustCompile(`(?m)^dependencies:\n- name: .*$`)},
	},
	Muster: {
		marker: "muster.yaml", main: "service.yaml", limit: 64 << 10,
		start: startMuster, edits: musterEdits(),
		unitOf: musterUnit,
		name: func(unit string) string {
			_, name, _ := strings.Cut(unit, "/")
			if path.Ext(name) == ".yaml" || path.Ext(name) == ".tf" {
				return strings.TrimSuffix(name, path.Ext(name))
			}
			return name
		},
		own: func(text, _, _ string, n int) string {
			text = regexp.MustCompile(`(?m)^port: .*$`).ReplaceAllString(text, fmt.Sprintf("port: %d", 20_000+n))
			text = regexp.MustCompile(`(?m)^arn: .*$`).ReplaceAllString(text, fmt.Sprintf("arn: arn:aws:sqs:eu-west-1:1234:x-%d", n))
			return regexp.MustCompile(`(?m)^output ".*"`).ReplaceAllString(text, fmt.Sprintf(`output "out/x-%d"`, n))
		},
		files: []struct{ path, text string }{
			{"README.md", "Read by nobody.\n"},
			{"deploy/limits.json", "{\"cpu\": 2, \"memory\": \"64Mi\"}\n"},
			{"deploy/more.json", "{}\n"},
			{"service.yaml", "about: a service that was added on its own\nteam: search\nport: 9999\nreplicas: 2\nneeds: []\n"},
		},
		unique: []*regexp.Regexp{regexp.MustCompile(`(?m)^port: .*$`), regexp.MustCompile(`(?m)^arn: .*$`)},
		refers: []*regexp.Regexp{regexp.MustCompile(`(?m)^reads:\n  - .*$`), regexp.MustCompile(`(?m)^owner: .*$`), regexp.MustCompile(`(?m)^needs: \[[a-z0-9/-]+`)},
	},
}

// folder is the unit that a path belongs to where units are the folders so far below one.
func folder(p, below string, depth int) (unit string, ok bool) {
	rest, ok := strings.CutPrefix(p, below)
	names := strings.Split(rest, "/")
	if !ok || len(names) < depth {
		return "", false
	}
	return below + strings.Join(names[:depth], "/"), true
}

func musterUnit(p string) (string, bool) {
	if unit, ok := folder(p, "services/", 2); ok {
		return unit, true
	}
	isUnit := strings.HasPrefix(p, "queues/") && path.Ext(p) == ".yaml" || strings.HasPrefix(p, "modules/") && path.Ext(p) == ".tf"
	return p, isUnit
}

// startShipcat is a fleet with shared templates, which every other service without config files uses.
func startShipcat(o Options) (Tree, error) {
	t, err := written(func(dir string) error {
		_, err := genfleet.Write(dir, genfleet.Options{Services: o.Units, Bad: o.Bad, Seed: o.Seed})
		return err
	})
	if err != nil {
		return nil, err
	}
	delete(t, "EXPECTED.json")
	uses := false
	for _, p := range t.paths() {
		if path.Base(p) != "manifest.yml" || strings.Contains(t[p].Data, "\nconfigs:") {
			continue
		}
		if uses = !uses; uses {
			t.text(p, t[p].Data+"configs:\n  mount: /config/\n  files:\n  - name: shared.conf.j2\n    dest: shared.conf\n")
		}
	}
	t.text("templates/shared.conf.j2", "service = {{ service }}\nregion = {{ region }}\n")
	t.text("templates/unused.conf.j2", "service = {{ service }}\n")
	t.text("README.md", "A fleet.\n")
	return t, nil
}

// startMuster is a repository of genrepo with a bound on the size of units, and shared files more.
func startMuster(o Options) (Tree, error) {
	t, err := written(func(dir string) error {
		_, err := genrepo.Write(dir, genrepo.Options{Units: o.Units, Bad: o.Bad, Seed: o.Seed})
		return err
	})
	if err != nil {
		return nil, err
	}
	delete(t, "EXPECTED.json")
	text := strings.Replace(t["muster.yaml"].Data, "muster: 1\n", "muster: 1\nlimits: {unit: 64KiB}\n", 1)
	for _, at := range []string{"services/*/*/", "queues/**/*.yaml", "modules/**/*.tf"} { // edits may leave none of a kind
		text = strings.Replace(text, "    at: "+at+"\n", "    at: "+at+"\n    optional: true\n", 1)
	}
	if o.Command != "" {
		text = strings.Replace(text, "  queue:\n", "      - {run: "+o.Command+", in: deploy/*.json, with: teams.yaml}\n  queue:\n", 1)
	}
	t.text("muster.yaml", text)
	t.text("limits/cpu.yaml", "most: 8\n")
	t.text("README.md", "A repository.\n")
	return t, nil
}

// shipcatEdits are those of what services share.
func shipcatEdits() []edit {
	const conf, teams, template = "shipcat.conf", "teams.yml", "templates/shared.conf.j2"
	edits := toggles(
		toggle{class: Conf, file: conf, from: "  replicaCount: 2\n", to: "  replicaCount: 3\n"},
		toggle{class: Conf, file: conf, from: "- custom-metrics\n- cost-centre\n", to: "- custom-metrics\n"},
		toggle{class: Conf, file: conf, from: "- custom-metrics\n", to: "- customs\n"},
		toggle{class: Conf, file: conf, from: "GLOBAL_EVAR: indeed", to: "GLOBAL_EVAR: hardly"},
		toggle{class: Conf, file: conf, from: "      TELEMETRY_HOST: ", to: "      lower_case: x\n      TELEMETRY_HOST: "},
		toggle{class: Conf, file: conf, from: "  versioningScheme: Semver\n", to: "  versioningScheme: GitShaOrSemver\n"},
		toggle{class: Conf, file: conf, from: "  imagePrefix: ", to: "  # a note\n  imagePrefix: "},
		toggle{class: Conf, file: conf, from: "\ndefaults:\n", to: "\ndefaults: [\n", breaks: true},
		toggle{class: Region, file: conf, from: "- name: preprod-uk\n", to: "- name: preprod-us\n", breaks: true},
		toggle{class: Region, file: conf, from: "regions:\n- name: dev-uk\n", to: "regions:\n" + anotherRegion + "- name: dev-uk\n",
			place: "    regions:\n    - dev-uk\n", with: "    - dev-mars\n"},
		toggle{class: Team, file: teams, from: "\n  payments:\n", to: "\n  paying:\n"},
		toggle{class: Team, file: teams, from: "\n  identity:\n", to: "\n  identities:\n"},
		toggle{class: Team, file: teams, from: "      internal: C10000000\n", to: "      internal: C10000001\n"},
		toggle{class: Team, file: teams, from: "people:\n", to: "# these\npeople:\n"},
		toggle{class: Template, file: template, from: "{{ service }}", to: "{{ servise }}"},
		toggle{class: Template, file: template, from: "region = ", to: "the region = "},
		toggle{class: Template, file: template, to: "service = {{ service }}\nregion = {{ region }}\n"},
		toggle{class: Template, file: "templates/unused.conf.j2", from: "{{ service }}", to: "{{ servise }}"},
		toggle{class: Template, file: "templates/new.conf.j2", to: "new\n"},
		toggle{class: Severity, file: "muster.yaml", to: "muster: 1\nseverities:\n  - {rules: replica-count, severity: warning}\n"},
		toggle{class: Ignore, file: "muster.yaml", to: "muster: 1\nignore:\n  - {rules: unknown-team, reason: they are on their way}\n"},
	)
	return slices.Concat(edits, commonEdits())
}

// anotherRegion is one that no service names.
const anotherRegion = `- name: dev-mars
  namespace: dev
  environment: dev
  cluster: kops-uk
  versioningScheme: Semver
  vault:
    url: https://vault.fleet.example.com:8200
    folder: dev-mars
  base_urls:
    services: https://mars.fleet.example.com
    external_services: https://mars.fleet.example.com/ext
`

// musterEdits are those of muster.yaml and of what it names.
func musterEdits() []edit {
	const muster = "muster.yaml"
	const unique = "      - {unique: port, in: service.yaml, as: port}\n"
	const limits = "      - {schema: schemas/limits.json, in: deploy/limits.json}\n"
	const syntax = "      - {syntax: json, in: deploy/limits.json, documents: one}\n"
	edits := toggles(
		toggle{class: Rule, file: muster, from: "size(self.about) > 20", to: "size(self.about) > 40"},
		toggle{class: Rule, file: muster, from: "self.replicas > 1", to: "self.replicas > 3"},
		toggle{class: Rule, file: muster, from: `.teams", in: `, to: `.teams", message: "'nobody is ' + self.team", in: `},
		toggle{class: Rule, file: muster, from: "id: service/spread", to: "when: self.port > 10005, id: service/spread"},
		toggle{class: Rule, file: muster, from: `'^output "`, to: `'^(?:output|variable) "`},
		toggle{class: Rule, file: muster, from: "size(self.about)", to: "siz(self.about)", breaks: true},
		toggle{class: Check, file: muster, from: unique, to: unique + "      - {rule: self.port > 10005, in: service.yaml, id: service/port}\n"},
		toggle{class: Check, file: muster, from: "      - {exists: \"reads", to: "      #- {exists: \"reads"},
		toggle{class: Check, file: muster, from: syntax + limits, to: limits + syntax},
		toggle{class: Check, file: muster, from: "      - {exists: owner, as: service}\n", to: "      - {exists: owner, as: [service, queue]}\n"},
		toggle{class: Check, file: muster, from: "as: port}", to: "as: door}"},
		toggle{class: Setting, file: muster, from: "{schema: schemas/queue.json}", to: "{schema: schemas/queue.json, formats: off}"},
		toggle{class: Setting, file: muster, from: "id: service/team}", to: "id: service/team, help: the teams are in teams.yaml}"},
		toggle{class: Setting, file: muster, from: "in: deploy/limits.json, documents: one", to: "in: deploy/*.json, documents: one"},
		toggle{class: Setting, file: muster, from: "in: deploy/limits.json}", to: "in: deploy/limits.json, optional: true}"},
		toggle{class: Setting, file: muster, from: "    at: queues/**/*.yaml\n", to: "    at: queues/**/*.yaml\n    except: queues/**/q-00001.yaml\n"},
		toggle{class: Setting, file: muster, from: "    deployed: regions[*]\n", to: "    deployed: regions[0]\n"},
		toggle{class: Setting, file: muster, from: "    at: services/*/*/\n", to: "    at: services/*/*/\n    owner: team\n"},
		toggle{class: Setting, file: muster, from: "unit: 64KiB", to: "unit: 60KiB"},
		toggle{class: Setting, file: muster, from: "shared: teams.yaml\n", to: "shared: [teams.yaml, limits/*.yaml]\n"},
		toggle{class: Setting, file: muster, from: "limits: {unit", to: "yaml: kubernetes\nlimits: {unit"},
		toggle{class: Setting, file: muster, from: "muster: 1\n", to: "muster: 1\n# a note\n"},
		toggle{class: Region, file: muster, from: "regions: [eu, us]", to: "regions: [eu, us, ap]"},
		toggle{class: Region, file: muster, from: "regions: [eu, us", to: "regions: [us"},
		toggle{class: Severity, file: muster, from: "id: service/about, severity: warning", to: "id: service/about"},
		toggle{class: Severity, file: muster, from: "schemas: schemas/*.json\n", to: "schemas: schemas/*.json\nseverities:\n  - {rules: service/unique, severity: warning}\n"},
		toggle{class: Ignore, file: muster, from: "\nunits:\n", to: "\nignore:\n  - {rules: service/spread, reason: it is to be mended}\nunits:\n"},
		toggle{class: Schema, file: "schemas/service.json", from: `"minimum": 1024`, to: `"minimum": 10003`},
		toggle{class: Schema, file: "schemas/service.json", from: `"additionalProperties": false`, to: `"additionalProperties": true`},
		toggle{class: Schema, file: "schemas/limits.json", from: `"maximum": 16`, to: `"maximum": 4`},
		toggle{class: Schema, file: "schemas/queue.json", from: `"required": ["arn", "owner"]`, to: `"required": ["arn", "owner", "tags"]`},
		toggle{class: Schema, file: "schemas/name.json", from: `^[a-z0-9/-]+$`, to: `^(core|edge)/`},
		toggle{class: Schema, file: "schemas/unused.json", to: `{"$id": "https://muster.example/unused.json"}`},
		toggle{class: Team, file: "teams.yaml", from: "payments, ", to: "paying, "},
		toggle{class: Team, file: "limits/cpu.yaml", from: "most: 8", to: "most: 9"},
	)
	return slices.Concat(edits, commonEdits())
}

func commonEdits() []edit {
	return toggles(
		toggle{class: Owner, file: "CODEOWNERS", to: "* @nobody\n/services/ @everybody\n"},
		toggle{class: Unrelated, file: "README.md", from: "A ", to: "The "},
		toggle{class: Unrelated, file: "docs/page.md", to: "A page.\n"},
	)
}
