package manifest

import (
	"fmt"
	"path"
	"strings"

	"github.com/seed306eabeb/muster/manifest/tera"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

const templateSuffix = ".j2"

// hasTemplate says whether a text needs the template engine.
func hasTemplate(s string) bool {
	i := strings.IndexByte(s, '{')
	return i >= 0 && (strings.Contains(s[i:], "{{") || strings.Contains(s[i:], "{%") || strings.Contains(s[i:], "{#"))
}

// render renders environment variables and config files, and sorts out secrets
// between the two.
func (e *evaluation) render() error {
	if e.m.Get("env").Bad() {
		return nil // what templates see is unknown
	}
	r := &renderer{evaluation: e, secrets: secrets{vault: map[string]*yamldoc.Value{}, inline: map[string]secret{}}}
	if err := r.envs(); err != nil {
		return err
	}
	e.secretFiles()
	return r.configFiles()
}

// renderer renders the templates of one service in one region.
type renderer struct {
	*evaluation
	secrets  secrets
	vars     map[string]any
	fileVars map[string]any
	env      map[string]any            // of the main container, as templates see it
	texts    map[*yamldoc.Value]string // rendered values; absent where rendering failed
	failed   bool
}

// envs renders the environment variables of all containers.
func (r *renderer) envs() error {
	inherited, err := r.container(r.m.Get("env"), nil)
	if err != nil {
		return err
	}
	for _, kind := range containerKinds {
		for _, c := range r.m.Get(kind).Items() {
			below := inherited
			if !c.Flag("preserveEnv") {
				below = nil
			}
			if _, err := r.container(c.Get("env"), below); err != nil {
				return err
			}
		}
	}
	return nil
}

// container renders one container's variables and sorts out its secrets: its
// own, which it returns, and those that it inherits and does not set itself.
func (r *renderer) container(env *yamldoc.Value, inherited []secret) ([]secret, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, fmt.Errorf("render variables of %s: %w", r.unit.Name, err)
	}
	var own []secret
	for _, v := range env.Items() {
		if !v.Good() {
			r.failed = true
			continue
		}
		text, err := r.value(v)
		if err != nil {
			return nil, err
		}
		if isSecret(text) {
			own = append(own, secret{v, text})
		}
	}
	for _, s := range notSet(inherited, env) {
		r.secret(s)
	}
	for _, s := range own {
		r.secret(s)
	}
	return own, nil
}

// notSet are the secrets that env does not set anew.
func notSet(inherited []secret, env *yamldoc.Value) []secret {
	if len(inherited) == 0 {
		return nil
	}
	set := make(map[string]bool, len(env.Items()))
	for _, v := range env.Items() {
		set[v.Key()] = true
	}
	var rest []secret
	for _, s := range inherited {
		if !set[s.v.Key()] {
			rest = append(rest, s)
		}
	}
	return rest
}

// value is a variable's value, rendered if it is a template.
func (r *renderer) value(v *yamldoc.Value) (string, error) {
	if !hasTemplate(v.Text()) {
		return v.Text(), nil
	}
	if text, done := r.texts[v]; done {
		return text, nil
	}
	text, faults, err := r.renderText(envTemplate(v.Text()), r.variables())
	if err != nil {
		return "", err
	}
	if len(faults) > 0 {
		r.failed = true
		where := v.Trace()
		for _, fault := range faults {
			r.templateFault(fault, where.Place(fault.Offset), v.Path(), "")
		}
	}
	if r.texts == nil {
		r.texts = map[*yamldoc.Value]string{}
	}
	r.texts[v] = text
	return text, nil
}

// renderText renders a template and tells faults of the template from the end
// of the context.
func (r *renderer) renderText(t *template, vars map[string]any) (string, []*tera.Error, error) {
	if t.err != nil {
		return "", []*tera.Error{t.err}, nil
	}
	text, faults := t.t.RenderWithin(r.ctx, vars, &r.steps)
	if err := r.ctx.Err(); err != nil {
		return "", nil, fmt.Errorf("render templates of %s: %w", r.unit.Name, err)
	}
	return text, faults, nil
}

