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
	"github.com/seed306eabeb/muster/yamldoc"
)

// The files of the shared tree.
const (
	confFile     = "shipcat.conf"
	teamsFile    = "teams.yml"
	templatesDir = "templates"
)

// conf is shipcat.conf, judged and laid out for use.
type conf struct {
	root    *yamldoc.Value
	regions []*region
	byName  map[string]*region
	aliases map[string]string
	labels  []string // allowedLabels
	custom  []string // allowedCustomMetadata
}

// region is what a service meets in one region.
type region struct {
	name, namespace, environment, cluster, scheme string

	value     *yamldoc.Value
	inherited *yamldoc.Value // the defaults that every service starts from
	kong      *yamldoc.Value // nil where the region has no gateway
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
	root, err := readShared(shared, confFile, &yamldoc.Type{Kind: yamldoc.ObjectKind, Object: confObject, AnyKeys: true}, found)
	if !root.Good() {
		return nil, err
	}
	c := &confReader{found: found, conf: &conf{root: root, byName: map[string]*region{}, aliases: map[string]string{}}}
	c.conf.labels = root.Get("allowedLabels").Texts()
	c.conf.custom = root.Get("allowedCustomMetadata").Texts()
	defaults := root.Get("defaults")
	defaults.NameLayer("the defaults of " + confFile)
	for _, r := range root.Get("regions").Items() {
		c.region(defaults, r)
	}
	c.clusters(root)
	c.aliases(root.Get("contextAliases"))
	c.versions(root.Get("versions"))
	c.kongURLs()
	return c.conf, nil
}

// readShared reads one file that every repository has.
func readShared(shared fs.FS, name string, t *yamldoc.Type, found func(verdict.Finding)) (*yamldoc.Value, error) {
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
	return dialect.Read(name, data, t, found), nil
}

func (c *confReader) report(r verdict.Rule, v *yamldoc.Value, message, help string) {
	c.found(r.At(v.Place(), message, help))
}

func (c *confReader) offer(r verdict.Rule, v *yamldoc.Value, message string, p yamldoc.Proposal) {
	c.found(p.Of(r.At(v.Place(), message, "")))
}

// region reads one region and judges what needs no other.
func (c *confReader) region(defaults, v *yamldoc.Value) {
	if !v.Good() {
		return
	}
	r := &region{value: v, kong: v.Get("kong")}
	r.name, _ = v.TextOf("name")
	v.NameLayer(r.name + " in " + confFile)
	r.namespace, _ = v.TextOf("namespace")
	r.environment, _ = v.TextOf("environment")
	r.cluster, _ = v.TextOf("cluster")
	r.scheme, _ = v.TextOf("versioningScheme")
	if _, twice := c.conf.byName[r.name]; twice {
		c.report(ruleRegionTwice, v.Get("name"), fmt.Sprintf("region %q is defined twice", r.name), "give it another name")
		return
	}
	c.conf.byName[r.name] = r
	c.conf.regions = append(c.conf.regions, r)
	c.notEmpty(v, "namespace", "cluster")
	c.vault(v.Get("vault"))
	c.baseURLs(v.Get("base_urls"))
	c.webhooks(v.Get("webhooks"))
	r.hostRule = c.hostRule(v.Get("destinationRuleHostRegex"))
	r.inherited = c.inherited(defaults, v)
	r.vars, r.alone = regionVars(r), []string{r.name}
}

func (c *confReader) notEmpty(v *yamldoc.Value, keys ...string) {
	for _, k := range keys {
		if f := v.Get(k); f.Good() && f.Text() == "" {
			c.report(ruleEmptySetting, f, f.Path()+" is empty", "")
		}
	}
}

func (c *confReader) vault(v *yamldoc.Value) {
	if !v.Good() {
		return
	}
	c.notEmpty(v, "url", "folder")
	if f := v.Get("url"); f.Good() && f.Text() != "" && !isAbsoluteURL(f.Text()) {
		c.report(ruleURL, f, fmt.Sprintf("%s is %q; expected an absolute URL with a host", f.Path(), f.Text()), "")
	}
	if f := v.Get("folder"); f.Good() && strings.Contains(f.Text(), "/") {
		c.report(ruleVaultFolder, f, fmt.Sprintf("%s is %q; expected a name without a slash", f.Path(), f.Text()), "")
	}
}

func isAbsoluteURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && u.Host != ""
}

func (c *confReader) baseURLs(v *yamldoc.Value) {
	for _, u := range v.Entries() {
		if strings.HasSuffix(u.Text(), "/") {
			c.offer(ruleBaseURL, u, fmt.Sprintf("%s is %q; expected no slash at the end", u.Path(), u.Text()), yamldoc.Shed(u, "the slash", strings.TrimRight(u.Text(), "/")))
		}
	}
}

