package genrepo

import (
	"fmt"
	"strings"
)

// The kinds of units, as muster.yaml names them.
const (
	service = "service"
	queue   = "queue"
	module  = "module"
)

// unit is one unit before it is written.
type unit struct {
	kind string
	path string // in the repository
	name string // what others call it
	main *file
	more []*file
}

// file is a text of lines, most of which begin with a key.
type file struct {
	path  string
	lines []string
}

// find is the index of the line that begins with a key, -1 if none does.
func (f *file) find(key string) int {
	for i, line := range f.lines {
		if strings.HasPrefix(line, key) {
			return i
		}
	}
	return -1
}

// set replaces the line that begins with a key, or adds it.
func (f *file) set(key, value string) {
	if i := f.find(key); i >= 0 {
		f.lines[i] = key + value
		return
	}
	f.add(key + value)
}

func (f *file) add(line string) { f.lines = append(f.lines, line) }

// drop takes the line that begins with a key out.
func (f *file) drop(key string) {
	if i := f.find(key); i >= 0 {
		f.lines = append(f.lines[:i], f.lines[i+1:]...)
	}
}

// at is where the line begins that begins with a key.
func (f *file) at(key string) (line, column int) { return f.find(key) + 1, 1 }

func (f *file) text(comments []string) string {
	var b strings.Builder
	for _, l := range f.lines {
		b.WriteString(l + "\n")
	}
	for _, c := range comments {
		b.WriteString("# " + c + "\n")
	}
	return b.String()
}

var (
	areas = []string{"core", "edge", "data"}
	words = []string{"orders", "photos", "billing", "wiki", "ledger", "mail", "search", "stock"}
)

// newService is the i-th service. It needs earlier ones and reads a queue, or what a module gives.
func newService(r rng, i int, earlier []*unit, reads string) *unit {
	name := fmt.Sprintf("%s/%s-%05d", pick(r, areas), pick(r, words), i)
	u := &unit{kind: service, path: "services/" + name, name: name}
	u.main = &file{u.path + "/service.yaml", []string{
		"about: what " + name + " is there for",
		"team: " + pick(r, teams),
		fmt.Sprintf("port: %d", 10_000+i),
		fmt.Sprintf("replicas: %d", 2+r.IntN(4)),
	}}
	var needs []string
	for range min(len(earlier), r.IntN(3)) {
		if e := pick(r, earlier); e.everywhere() {
			needs = append(needs, e.name)
		}
	}
	u.main.add("needs: [" + strings.Join(needs, ", ") + "]")
	u.main.add("reads:")
	u.main.add("  - " + reads)
	if i > 0 && r.IntN(8) == 0 {
		u.main.add("regions: [us]")
	}
	u.more = []*file{{u.path + "/deploy/limits.json", []string{"{", fmt.Sprintf(`  "cpu": %d,`, 1+r.IntN(8)), `  "memory": "512Mi"`, "}"}}}
	return u
}

// everywhere says of a service that others may need it wherever they are deployed.
func (u *unit) everywhere() bool { return u.main.find("regions: ") < 0 }

// newQueue is the i-th queue, in a folder of some depth.
func newQueue(r rng, i int) *unit {
	name := pick(r, areas)
	for range r.IntN(3) {
		name += "/" + pick(r, words)
	}
	name += fmt.Sprintf("/q-%05d", i)
	u := &unit{kind: queue, path: "queues/" + name + ".yaml", name: name}
	u.main = &file{u.path, []string{
		fmt.Sprintf("arn: arn:aws:sqs:eu-west-1:1234:q-%05d", i),
		"owner: ",
		"retention:",
		fmt.Sprintf("  days: %d", 1+r.IntN(30)),
	}}
	return u
}

// output is what the i-th module gives.
func output(i int) string { return fmt.Sprintf("out/o-%05d", i) }

// newModule is the i-th module. It takes an earlier one for its source.
func newModule(r rng, i int, earlier []*unit) *unit {
	name := fmt.Sprintf("%s/%s/m-%05d", pick(r, areas), pick(r, words), i)
	u := &unit{kind: module, path: "modules/" + name + ".tf", name: name}
	u.main = &file{u.path, []string{fmt.Sprintf(`variable "size" { default = %d }`, r.IntN(100))}}
	u.main.add(fmt.Sprintf("output %q {}", output(i)))
	if len(earlier) > 0 {
		u.main.lines = append(u.main.lines, `module "base" {`, fmt.Sprintf("  source = %q", pick(r, earlier).name), "}")
	}
	return u
}