// templateFault reports a fault. What a template uses and does not have is what the finding is
// known by: its place has a line and no path.
func (r *renderer) templateFault(fault *tera.Error, p verdict.Place, what, help string) {
	var f verdict.Finding
	switch {
	case fault.Syntax:
		f = ruleTemplateSyntax.At(p, what+" is no template: "+fault.Msg, help)
	case fault.Undefined != "":
		f = undefinedMeant(fault, p).With(help).Of(ruleUndefined.At(p, fmt.Sprintf("%s uses %s, which is not defined", what, fault.Undefined), ""))
		f.Identity = fault.Undefined
	default:
		f = wordMeant(fault.Unknown, "", fault.Known, p).With(help).Of(ruleTemplateRender.At(p, what+" cannot be rendered: "+fault.Msg, ""))
		f.Identity = fault.Unknown
	}
	r.add(f)
}

// undefinedMeant proposes what exists where the variable was looked up.
func undefinedMeant(fault *tera.Error, p verdict.Place) yamldoc.Proposal {
	name := fault.Undefined[strings.LastIndexByte(fault.Undefined, '.')+1:]
	return wordMeant(name, strings.TrimSuffix(fault.Undefined, name), fault.Known, p)
}

// wordMeant proposes another word behind prefix in a template at p.
func wordMeant(word, prefix string, known []string, p verdict.Place) yamldoc.Proposal {
	return yamldoc.Meant(word, known, nil, func(best string) *verdict.Fix {
		return &verdict.Fix{Line: p.Line, Column: p.Column, Old: prefix + word, New: prefix + best}
	})
}

// envTemplates are the parsed values of variables. Few differ from service to service.
var envTemplates = memo[*template]{bound: 64 << 10}

func envTemplate(text string) *template {
	return envTemplates.of(text, func() *template { return newTemplate(text, tera.Options{}, "") })
}

func (c *inspection) keep(key, text string, opts tera.Options, file string) *template {
	t := newTemplate(text, opts, file)
	if c.templates == nil {
		c.templates = map[string]*template{}
	}
	c.templates[key] = t
	return t
}

func newTemplate(text string, opts tera.Options, file string) *template {
	t := &template{file: file}
	t.t, t.err = tera.Parse(text, opts)
	return t
}

// templatePath resolves the name of a template in one of the two folders where
// templates lie. ok is false for a path that leaves both.
func (c *inspection) templatePath(folder, name string) (inUnit bool, file string, ok bool) {
	if path.IsAbs(name) {
		return false, "", false
	}
	full := path.Join(folder, name)
	if p, found := strings.CutPrefix(full, c.unit.Dir+"/"); found {
		return true, p, true
	}
	return false, full, strings.HasPrefix(full, templatesDir+"/")
}

// What Tera 0.11 refuses when shipcat renders variables and config files.
var (
	ruleTemplateSyntax = define(verdict.Rule{Code: "M501", Name: "template-syntax", Severity: verdict.Error,
		Summary: "templates can be parsed",
		Good:    "env: {A: \"{{ service }}\"}\n", Bad: "env: {A: \"{{ service\"} # want 11 `A is no template: \"{{\" is never closed: \"}}\" is missing`\n"})
	ruleUndefined = define(verdict.Rule{Code: "M502", Name: "undefined-variable", Severity: verdict.Error,
		Summary: "templates use variables that are defined",
		Doc: "Defined are service, environment, region, cluster, namespace, base_urls, env, kong and kafka. " +
			"An undefined variable may be tested (if, is defined) and may have a default. Of one template all are told that it prints; " +
			"one that something else may depend on (set, for, a filter section) is the last.",
		Good: "env: {A: \"{{ base_urls.services }}\"}\n", Bad: "env: {A: \"{{ base_urls.service }}\"} # want 14 \"env.A uses base_urls.service\"\n"})
	ruleTemplateRender = define(verdict.Rule{Code: "M503", Name: "template-render", Severity: verdict.Error,
		Summary: "templates can be rendered",
		Good:    "env: {A: \"{{ region | upper }}\"}\n", Bad: "env: {A: \"{{ region | shout }}\"} # want 23 `A cannot be rendered: filter \"shout\" does not exist`\n"})
)
