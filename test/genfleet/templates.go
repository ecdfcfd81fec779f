package genfleet

import (
	"fmt"
	"strings"
)

// templateKinds are the config templates that a service may have. They use only
// what shipcat's template context defines: env, service, environment, region,
// kafka, base_urls, cluster and namespace.
var templateKinds = []struct {
	file, dest string
	write      func(b *strings.Builder, keys []string, kafka bool)
}{
	{"config.ini.j2", "config.ini", writeConfigIni},
	{"application.yml.j2", "application.yml", writeApplicationYAML},
	{"newrelic.yml.j2", "newrelic.yml", writeNewRelicYAML},
	{"nginx.conf.j2", "nginx.conf", writeNginxConf},
	{"settings.json.j2", "settings.json", writeSettingsJSON},
}

// addConfigs gives the service k template files and the configs section.
func (s *service) addConfigs(k int) {
	var files sequence
	for _, t := range some(s.rng, templateKinds, k) {
		files = append(files, mapOf("name", t.file, "dest", t.dest))
		var b strings.Builder
		t.write(&b, some(s.rng, s.envKeys(), s.between(2, 8)), s.base.has("kafka"))
		s.templates[t.file] = b.String()
	}
	s.base.set("configs", mapOf("mount", pick(s.rng, []string{"/config/", "/etc/app/", "/app/conf/"}), "files", files))
}

// envKeys lists the keys of the main env block: never one that only an override
// has, so that a template that is valid in one region is valid in all.
func (s *service) envKeys() []string {
	var keys []string
	if env, ok := s.base.get("env").(*mapping); ok {
		for _, e := range env.entries {
			keys = append(keys, e.key)
		}
	}
	return keys
}

func writeConfigIni(b *strings.Builder, keys []string, _ bool) {
	b.WriteString("[SWAGGER]\nFILE_NAME=swagger.yml\nURL={{ service }}/v1/api\n\n[VALUES]\n")
	for _, k := range keys {
		fmt.Fprintf(b, "%s={{ env.%s }}\n", k, k)
	}
	b.WriteString("\n[WHERE]\nREGION={{ region }}\nCLUSTER={{ cluster }}\nNAMESPACE={{ namespace }}\n")
}

func writeApplicationYAML(b *strings.Builder, keys []string, kafka bool) {
	b.WriteString("spring:\n  application:\n    name: {{ service }}\n  profiles: {{ environment }}\nvalues:\n")
	for _, k := range keys {
		fmt.Fprintf(b, "  %s: \"{{ env.%s }}\"\n", strings.ToLower(strings.ReplaceAll(k, "_", "-")), k)
	}
	b.WriteString("{% if environment == \"dev\" %}\nlogging:\n  level: DEBUG\n{% else %}\nlogging:\n  level: WARN\n{% endif %}\n")
	if kafka {
		b.WriteString("kafka:\n  brokers:\n{% for b in kafka.brokers %}\n  - {{ b }}\n{% endfor %}\n")
	}
}

func writeNewRelicYAML(b *strings.Builder, keys []string, _ bool) {
	b.WriteString("common: &defaults\n  app_name: {{ service }}-{{ region }}\n  enabled: {% if environment == \"preprod\" %}true{% else %}false{% endif %}\n  labels:\n")
	for _, k := range keys[:min(3, len(keys))] {
		fmt.Fprintf(b, "    %s: {{ env.%s | default(value=\"none\") }}\n", strings.ToLower(k), k)
	}
}

func writeNginxConf(b *strings.Builder, keys []string, _ bool) {
	b.WriteString("upstream app {\n  server 127.0.0.1:8080;\n}\nserver {\n  listen 80;\n  server_name {{ service }}.{{ namespace }}.svc.cluster.local;\n")
	b.WriteString("  location / {\n    proxy_pass {{ base_urls.services }}/{{ service }};\n    proxy_set_header X-Region {{ region | upper }};\n")
	for _, k := range keys {
		fmt.Fprintf(b, "    # %s is {{ env.%s }}\n", k, k)
	}
	b.WriteString("  }\n}\n")
}

func writeSettingsJSON(b *strings.Builder, keys []string, kafka bool) {
	b.WriteString("{\n  \"service\": \"{{ service }}\",\n  \"region\": \"{{ region }}\",\n")
	for _, k := range keys {
		fmt.Fprintf(b, "  \"%s\": \"{{ env.%s }}\",\n", strings.ToLower(k), k)
	}
	if kafka {
		b.WriteString("  \"brokers\": \"{{ kafka.brokers | join(sep=\",\") }}\",\n")
	}
	b.WriteString("  \"services\": \"{{ base_urls.services }}\"\n}\n")
}