func (c *confReader) webhooks(v *yamldoc.Value) {
	for _, w := range v.Items() {
		if u := w.Get("url"); u.Good() && !isAbsoluteURL(u.Text()) {
			c.report(ruleURL, u, fmt.Sprintf("%s is %q; expected an absolute URL with a host", u.Path(), u.Text()), "")
		}
	}
}

func (c *confReader) hostRule(v *yamldoc.Value) *regexp.Regexp {
	if !v.Good() {
		return nil
	}
	re, err := foreign.Regexp(v.Text())
	if err != nil {
		c.report(ruleHostRegex, v, fmt.Sprintf("%s is %q, which is no regular expression: %v", v.Path(), v.Text(), err), "")
	}
	return re
}

// clusters checks that clusters and regions know each other.
func (c *confReader) clusters(root *yamldoc.Value) {
	clusters := root.Get("clusters")
	for _, cl := range clusters.Entries() {
		if n := cl.Get("name"); n.Good() && n.Text() != cl.Key() {
			c.report(ruleClusterName, n, fmt.Sprintf("cluster %q has the name %q; expected its key", cl.Key(), n.Text()), "")
		}
		for _, r := range cl.Get("regions").Items() {
			if r.Good() && c.conf.byName[r.Text()] == nil {
				c.offer(ruleUndefinedRegion, r, fmt.Sprintf("cluster %q lists the region %q, which is not defined", cl.Key(), r.Text()), yamldoc.Meant(r.Text(), c.regionNames(), cl.Get("regions").Texts(), r.Retold))
			}
		}
	}
	for _, r := range c.conf.regions {
		if f := r.value.Get("cluster"); f.Good() && f.Text() != "" && clusters.Good() {
			c.clusterOf(r, f, clusters)
		}
	}
}

// clusterOf checks that a region's cluster exists and lists the region.
func (c *confReader) clusterOf(r *region, f, clusters *yamldoc.Value) {
	cluster := clusters.Entry(f.Text())
	switch regions := cluster.Get("regions"); {
	case cluster == nil:
		c.offer(ruleUndefinedCluster, f, fmt.Sprintf("region %q is in the cluster %q, which is not defined", r.name, f.Text()), yamldoc.Meant(f.Text(), keysOf(clusters), nil, f.Retold))
	case regions.Good() && !slices.Contains(regions.Texts(), r.name):
		c.report(ruleClusterRegion, f, fmt.Sprintf("region %q is in the cluster %q, whose regions do not hold it", r.name, f.Text()), "add it there")
	}
}

func (c *confReader) regionNames() []string {
	names := make([]string, len(c.conf.regions))
	for i, r := range c.conf.regions {
		names[i] = r.name
	}
	return names
}

func keysOf(v *yamldoc.Value) []string {
	keys := make([]string, len(v.Items()))
	for i, e := range v.Items() {
		keys[i] = e.Key()
	}
	return keys
}

func (c *confReader) aliases(v *yamldoc.Value) {
	for _, a := range v.Entries() {
		switch {
		case c.conf.byName[a.Text()] == nil:
			c.offer(ruleUndefinedRegion, a, fmt.Sprintf("the alias %q stands for the region %q, which is not defined", a.Key(), a.Text()), yamldoc.Meant(a.Text(), c.regionNames(), nil, a.Retold))
		case c.conf.byName[a.Key()] != nil:
			c.report(ruleAliasName, a, fmt.Sprintf("the alias %q is also the name of a region", a.Key()), "give the alias another name")
		default:
			c.conf.aliases[a.Key()] = a.Text()
		}
	}
}

func (c *confReader) versions(v *yamldoc.Value) {
	for _, e := range v.Items() {
		if !e.Good() {
			continue
		}
		if !slices.Contains(environments.Enum, e.Key()) {
			c.found(yamldoc.Meant(e.Key(), environments.Enum, keysOf(v), e.Renamed).Or("").
				Of(ruleUnknownValue.At(e.KeyPlace(), fmt.Sprintf("a key of versions is %q; expected %s", e.Key(), environments), "")))
		}
		if !isSemver(e.Text()) {
			c.report(ruleToolVersion, e, fmt.Sprintf("%s is %q; expected a semantic version such as 1.2.3", e.Path(), e.Text()), "")
		}
	}
}

func (c *confReader) kongURLs() {
	first := map[string]*region{}
	for _, r := range c.conf.regions {
		u := r.kong.Get("config_url")
		if !u.Good() {
			continue
		}
		if f := first[u.Text()]; f != nil {
			c.report(ruleKongURL, u, fmt.Sprintf("%s is %q, which region %q has too", u.Path(), u.Text(), f.name), "every gateway has a configuration address of its own")
			continue
		}
		first[u.Text()] = r
	}
}
