package genrepo

import "strings"

// defect is a mistake that some units of a kind have together, most of them one alone.
type defect struct {
	kind  string
	takes int
	// inject puts it into so many units, and says what is found.
	inject func(units []*unit) []Finding
}

// defects are in a fixed order, which is part of the output.
var defects = []defect{
	{service, 1, quotedPort},
	{service, 1, value("team: ", "strangers", "service/team", "rule")},
	{service, 1, value("replicas: ", "1", "service/spread", "rule")},
	{service, 1, value("needs: ", "[core/nobody]", "service/exists", "unknown-reference")},
	{service, 1, value("  - ", "core/nothing", "service/reads", "unknown-reference")},
	{service, 1, value("prot: ", "80", "service/schema", "unknown-key")},
	{service, 1, shortText},
	{service, 1, lackingKey},
	{service, 1, lackingFile},
	{service, 1, lackingValue},
	{service, 1, tooMuch},
	{service, 2, same("port: ", "service/unique")},
	{service, 2, circle},
	{queue, 1, value("owner: ", "core/nobody", "queue/exists", "unknown-reference")},
	{queue, 1, value("  days: ", "some", "queue/schema", "wrong-type")},
	{queue, 1, value("retention : ", "{days: 1}", "queue/syntax", "duplicate-key")},
	{queue, 1, value("tags: ", "[a, b", "queue/syntax", "syntax")},
	{queue, 2, same("arn: ", "queue/unique")},
	{module, 1, value("  source = ", `"core/none/gone"`, "module/exists", "unknown-reference")},
}

// atKeys are the mistakes that are found at a key, not at its value.
var atKeys = map[string]bool{"unknown-key": true, "duplicate-key": true}

// value gives a key a value that is wrong.
func value(key, value, rule, name string) func([]*unit) []Finding {
	return func(units []*unit) []Finding {
		u := units[0]
		u.main.set(key, value)
		line, column := u.main.at(key)
		switch {
		case atKeys[name]:
		case name == "syntax":
			column += len(key)
		default: // behind a bracket or a quote
			column += len(key) + strings.IndexAny(value, "abcdefghijklmnopqrstuvwxyz0123456789")
		}
		return []Finding{u.finding(rule, name, u.main, line, column)}
	}
}

// quotedPort makes a text of a number, which is the port of no other.
func quotedPort(units []*unit) []Finding {
	u := units[0]
	line, column := u.main.at("port: ")
	u.main.set("port: ", `"`+strings.TrimPrefix(u.main.lines[line-1], "port: ")+`"`)
	return []Finding{u.finding("service/schema", "wrong-type", u.main, line, column+len("port: "))}
}

// same gives two units one value.
func same(key, rule string) func([]*unit) []Finding {
	return func(units []*unit) (found []Finding) {
		first := units[0].main
		value := strings.TrimPrefix(first.lines[first.find(key)], key)
		for _, u := range units {
			u.main.set(key, value)
			line, column := u.main.at(key)
			found = append(found, u.finding(rule, "duplicate-key", u.main, line, column+len(key)))
		}
		return found
	}
}

// circle lets two services need each other, and nobody else.
func circle(units []*unit) (found []Finding) {
	for i, u := range units {
		u.main.drop("regions: ")
		u.main.set("needs: ", "["+units[1-i].name+"]")
		line, column := u.main.at("needs: [")
		found = append(found, u.finding("service/acyclic", "cycle", u.main, line, column+len("needs: [")))
	}
	return found
}

// shortText is a warning: the unit is ok.
func shortText(units []*unit) []Finding {
	u := units[0]
	u.main.set("about: ", "short")
	f := u.finding("service/about", "rule", u.main, 1, len("about: ")+1)
	f.Severity = "warning"
	return []Finding{f}
}

func lackingKey(units []*unit) []Finding {
	u := units[0]
	u.main.drop("port: ")
	return []Finding{u.finding("service/schema", "missing-key", u.main, 1, 1)}
}

func lackingFile(units []*unit) []Finding {
	u := units[0]
	limits := u.more[0]
	u.more = nil
	return []Finding{u.finding("service/syntax", "no-file", limits, 0, 0)}
}

// lackingValue leaves a comma alone in JSON.
func lackingValue(units []*unit) []Finding {
	u := units[0]
	limits := u.more[0]
	limits.drop(`  "memory"`)
	line, column := limits.at(`  "cpu"`)
	return []Finding{u.finding("service/syntax", "syntax", limits, line, column+len(limits.lines[line-1])-1)}
}

// tooMuch is in JSON.
func tooMuch(units []*unit) []Finding {
	u := units[0]
	limits := u.more[0]
	limits.set(`  "cpu": `, "99,")
	line, column := limits.at(`  "cpu": `)
	return []Finding{u.finding("service/schema-2", "out-of-range", limits, line, column+len(`  "cpu": `))}
}

func (u *unit) finding(rule, name string, f *file, line, column int) Finding {
	return Finding{Unit: u.path, Rule: rule, Name: name, Severity: "error", File: f.path, Line: line, Column: column}
}
