package manifest

import (
	"fmt"
	"io/fs"
	"maps"
	"strings"

	"github.com/seed306eabeb/muster/manifest/tera"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// configFiles renders the templates of config files. They see the rendered
// environment of the main container and all secrets.
func (r *renderer) configFiles() error {
	for _, f := range r.m.Get("configs").Get("files").Items() {
		n := f.Get("name")
		if !n.Good() || !strings.HasSuffix(n.Text(), templateSuffix) {
			continue // judged as a name
		}
		t, err := r.find(n)
		if err != nil {
			return err
		}
		if t == nil {
			continue
		}
		_, faults, err := r.renderText(t, r.fileVariables())
		if err != nil {
			return err
		}
		for _, fault := range faults {
			if r.failed && fault.Undefined != "" {
				continue // it may be what failed before
			}
			p := verdict.Place{File: t.file, Line: fault.Line, Column: fault.Column}
			r.templateFault(fault, p, "the template", fmt.Sprintf("it is used by %s in %s", n.Path(), n.Place()))
		}
	}
	return nil
}

// find is the template of a config file: in the service's folder or, if there
// is none, in templates/. It is nil where it cannot be read, which is reported.
func (r *renderer) find(n *yamldoc.Value) (*template, error) {
	outside := 0
	for _, folder := range []string{r.unit.Dir, templatesDir} {
		inUnit, file, ok := r.templatePath(folder, n.Text())
		if !ok {
			outside++
			continue
		}
		t, exists, err := r.template(inUnit, file)
		if exists || err != nil {
			return t, err
		}
	}
	if outside == 2 {
		r.fault(ruleTemplateOutside, n, fmt.Sprintf("%s is %q, which lies outside %s and templates", n.Path(), n.Text(), r.unit.Dir), "put the template into one of the two")
		return nil, nil
	}
	r.offer(ruleTemplateMissing, n, fmt.Sprintf("%s is %q, but neither %s/%s nor templates/%s exists", n.Path(), n.Text(), r.unit.Dir, n.Text(), n.Text()), yamldoc.Meant(n.Text(), r.templateNames(), nil, n.Retold))
	return nil, nil
}

// template reads and parses a template once: a unit's for this check, a shared
// one for the session.
func (r *renderer) template(inUnit bool, file string) (t *template, exists bool, err error) {
	if inUnit {
		if t := r.templates[file]; t != nil {
			return t, true, nil
		}
		name := r.fileName(file)
		data, exists, err := readFile(r.unit.Files, file, name, r.add)
		if data == nil {
			return nil, exists, err
		}
		r.mark(name, data)
		return r.keep(file, string(data), tera.Options{File: true}, name), true, nil
	}
	if t, ok := r.session.templates.Load(file); ok {
		return t.(*template), true, nil
	}
	data, exists, err := readFile(r.session.shared, file, file, r.add)
	if data == nil {
		return nil, exists, err
	}
	kept, _ := r.session.templates.LoadOrStore(file, newTemplate(string(data), tera.Options{File: true}, file))
	return kept.(*template), true, nil
}

// templateNames lists the templates that a config file may name.
func (r *renderer) templateNames() []string {
	var names []string
	for _, f := range []fs.FS{r.unit.Files, subTemplates(r.session.shared)} {
		if found, err := fs.Glob(f, "*"+templateSuffix); err == nil {
			names = append(names, found...)
		}
	}
	return names
}

func subTemplates(shared fs.FS) fs.FS {
	sub, err := fs.Sub(shared, templatesDir)
	if err != nil {
		return shared
	}
	return sub
}

// regionVars is what templates know of a region whatever the service.
func regionVars(r *region) map[string]any {
	vars := map[string]any{
		"environment": r.environment, "region": r.name, "cluster": r.cluster, "namespace": r.namespace,
		"base_urls": textVars(r.value.Get("base_urls")), "kong": nil, "kafka": nil,
	}
	if r.kong.Good() {
		vars["kong"] = kongVars(r.kong)
	}
	return vars
}

func kongVars(v *yamldoc.Value) map[string]any {
	vars := scalarVars(v, "base_url", "config_url", "kong_token_expiration")
	if log := v.Get("tcp_log"); log.Good() {
		vars["tcp_log"] = scalarVars(log, "enabled", "host", "port")
	}
	consumers := map[string]any{}
	for _, c := range v.Get("jwt_consumers").Entries() {
		consumers[c.Key()] = scalarVars(c, "kid", "public_key")
	}
	if len(consumers) > 0 {
		vars["jwt_consumers"] = consumers
	}
	if ips := v.Get("internal_ips_whitelist").Texts(); len(ips) > 0 {
		vars["internal_ips_whitelist"] = anyList(ips)
	}
	return vars
}

// scalarVars are the fields of an object that are set.
func scalarVars(v *yamldoc.Value, keys ...string) map[string]any {
	vars := make(map[string]any, len(keys))
	for _, k := range keys {
		f := v.Get(k)
		switch {
		case !f.Good():
		case f.Kind() == yamldoc.BoolKind:
			vars[k] = f.Int() != 0
		case f.Kind() == yamldoc.IntKind:
			vars[k] = uint64(f.Int())
		default:
			vars[k] = f.Text()
		}
	}
	return vars
}

func textVars(v *yamldoc.Value) map[string]any {
	vars := make(map[string]any, len(v.Items()))
	for _, e := range v.Items() {
		vars[e.Key()] = e.Text()
	}
	return vars
}

func anyList(texts []string) []any {
	list := make([]any, len(texts))
	for i, t := range texts {
		list[i] = t
	}
	return list
}

// variables is what environment variables see: env holds the main container's
// values as they are written.
func (r *renderer) variables() map[string]any {
	if r.vars != nil {
		return r.vars
	}
	r.vars = maps.Clone(r.region.vars)
	r.vars["service"] = r.unit.Name
	if n := r.m.Get("name"); n.Good() {
		r.vars["service"] = n.Text()
	}
	if k := r.m.Get("kafka"); k.Good() {
		r.vars["kafka"] = kafkaVars(k, r.region.value.Get("kafka"))
	}
	r.env = textVars(r.m.Get("env"))
	r.vars["env"] = r.env
	return r.vars
}

func kafkaVars(service, region *yamldoc.Value) map[string]any {
	vars := map[string]any{"mountPodIP": service.Flag("mountPodIP")}
	for _, k := range []string{"brokers", "proxies", "zk"} {
		vars[k] = anyList(append(region.Get(k).Texts(), service.Get(k).Texts()...))
	}
	if m := service.Get("propertyEnvMapping"); m.Good() {
		vars["propertyEnvMapping"] = textVars(m)
	}
	return vars
}

// fileVariables is what config files see once all variables are rendered: env holds
// rendered values, and every secret with a value that stands for it.
func (r *renderer) fileVariables() map[string]any {
	if r.fileVars != nil {
		return r.fileVars
	}
	vars := maps.Clone(r.variables())
	env := maps.Clone(r.env)
	for _, v := range r.m.Get("env").Items() {
		if text, ok := r.texts[v]; ok {
			env[v.Key()] = text
		}
	}
	for key := range r.secrets.vault {
		env[key] = stubSecret
	}
	for key, s := range r.secrets.inline {
		env[key] = s.text
	}
	vars["env"] = env
	r.fileVars = vars
	return vars
}

// Where shipcat looks for a config file's template when it reads a manifest's configs: in the
// service's folder, then in templates.
var (
	ruleTemplateMissing = define(verdict.Rule{Code: "M504", Name: "missing-template", Severity: verdict.Error,
		Summary: "templates of config files exist in the service's folder or in templates/",
		Good:    "configs: {mount: /config/, files: [{name: shared.j2, dest: a}]}\n", Bad: "configs: {mount: /config/, files: [{name: nosuch.j2, dest: a}]} # want 43 `name is \"nosuch.j2\"`\n"})
	ruleTemplateOutside = define(verdict.Rule{Code: "M505", Name: "template-outside", Severity: verdict.Error,
		Summary: "templates of config files lie in the service's folder or in templates/",
		Doc:     "shipcat reads any path; a service is checked by its own files and the shared ones alone.",
		Good:    "configs: {mount: /config/, files: [{name: shared.j2, dest: a}]}\n", Bad: "configs: {mount: /config/, files: [{name: ../other/a.j2, dest: a}]} # want 43 `name is \"../other/a.j2\"`\n"})
)
