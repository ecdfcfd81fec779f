package manifest

import (
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/internal/foreign"
	"github.com/seed306eabeb/muster/verdict"
)

// The files of the shared tree.
const (
	confFile     = "shipcat.conf"
	teamsFile    = "teams.yml"
	templatesDir = "templates"
)

// conf is shipcat.conf, judged and laid out for use.
type conf struct {
	regions []*region
	byName  map[string]*region
	aliases map[string]string
	labels  []string // allowedLabels
	custom  []string // allowedCustomMetadata
}

// region is what a service meets in one region.
type region struct {
	name, namespace, environment, cluster, scheme string

	value     *value
	inherited *value         // the defaults that every service starts from
	kong      *value         // nil where the region has no gateway
	hostRule  *regexp.Regexp // nil where destinationRules are not supported
	vars      map[string]any // what templates know without a service
	alone     []string       // its name; shared, and never changed
}

// confReader turns shipcat.conf into a conf and gathers its mistakes.
type confReader struct {
	found func(verdict.Finding)
	conf  *conf
}

// readConf reads shipcat.conf. It returns nil when the file cannot be judged.
func readConf(shared fs.FS, found func(verdict.Finding)) (*conf, error) {
	root, err := readShared(shared, confFile, &typ{kind: objectKind, object: confObject, textual: true}, found)
	if !root.good() {
		return nil, err
	}
	c := &confReader{found: found, conf: &conf{byName: map[string]*region{}, aliases: map[string]string{}}}
	c.conf.labels = root.get("allowedLabels").strings()
	c.conf.custom = root.get("allowedCustomMetadata").strings()
	for _, r := range root.get("regions").list() {
		c.region(root.get("defaults"), r)
	}
	c.clusters(root)
	c.aliases(root.get("contextAliases"))
	c.versions(root.get("versions"))
	c.kongURLs()
	return c.conf, nil
}

// readShared reads one file that every repository has.
func readShared(shared fs.FS, name string, t *typ, found func(verdict.Finding)) (*value, error) {
	data, exists, err := readFile(shared, name, name, found)
	switch {
	case err != nil:
		return nil, err
	case !exists:
		found(ruleMissingConf.At(verdict.Place{File: name}, name+" does not exist", "write it at the root of the repository"))
		return nil, nil
	case data == nil:
		return nil, nil
	}
	return dialect.parse(name, data, t, found), nil
}

func (c *confReader) report(r verdict.Rule, v *value, message, help string) {
	c.found(r.At(v.place(), message, help))
}

func (c *confReader) offer(r verdict.Rule, v *value, message string, p proposal) {
	c.found(p.of(r.At(v.place(), message, "")))
}

// region reads one region and judges what needs no other.
func (c *confReader) region(defaults, v *value) {
	if !v.good() {
		return
	}
	r := &region{value: v, kong: v.get("kong")}
	r.name, _ = v.str("name")
	r.namespace, _ = v.str("namespace")
	r.environment, _ = v.str("environment")
	r.cluster, _ = v.str("cluster")
	r.scheme, _ = v.str("versioningScheme")
	if _, twice := c.conf.byName[r.name]; twice {
		c.report(ruleRegionTwice, v.get("name"), fmt.Sprintf("region %q is defined twice", r.name), "give it another name")
		return
	}
	c.conf.byName[r.name] = r
	c.conf.regions = append(c.conf.regions, r)
	c.notEmpty(v, "namespace", "cluster")
	c.vault(v.get("vault"))
	c.baseURLs(v.get("base_urls"))
	c.webhooks(v.get("webhooks"))
	r.hostRule = c.hostRule(v.get("destinationRuleHostRegex"))
	r.inherited = c.inherited(defaults, v)
	r.vars, r.alone = regionVars(r), []string{r.name}
}

func (c *confReader) notEmpty(v *value, keys ...string) {
	for _, k := range keys {
		if f := v.get(k); f.good() && f.text == "" {
			c.report(ruleEmptySetting, f, f.path()+" is empty", "")
		}
	}
}

func (c *confReader) vault(v *value) {
	if !v.good() {
		return
	}
	c.notEmpty(v, "url", "folder")
	if f := v.get("url"); f.good() && f.text != "" && !isAbsoluteURL(f.text) {
		c.report(ruleURL, f, fmt.Sprintf("%s is %q; expected an absolute URL with a host", f.path(), f.text), "")
	}
	if f := v.get("folder"); f.good() && strings.Contains(f.text, "/") {
		c.report(ruleVaultFolder, f, fmt.Sprintf("%s is %q; expected a name without a slash", f.path(), f.text), "")
	}
}

func isAbsoluteURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && u.Host != ""
}

