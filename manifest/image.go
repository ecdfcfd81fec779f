package manifest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// Digits are those of any script, as in the expressions that shipcat uses.
var (
	imageName = regexp.MustCompile(`^([^:/_]+(:\p{Nd}+)?/)?([a-z\p{Nd}._-]+/)*[a-z\p{Nd}._-]+$`)
	imageTag  = regexp.MustCompile(`^[a-zA-Z\p{Nd}][a-zA-Z\p{Nd}\-_.]{0,127}$`)
)

// mainImage judges the image of the main container: given, or made of a prefix
// and the service's name.
func (e *evaluation) mainImage() {
	e.tagFits(e.m.Get("version"))
	if e.m.Get("image") != nil {
		e.imageFits(e.m.Get("image"), e.m.Get("version"))
		return
	}
	prefix := e.m.Get("imagePrefix")
	switch {
	case prefix == nil:
		e.add(ruleImageMissing.At(e.m.Under("image"), "neither image nor imagePrefix is set", "set image, or imagePrefix in shipcat.conf"))
	case prefix.Good() && strings.HasSuffix(prefix.Text(), "/"):
		e.offer(ruleImagePrefix, prefix, fmt.Sprintf("imagePrefix is %q; expected no slash at the end", prefix.Text()), yamldoc.Shed(prefix, "the slash", strings.TrimRight(prefix.Text(), "/")))
	}
}

// imageFits judges an image, beside which version may stand.
func (e *evaluation) imageFits(v, version *yamldoc.Value) {
	if v.Good() && !imageName.MatchString(v.Text()) {
		e.offer(ruleImageName, v, fmt.Sprintf("%s is %q; expected an image name without a tag", v.Path(), v.Text()), imageMeant(v, version))
	}
}

var imageScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)

// imageMeant proposes the name in what is a whole reference, or says which part of
// it is none.
func imageMeant(v, version *yamldoc.Value) yamldoc.Proposal {
	scheme := imageScheme.FindString(v.Text())
	reference := v.Text()[len(scheme):]
	name, tag := reference, ""
	if i := strings.LastIndexByte(reference, ':'); i > strings.LastIndexByte(reference, '/') {
		name, tag = reference[:i], reference[i+1:]
	}
	host, _, hosted := strings.Cut(name, "/")
	_, port, ported := strings.Cut(host, ":")
	switch {
	case strings.Contains(reference, "@"):
		return yamldoc.Advice("an image is chosen by its tag, in version; a digest is not taken")
	case hosted && ported && !isDecimal(port):
		return yamldoc.Advice(fmt.Sprintf("the port behind the host is a number, which %q is not", port))
	case hosted && strings.Contains(host, "_") && (ported || strings.Contains(host, ".")):
		return yamldoc.Advice("the name of a host has no underscore")
	case !imageName.MatchString(name) || tag != "" && !imageTag.MatchString(tag):
		return yamldoc.Advice("names are lower case letters, digits, dots, dashes and underscores between slashes")
	case tag == "" && scheme != "":
		return yamldoc.Shed(v, scheme, name)
	case tag == "":
		return yamldoc.Advice("a tag follows the colon, and stands in version")
	case version == nil:
		return splitImage(v, name, tag).Or("an image is given without its tag, which is the version")
	case version.Good() && version.Text() == tag:
		return yamldoc.Shed(v, "the tag, which version has,", name)
	}
	return yamldoc.Advice(fmt.Sprintf("the tag is in version, which is %q", yamldoc.Shorten(version.Text())))
}

func (e *evaluation) tagFits(v *yamldoc.Value) {
	if v.Good() && !imageTag.MatchString(v.Text()) {
		e.fault(ruleImageTag, v, fmt.Sprintf("%s is %q; expected an image tag: a letter or digit, then up to 127 letters, digits, dashes, underscores and dots", v.Path(), yamldoc.Shorten(v.Text())), "")
	}
}

// Shipcat's checks of image and version while it builds a manifest, with its expressions.
var (
	ruleImageMissing = define(verdict.Rule{Code: "M305", Name: "image-missing", Severity: verdict.Error,
		Summary: "a service has an image, or a prefix to make one with its name",
		Good:    "image: nginx\n", Bad: "# want services/svc/manifest.yml:1:1 \"neither image nor imagePrefix is set\"\n-- shipcat.conf --\ndefaults: {chart: base, replicaCount: 2}\n"})
	ruleImagePrefix = define(verdict.Rule{Code: "M306", Name: "image-prefix", Severity: verdict.Error,
		Summary: "imagePrefix does not end in a slash",
		Good:    "imagePrefix: quay.io/org\n", Bad: "imagePrefix: quay.io/org/ # want 14 `imagePrefix is \"quay.io/org/\"`\n"})
	ruleImageName = define(verdict.Rule{Code: "M307", Name: "image-name", Severity: verdict.Error,
		Summary: "images are names without a tag",
		Good:    "image: quay.io/org/app\nversion: 1.2.3\n", Bad: "image: quay.io/org/app:1.2.3 # want 8 `image is \"quay.io/org/app:1.2.3\"`\n"})
	ruleImageTag = define(verdict.Rule{Code: "M308", Name: "image-tag", Severity: verdict.Error,
		Summary: "versions are image tags",
		Good:    "version: 1.2.3\n", Bad: "version: release/1.2.3 # want 10 `version is \"release/1.2.3\"`\n"})
)
