package manifest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// Digits are those of any script, as in the expressions that shipcat uses.
var (
	imageName = regexp.MustCompile(`^([^:/_]+(:\p{Nd}+)?/)?([a-z\p{Nd}._-]+/)*[a-z\p{Nd}._-]+$`)
	imageTag  = regexp.MustCompile(`^[a-zA-Z\p{Nd}][a-zA-Z\p{Nd}\-_.]{0,127}$`)
)

// mainImage judges the image of the main container: given, or made of a prefix
// and the service's name.
func (e *evaluation) mainImage() {
	e.tagFits(e.m.get("version"))
	if e.m.get("image") != nil {
		e.imageFits(e.m.get("image"))
		return
	}
	prefix := e.m.get("imagePrefix")
	switch {
	case prefix == nil:
		e.add(ruleImageMissing.At(e.m.under("image"), "neither image nor imagePrefix is set", "set image, or imagePrefix in shipcat.conf"))
	case prefix.good() && strings.HasSuffix(prefix.text, "/"):
		e.fault(ruleImagePrefix, prefix, fmt.Sprintf("imagePrefix is %q; expected no slash at the end", prefix.text), "take the slash off")
	}
}

func (e *evaluation) imageFits(v *value) {
	if !v.good() || imageName.MatchString(v.text) {
		return
	}
	help := "names are lower case letters, digits, dots, dashes and underscores between slashes"
	if i := strings.LastIndexByte(v.text, ':'); i > 0 && imageName.MatchString(v.text[:i]) {
		help = fmt.Sprintf("write image: %s and version: %s", v.text[:i], v.text[i+1:])
	}
	e.fault(ruleImageName, v, fmt.Sprintf("%s is %q; expected an image name without a tag", v.path(), v.text), help)
}

func (e *evaluation) tagFits(v *value) {
	if v.good() && !imageTag.MatchString(v.text) {
		e.fault(ruleImageTag, v, fmt.Sprintf("%s is %q; expected an image tag: a letter or digit, then up to 127 letters, digits, dashes, underscores and dots", v.path(), shorten(v.text)), "")
	}
}

var (
	ruleImageMissing = define(verdict.Rule{Code: "M305", Name: "image-missing", Severity: verdict.Error,
		Summary: "a service has an image, or a prefix to make one with its name",
		Good:    "image: nginx\n", Bad: "-- shipcat.conf --\ndefaults: {chart: base, replicaCount: 2}\n"})
	ruleImagePrefix = define(verdict.Rule{Code: "M306", Name: "image-prefix", Severity: verdict.Error,
		Summary: "imagePrefix does not end in a slash",
		Good:    "imagePrefix: quay.io/org\n", Bad: "imagePrefix: quay.io/org/\n"})
	ruleImageName = define(verdict.Rule{Code: "M307", Name: "image-name", Severity: verdict.Error,
		Summary: "images are names without a tag",
		Good:    "image: quay.io/org/app\nversion: 1.2.3\n", Bad: "image: quay.io/org/app:1.2.3\n"})
	ruleImageTag = define(verdict.Rule{Code: "M308", Name: "image-tag", Severity: verdict.Error,
		Summary: "versions are image tags",
		Good:    "version: 1.2.3\n", Bad: "version: release/1.2.3\n"})
)
