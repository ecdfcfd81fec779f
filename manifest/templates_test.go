package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTemplateFaults: the place is inside the value or file where that can be
// told, and the help names what exists.
func TestTemplateFaults(t *testing.T) {
	t.Parallel()
	const config = "-- services/svc/manifest.yml --\nconfigs: {mount: /c/, files: [{name: a.j2, dest: a}]}\n"
	tests := []struct{ name, example, want string }{
		{"in double quotes", "env: {A: \"x{{ regoin }}\"}\n",
			"M502 services/svc/manifest.yml:8:15 env.A: env.A uses regoin, which is not defined (did you mean \"region\"?) [dev-uk]\n"},
		{"behind a wide character", "env: {A: 'é{{ regoin }}'}\n",
			"M502 services/svc/manifest.yml:8:15 env.A: env.A uses regoin, which is not defined (did you mean \"region\"?) [dev-uk]\n"},
		{"plain", "env:\n  A: x{{ regoin }}\n",
			"M502 services/svc/manifest.yml:9:10 env.A: env.A uses regoin, which is not defined (did you mean \"region\"?) [dev-uk]\n"},
		{"in a literal block", "env:\n  A: |\n    x\n    {{ regoin }}\n",
			"M502 services/svc/manifest.yml:11:8 env.A: env.A uses regoin, which is not defined (did you mean \"region\"?) [dev-uk]\n"},
		// regoin would be region, but what stands behind it is a mistake, too: none is proposed.
		{"all names that do not exist", "env:\n  A: |\n    {{ nope }} {{ region }}\n    {{ regoin | shout }}{{ region | shuot }}\n",
			"M502 services/svc/manifest.yml:10:8 env.A: env.A uses nope, which is not defined (one of base_urls, cluster, env, environment, kafka, kong, namespace, region, service) [dev-uk]\n" +
				"M502 services/svc/manifest.yml:11:8 env.A: env.A uses regoin, which is not defined (one of base_urls, cluster, env, environment, kafka, kong, namespace, region, service) [dev-uk]\n" +
				"M503 services/svc/manifest.yml:11:37 env.A: env.A cannot be rendered: filter \"shuot\" does not exist [dev-uk]\n"},
		{"not what follows from another", "env: {A: \"{% set x = nope %}{{ x }}{{ regoin }}\"}\n",
			"M502 services/svc/manifest.yml:8:22 env.A: env.A uses nope, which is not defined (one of base_urls, cluster, env, environment, kafka, kong, namespace, region, service) [dev-uk]\n"},
		{"of a container", "workers: [{name: w, replicaCount: 1, env: {A: \"{{ base_urls.service }}\"}}]\n",
			"M502 services/svc/manifest.yml:8:51 workers[0].env.A: workers[0].env.A uses base_urls.service, which is not defined (did you mean \"services\"?) [dev-uk]\n"},
		{"shared by containers, told once", "env: {A: \"{{ nope }}\"}\nsidecars: [{name: s, preserveEnv: true}]\n",
			"M502 services/svc/manifest.yml:8:14 env.A: env.A uses nope, which is not defined (one of base_urls, cluster, env, environment, kafka, kong, namespace, region, service) [dev-uk]\n"},
		{"syntax", "env: {A: \"{{ region\"}\n",
			"M501 services/svc/manifest.yml:8:11 env.A: env.A is no template: \"{{\" is never closed: \"}}\" is missing [dev-uk]\n"},
		{"in a file", config + "-- services/svc/a.j2 --\none\n  {{ env.NOPE }}\n",
			"M502 services/svc/a.j2:2:6 : the template uses env.NOPE, which is not defined (it is used by configs.files[0].name in services/svc/manifest.yml:8:38) [dev-uk]\n"},
		{"a variable whose value is bad is not undefined too", config + "env: {GOOD: x, BAD: [1]}\n-- services/svc/a.j2 --\n{{ env.BAD }}\n",
			"M113 services/svc/manifest.yml:9:21 env.BAD: env.BAD is a list; expected a string, number or boolean\n"},
		{"a variable whose template is bad is told once", config + "env: {A: \"{{ nope }}\"}\n-- services/svc/a.j2 --\n{{ env.A }}\n",
			"M502 services/svc/manifest.yml:9:14 env.A: env.A uses nope, which is not defined (one of base_urls, cluster, env, environment, kafka, kong, namespace, region, service) [dev-uk]\n"},
		{"a missing file", "configs: {mount: /c/, files: [{name: share.j2, dest: a}]}\n",
			"M504 services/svc/manifest.yml:8:38 configs.files[0].name: configs.files[0].name is \"share.j2\", but neither services/svc/share.j2 nor templates/share.j2 exists (did you mean \"shared.j2\"?) [dev-uk]\n"},
		{"a path that comes back", "configs: {mount: /c/, files: [{name: ../../templates/shared.j2, dest: a}]}\n", ""},
		{"an absolute path", "configs: {mount: /c/, files: [{name: /etc/a.j2, dest: a}]}\n",
			"M505 services/svc/manifest.yml:8:38 configs.files[0].name: configs.files[0].name is \"/etc/a.j2\", which lies outside services/svc and templates (put the template into one of the two) [dev-uk]\n"},
		{"files see rendered values and secrets", config + "env: {A: \"{{ region }}\", B: IN_VAULT}\nsidecars: [{name: s, env: {C: IN_VAULT}}]\n-- services/svc/a.j2 --\n{{ env.A }}{{ env.B }}{{ env.C }}{{ service | indent }}\n", ""},
		{"values do not see secrets of others", "env: {A: \"{{ env.C }}\"}\nsidecars: [{name: s, env: {C: IN_VAULT}}]\n",
			"M502 services/svc/manifest.yml:8:14 env.A: env.A uses env.C, which is not defined (one of A) [dev-uk]\n"},
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

func TestIsBase64(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, "ab": true, "ab=": true, "ab==": true, "abc=": true, "abcd": true, "a+/=": true, "ab==\n": false,
		"a": false, "=": false, "abcd=": false, "ab===": false, "a-_b": false, "ab c": false, "YWJj=ZA=": false,
	} {
		if got := isBase64(text); got != want {
			t.Errorf("%q: got %t; expected %t", text, got, want)
		}
	}
}