func (c *confReader) baseURLs(v *value) {
	for _, u := range v.entries() {
		if strings.HasSuffix(u.text, "/") {
			c.offer(ruleBaseURL, u, fmt.Sprintf("%s is %q; expected no slash at the end", u.path(), u.text), shed(u, "the slash", strings.TrimRight(u.text, "/")))
		}
	}
}

func (c *confReader) webhooks(v *value) {
	for _, w := range v.list() {
		if u := w.get("url"); u.good() && !isAbsoluteURL(u.text) {
			c.report(ruleURL, u, fmt.Sprintf("%s is %q; expected an absolute URL with a host", u.path(), u.text), "")
		}
	}
}

func (c *confReader) hostRule(v *value) *regexp.Regexp {
	if !v.good() {
		return nil
	}
	re, err := foreign.Regexp(v.text)
	if err != nil {
		c.report(ruleHostRegex, v, fmt.Sprintf("%s is %q, which is no regular expression: %v", v.path(), v.text, err), "")
	}
	return re
}

// clusters checks that clusters and regions know each other.
func (c *confReader) clusters(root *value) {
	clusters := root.get("clusters")
	for _, cl := range clusters.entries() {
		if n := cl.get("name"); n.good() && n.text != cl.key {
			c.report(ruleClusterName, n, fmt.Sprintf("cluster %q has the name %q; expected its key", cl.key, n.text), "")
		}
		for _, r := range cl.get("regions").list() {
			if r.good() && c.conf.byName[r.text] == nil {
				c.offer(ruleUndefinedRegion, r, fmt.Sprintf("cluster %q lists the region %q, which is not defined", cl.key, r.text), meant(r.text, c.regionNames(), cl.get("regions").strings(), r.retold))
			}
		}
	}
	for _, r := range c.conf.regions {
		if f := r.value.get("cluster"); f.good() && f.text != "" && clusters.good() {
			c.clusterOf(r, f, clusters)
		}
	}
}

// clusterOf checks that a region's cluster exists and lists the region.
func (c *confReader) clusterOf(r *region, f, clusters *value) {
	cluster := clusters.entry(f.text)
	switch regions := cluster.get("regions"); {
	case cluster == nil:
		c.offer(ruleUndefinedCluster, f, fmt.Sprintf("region %q is in the cluster %q, which is not defined", r.name, f.text), meant(f.text, keysOf(clusters), nil, f.retold))
	case regions.good() && !slices.Contains(regions.strings(), r.name):
		c.report(ruleClusterRegion, f, fmt.Sprintf("region %q is in the cluster %q, whose regions do not hold it", r.name, f.text), "add it there")
	}
}

func (c *confReader) regionNames() []string {
	names := make([]string, len(c.conf.regions))
	for i, r := range c.conf.regions {
		names[i] = r.name
	}
	return names
}

func keysOf(v *value) []string {
	keys := make([]string, len(v.list()))
	for i, e := range v.list() {
		keys[i] = e.key
	}
	return keys
}

func (c *confReader) aliases(v *value) {
	for _, a := range v.entries() {
		switch {
		case c.conf.byName[a.text] == nil:
			c.offer(ruleUndefinedRegion, a, fmt.Sprintf("the alias %q stands for the region %q, which is not defined", a.key, a.text), meant(a.text, c.regionNames(), nil, a.retold))
		case c.conf.byName[a.key] != nil:
			c.report(ruleAliasName, a, fmt.Sprintf("the alias %q is also the name of a region", a.key), "give the alias another name")
		default:
			c.conf.aliases[a.key] = a.text
		}
	}
}

func (c *confReader) versions(v *value) {
	for _, e := range v.list() {
		if !e.good() {
			continue
		}
		if !slices.Contains(environments.enum, e.key) {
			c.found(meant(e.key, environments.enum, keysOf(v), e.renamed).or("").
				of(ruleUnknownValue.At(e.keyPlace(), fmt.Sprintf("a key of versions is %q; expected %s", e.key, environments), "")))
		}
		if !isSemver(e.text) {
			c.report(ruleToolVersion, e, fmt.Sprintf("%s is %q; expected a semantic version such as 1.2.3", e.path(), e.text), "")
		}
	}
}

func (c *confReader) kongURLs() {
	first := map[string]*region{}
	for _, r := range c.conf.regions {
		u := r.kong.get("config_url")
		if !u.good() {
			continue
		}
		if f := first[u.text]; f != nil {
			c.report(ruleKongURL, u, fmt.Sprintf("%s is %q, which region %q has too", u.path(), u.text, f.name), "every gateway has a configuration address of its own")
			continue
		}
		first[u.text] = r
	}
}
