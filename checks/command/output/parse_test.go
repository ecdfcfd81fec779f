package output

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// say is a finding in one line.
func say(f Finding) string {
	at := f.File
	if f.Line > 0 {
		at += fmt.Sprintf(":%d:%d", f.Line, f.Column)
	}
	if f.EndLine > 0 || f.EndColumn > 0 {
		at += fmt.Sprintf("-%d:%d", f.EndLine, f.EndColumn)
	}
	said := fmt.Sprintf("%s %s[%s] %s", at, f.Severity, f.Code, f.Message)
	if f.Help != "" {
		said += " | " + f.Help
	}
	return said
}

func said(r Reading) string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, say(f))
	}
	if r.Off > 0 {
		all = append(all, fmt.Sprintf("%d off", r.Off))
	}
	return strings.Join(all, "\n")
}

// TestRead: what programs print, and what is read of it.
func TestRead(t *testing.T) {
	t.Parallel()
	const shape = `^(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<severity>\w+): (?P<message>.*?)(?: \[(?P<code>\w+)\])?$`
	tests := []struct {
		name string
		spec Spec
		out  string
		want string
		err  string
	}{
		{name: "nothing", spec: Spec{Format: SARIF}, out: " \n"},
		{name: "a format that is none", spec: Spec{Format: "x"}, out: "a", err: `output of format "x" is not read`},
		{name: "exit", spec: Spec{Format: ExitOnly}, out: "a: b"},
		{name: "sarif without runs", spec: Spec{Format: SARIF}, out: `{"error": "no licence"}`, err: "the output is not SARIF: it has no runs"},

		{name: "ndjson", spec: Spec{Format: NDJSON}, out: `{"file":"a.yaml","line":3,"column":5,"endLine":3,"endColumn":9,"severity":"Warning","rule":"r1","message":"no owner","help":"add one"}` + "\r\n\n" +
			`{"message":"all of it"}` + "\n" + `{"message":"in quotes","file":"./b//c.yaml","line":"7"}`,
			want: "a.yaml:3:5-3:9 warning[r1] no owner | add one\n [] all of it\nb/c.yaml:7:0 [] in quotes"},
		{name: "ndjson with a key that is none", spec: Spec{Format: NDJSON}, out: `{"message":"a"}` + "\n" + `{"msg":"b"}` + "\n" + `{"message":"c"}`,
			want: " [] a\n [] c", err: `line 2 of the output is not ndjson: unknown field "msg": want message, and file, line, column, endLine, endColumn, severity, rule, help`},
		{name: "ndjson that breaks off", spec: Spec{Format: NDJSON}, out: `{"message":"a"}` + "\n" + `{"messa`,
			want: " [] a", err: "line 2 of the output is not ndjson: it ends in the middle of the object"},
		{name: "ndjson and a log", spec: Spec{Format: NDJSON}, out: "loading\n" + `{"message":"a"}` + "\nready\n{} {}\n[1]",
			want: " [] a", err: "line 1 of the output is not ndjson: at its byte 1: invalid character 'l' looking for beginning of value; neither are 3 other lines"},
		{name: "ndjson without a message", spec: Spec{Format: NDJSON}, out: `{"file":"a"}`, err: "line 1 of the output is not ndjson: it has no message"},
		{name: "ndjson of another kind", spec: Spec{Format: NDJSON}, out: `{"message":5}`, err: "line 1 of the output is not ndjson: cannot unmarshal number into Go struct field line.message of type string"},
		{name: "ndjson with a place that is none", spec: Spec{Format: NDJSON}, out: `{"message":"a","file":"f","line":-3,"column":4}` + "\n" + `{"message":"b","file":"f","line":9,"endLine":4}` + "\n" + `{"message":"c","file":"f","line":9999999999999}`,
			want: "f [] a\nf:9:0 [] b\nf [] c"},

		{name: "rdjson", spec: Spec{Format: RDJSON}, out: `{"source":{"name":"x"},"diagnostics":[
			{"message":"m1","location":{"path":"a.go","range":{"start":{"line":14,"column":15},"end":{"line":14,"column":18}}},"suggestions":[{"range":{"start":{"line":14},"end":{"line":14}},"text":"new"}],"severity":"WARNING","code":{"value":"c1","url":"https://x/c1"}},
			{"message":"m2","location":{"path":"b.go","range":{"start":{"line":2},"end":{"line":4,"column":1}}},"severity":3},
			{"message":"m3","location":{"path":"b.go"},"severity":"UNKNOWN_SEVERITY"}],"severity":"ERROR"}`,
			want: "a.go:14:15-14:18 warning[c1] m1 | in line 14, write \"new\"; see https://x/c1\nb.go:2:0-3:0 info[] m2\nb.go error[] m3"},
		{name: "rdjson that breaks off", spec: Spec{Format: RDJSON}, out: `{"severity":"INFO","diagnostics":[{"message":"a"},` + "\n" + `{"message":`,
			want: " info[] a", err: "line 2, byte 12 of the output is not rdjson: it ends in the middle of the document"},
		{name: "rdjson that is a list", spec: Spec{Format: RDJSON}, out: `[]`, err: "line 1, byte 1 of the output is not rdjson: the output is not an object"},
		{name: "rdjson with values of other kinds", spec: Spec{Format: RDJSON}, out: `{"diagnostics":[{"message":1,"location":{"path":"a"}},{"message":"b"}]}`,
			want: "a [] the program says no more\n [] b", err: "line 1, byte 54 of the output is not rdjson: message of the value before it is of the kind number"},
		{name: "rdjson and more", spec: Spec{Format: RDJSON}, out: `{"diagnostics":null}` + "\n  done", err: "line 2, byte 3 of the output is not rdjson: there is more behind the document"},
		{name: "text for rdjson", spec: Spec{Format: RDJSON}, out: "Error: no such file", err: "line 1, byte 1 of the output is not rdjson: invalid character 'E' looking for beginning of value"},
		{name: "rdjsonl", spec: Spec{Format: RDJSONL}, out: `{"message":"m","location":{"path":"a","range":{"start":{"line":1,"column":2}}},"severity":"ERROR","code":{"value":"c"}}` + "\n{\n",
			want: "a:1:2 error[c] m", err: "line 2 of the output is not rdjsonl: it ends in the middle of the object"},

		{name: "checkstyle", spec: Spec{Format: Checkstyle}, out: `<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE checkstyle [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<checkstyle version="4.3"><file name="src/a&amp;b.js"><error line="1" column="2" severity="error" message="a &lt;b&gt; ` + "\xe9" + `" source="r.X"/><error severity="ignore" message="z"/></file><file name="c.js"/><error message="at none"/></checkstyle>`,
			want: "src/a&b.js:1:2 error[r.X] a <b> é\n [] at none\n1 off"},
		{name: "checkstyle in UTF-16", spec: Spec{Format: Checkstyle}, out: utf16LE(`<?xml version="1.0" encoding="utf-16"?><checkstyle><file name="ä"><error message="m"/></file></checkstyle>`), want: "ä [] m"},
		{name: "checkstyle with an entity from elsewhere", spec: Spec{Format: Checkstyle}, out: `<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><checkstyle><file name="a"><error message="1"/><error message="&x;"/></file></checkstyle>`,
			want: "a [] 1", err: "line 1, byte 121 of the output is not checkstyle: invalid character entity &x;"},
		{name: "checkstyle that breaks off", spec: Spec{Format: Checkstyle}, out: "<checkstyle>\n<file name='a'><error message='1'/><err", want: "a [] 1", err: "line 2, byte 40 of the output is not checkstyle: it ends in the middle of the document"},
		{name: "checkstyle that is JUnit", spec: Spec{Format: Checkstyle}, out: "<testsuites/>", err: "line 1, byte 14 of the output is not checkstyle: there is <testsuites> where <checkstyle> was expected"},
		{name: "checkstyle that is text", spec: Spec{Format: Checkstyle}, out: "ok", err: "line 1, byte 3 of the output is not checkstyle: there is no <checkstyle>"},
		{name: "checkstyle in an unknown encoding", spec: Spec{Format: Checkstyle}, out: `<?xml version="1.0" encoding="KOI8-R"?><checkstyle/>`, err: `line 1, byte 40 of the output is not checkstyle: opening charset "KOI8-R": its encoding is "KOI8-R"; expected UTF-8, UTF-16, US-ASCII or ISO-8859-1`},
		{name: "checkstyle that could not read a file", spec: Spec{Format: Checkstyle}, out: `<checkstyle><file name="a"><exception>trace</exception></file></checkstyle>`, err: `the program says that it could not read "a"`},

		{name: "regex", spec: Spec{Format: Regex, Pattern: shape}, out: "checking\n\x1b[1ma.sh:2:10: \x1b[31merror\x1b[0m: fragile\x1b[K [SC2045]\x1b[0m\r\nb.sh:x:1: error: no\nc.sh:1:1: note: fine\x00\xff\n",
			want: "a.sh:2:10 error[SC2045] fragile\nc.sh:1:1 info[] fine\ufffd"},
		{name: "severities of its own", spec: Spec{Format: Regex, Pattern: `(?P<severity>\S*)=(?P<message>.*)`, Severities: map[string]string{"BAD": "error", "Meh": "off", "": "info", "error": "warning"}},
			out: "bad=1\nmeh=2\n=3\nerror=4\nodd=5", want: " error[] 1\n info[] 3\n warning[] 4\n [] 5\n1 off"},
		{name: "paths", spec: Spec{Format: Regex, Pattern: `(?P<file>[^=]*)=(?P<message>.*)`, Strip: 1, Prefix: "charts/a"},
			out:  "shop/templates/x.yaml=1\nChart.yaml=2\n/abs/y=3\nfile:///abs/z%20z=4\n=5\n./shop/./b=6",
			want: "charts/a/templates/x.yaml [] 1\ncharts/a/Chart.yaml [] 2\n/abs/y [] 3\n/abs/z z [] 4\n [] 5\ncharts/a/b [] 6"},
		{name: "absolute paths stay", spec: Spec{Format: Regex, Pattern: `(?P<file>[^=]*)=(?P<message>.*)`, Prefix: "a"}, out: "/abs/y=3\n.=4\nx=5", want: "/abs/y [] 3\na [] 4\na/x [] 5"},
		{name: "a long path", spec: Spec{Format: Regex, Pattern: `(?P<file>[^=]*)=(?P<message>.*)`}, out: strings.Repeat("a", 2000) + "=m", want: " [] in a file whose path has 2000 bytes: m"},
		{name: "alternatives with groups of one name", spec: Spec{Format: Regex, Pattern: `^(?:(?P<file>\w+):(?P<line>\d+)|(?P<line>\d+) in (?P<file>\w+)): (?P<message>.*)`}, out: "a:1: x\n2 in b: y", want: "a:1:0 [] x\nb:2:0 [] y"},
		{name: "a pattern that is none", spec: Spec{Format: Regex, Pattern: "("}, out: "a", err: "the pattern of the output: error parsing regexp: missing closing ): `(`"},

		{name: "errorformat", spec: Spec{Format: Errorformat, Errorformats: []string{"%f:%l:%c: [%t%*[a-z]] %m"}}, out: "bad.yaml:1:5: [error] too many spaces after colon (colons)\nbad.yaml:3:4: [warning] truthy\n\nnoise",
			want: "bad.yaml:1:5 error[] too many spaces after colon (colons)\nbad.yaml:3:4 warning[] truthy"},
		{name: "errorformat of several lines", spec: Spec{Format: Errorformat, Errorformats: []string{"%E[ERROR] %f:%l:%c", "%W[WARNING] %f: %m", "%Z", "%C%m"}},
			out: "==> x\n[ERROR] a/b.yaml:4:11\n  executing x\n    because\n[WARNING] c: d\n\nError: 1", want: "a/b.yaml:4:11 error[] executing x because\nc warning[] d"},
		{name: "errorformat with a long line", spec: Spec{Format: Errorformat, Errorformats: []string{"%f:%l: %m"}}, out: strings.Repeat("x", 200_000) + "\na:1: m\n", want: "a:1:0 [] m"},
		{name: "no errorformat", spec: Spec{Format: Errorformat}, out: "a", err: `there is no errorformat; expected a list of them, such as "%f:%l:%c: %m"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := tt.spec.Read(Streams{Stdout: []byte(tt.out)})
			if got := said(r); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if message(err) != tt.err {
				t.Errorf("the error is %q, want %q", message(err), tt.err)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func utf16LE(text string) string {
	b := []byte{0xff, 0xfe}
	for _, r := range text {
		b = append(b, byte(r), byte(r>>8))
	}
	return string(b)
}

// TestSARIF: the ways in which SARIF says the same.
func TestSARIF(t *testing.T) {
	t.Parallel()
	run := func(parts string) string { return `{"version":"2.1.0","runs":[{` + parts + `}]}` }
	at := func(location string) string {
		return run(`"results":[{"message":{"text":"m"},"level":"note","locations":[{"physicalLocation":` + location + `}]}]`)
	}
	const bases = `"originalUriBaseIds":{"ROOT":{"uri":"file:///"},"SRC":{"uri":"src%20dir/","uriBaseId":"ROOT"},"LOOP":{"uri":"a/","uriBaseId":"LOOP"},"BARE":{"description":{"text":"the root"}}},"artifacts":[{"location":{"uri":"listed.yaml"}}],`
	based := func(location string) string {
		return run(bases + `"results":[{"message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":` + location + `}}]}]`)
	}
	const rules = `"tool":{"driver":{"name":"d","rules":[{"id":"A","helpUri":"https://x/A","defaultConfiguration":{"level":"error"},"messageStrings":{"default":{"text":"{0} is {{not}} {1}"}}},{"id":"B","help":{"text":"mend it\nthus"}}],
		"globalMessageStrings":{"g":{"text":"global {0}"}}},"extensions":[{"name":"e","rules":[{"id":"E","defaultConfiguration":{"level":"note"}}]}]}`
	tests := []struct{ name, out, want, err string }{
		{"a place", at(`{"artifactLocation":{"uri":"a/b.yaml"},"region":{"startLine":3,"startColumn":5,"endLine":3,"endColumn":9}}`), "a/b.yaml:3:5-3:9 info[] m", ""},
		{"an end in the same line", at(`{"artifactLocation":{"uri":"a"},"region":{"startLine":3,"startColumn":5,"endColumn":9}}`), "a:3:5-3:9 info[] m", ""},
		{"a file with escapes", at(`{"artifactLocation":{"uri":"a%20b/%C3%A9.yaml"}}`), "a b/é.yaml info[] m", ""},
		{"a file: URI", at(`{"artifactLocation":{"uri":"file:///src/a%20b.yaml"}}`), "/src/a b.yaml info[] m", ""},
		{"a file: URI with a host", at(`{"artifactLocation":{"uri":"file://localhost/src/a.yaml"}}`), "/src/a.yaml info[] m", ""},
		{"another scheme", at(`{"artifactLocation":{"uri":"https://x/a.yaml"}}`), " info[] m", ""},
		{"no place", run(`"results":[{"message":{"text":"m"},"locations":[]}]`), " warning[] m", ""},
		{"a base", based(`{"uri":"a.yaml","uriBaseId":"SRC"}`), "/src dir/a.yaml warning[] m", ""},
		{"a base that says nothing", based(`{"uri":"a.yaml","uriBaseId":"BARE"}`), "a.yaml warning[] m", ""},
		{"a base that is not there", based(`{"uri":"a.yaml","uriBaseId":"%SRCROOT%"}`), "a.yaml warning[] m", ""},
		{"a base of itself", based(`{"uri":"b","uriBaseId":"LOOP"}`), "a/a/a/a/a/a/a/a/b warning[] m", ""},
		{"an artifact", based(`{"index":0}`), "listed.yaml warning[] m", ""},
		{"an artifact that is not there", based(`{"index":7}`), " warning[] m", ""},
		{"rules", run(rules + `,"results":[{"ruleId":"A","message":{"id":"default","arguments":["x","{0}"]}},{"ruleIndex":1,"message":{"text":"m {0}"}},{"ruleId":"A/1","message":{"text":"m"}},
			{"rule":{"index":0,"toolComponent":{"index":0}},"message":{"text":"of {0}","arguments":["ext"]}},{"ruleId":"Z","ruleIndex":99,"message":{"id":"g","arguments":["y"]}}]`),
			"error[A] x is {not} {0} | see https://x/A\nwarning[B] m {0} | mend it\nerror[A/1] m | see https://x/A\ninfo[E] of ext\nwarning[Z] global y", ""},
		{"rules behind the results", run(`"results":[{"ruleId":"A","message":{"text":"m"}}],` + rules), "error[A] m | see https://x/A", ""},
		{"what does not hold", run(`"results":[{"kind":"pass","message":{"text":"1"}},{"kind":"notApplicable","message":{"text":"2"}},{"kind":"review","message":{"text":"3"}},{"baselineState":"absent","message":{"text":"4"}},{"level":"none","message":{"text":"skipped"}},{"kind":"informational","level":"none","message":{"text":"4a"}},
			{"suppressions":[{"kind":"inSource"}],"message":{"text":"5"}},{"suppressions":[{"kind":"external","status":"rejected"}],"message":{"text":"6"}},{"suppressions":[],"message":{"text":"7"}}]`),
			"info[] 3\ninfo[] 4a\nwarning[] 6\nwarning[] 7\n1 off", ""},
		{"a fix", run(`"results":[{"message":{"text":"m"},"fixes":[{"description":{"text":"do that"}}]}]`), "warning[] m | do that", ""},
		{"a message in Markdown", run(`"results":[{"message":{"markdown":"*m*"}}]`), "warning[] *m*", ""},
		{"no message", run(`"results":[{"ruleId":"R"}]`), "warning[R] R", ""},
		{"several runs", `{"runs":[{"results":[{"message":{"text":"1"}}]},{"results":[{"message":{"text":"2"}}]},{"results":null}],"version":"2.1.0"}`, "warning[] 1\nwarning[] 2", ""},
		{"a run that failed", run(`"invocations":[{"executionSuccessful":false,"toolExecutionNotifications":[{"level":"error","message":{"text":"out of\nmemory"}}]}],"results":[{"message":{"text":"m"}}]`), "warning[] m",
			"the program says that it did not come to its end: out of\nmemory"},
		{"another version", `{"version":"1.0.0","runs":[]}`, "", `the output is SARIF of version "1.0.0"; expected 2.1.0`},
		{"JSON that is not SARIF", `{"runs":{"a":1}}`, "", "line 1, byte 8 of the output is not sarif: runs is not a list"},
		{"one that breaks off", `{"version":"2.1.0","runs":[{"results":[{"message":{"text":"1"}},{"mess`, "warning[] 1", "line 1, byte 71 of the output is not sarif: it ends in the middle of the document"},
		{"one that is deep", `{"runs":` + strings.Repeat("[", 200_000), "", "line 1, byte 10 of the output is not sarif: a run is not an object"},
		{"one that is deeper", `{"x":` + strings.Repeat("[", 200_000), "", "line 1, byte 10004 of the output is not sarif: invalid character '[' exceeded max depth"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := Spec{Format: SARIF}.Read(Streams{Stdout: []byte(tt.out)})
			var got []string
			for line := range strings.SplitSeq(said(r), "\n") {
				got = append(got, strings.TrimPrefix(line, " "))
			}
			if want := strings.TrimPrefix(tt.want, " "); strings.Join(got, "\n") != want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
			}
			if message(err) != tt.err {
				t.Errorf("the error is %q, want %q", message(err), tt.err)
			}
		})
	}
}

// TestStreams: what a spec means by its source.
func TestStreams(t *testing.T) {
	t.Parallel()
	out := Streams{Stdout: []byte("\xef\xbb\xbfa=1"), Stderr: []byte("b=2\n")}
	for from, want := range map[string]string{"": "a [] 1", "stdout": "a [] 1", "stderr": "b [] 2", "both": "a [] 1\nb [] 2"} {
		r, err := Spec{Format: Regex, From: from, Pattern: `^(?P<file>\w)=(?P<message>.*)`}.Read(out)
		if err != nil || said(r) != want {
			t.Errorf("%q: %q, %v; want %q", from, said(r), err, want)
		}
	}
	if string(out.Stdout) != "\xef\xbb\xbfa=1" || string(out.Stderr) != "b=2\n" {
		t.Errorf("the streams are now %q", out)
	}
}

// TestBounds: what is read of a program has bounds, and says where it was cut.
func TestBounds(t *testing.T) {
	t.Parallel()
	spec := Spec{Format: NDJSON}
	r, err := spec.Read(Streams{Stdout: []byte(strings.Repeat(`{"message":"m"}`+"\n", MaxFindings+1))})
	if len(r.Findings) != MaxFindings || !errors.Is(err, ErrTooMany) {
		t.Errorf("%d findings, %v", len(r.Findings), err)
	}
	if r, err = spec.Read(Streams{Stdout: []byte(strings.Repeat(`{"message":"m"}`+"\n", MaxFindings))}); len(r.Findings) != MaxFindings || err != nil {
		t.Errorf("%d findings, %v", len(r.Findings), err)
	}
	r, err = spec.Read(Streams{Stdout: []byte(`{"message":"` + strings.Repeat("é", 5000) + `","rule":"` + strings.Repeat("r", 500) + `"}`)})
	if f := r.Findings[0]; err != nil || len(f.Message) > maxMessage || !strings.HasSuffix(f.Message, "é…") || len(f.Code) > maxCode {
		t.Errorf("%d and %d bytes, %v", len(f.Message), len(f.Code), err)
	}
}

// TestSaid: the finding of a program without a format is the end of what it printed.
func TestSaid(t *testing.T) {
	t.Parallel()
	long := ""
	for i := range 30 {
		long += fmt.Sprintf("line %d\r\n\n", i)
	}
	tests := []struct {
		name string
		from string
		out  Streams
		want string
	}{
		{"nothing", "", Streams{}, "the program says that there are findings, and printed nothing"},
		{"a line", "", Streams{Stdout: []byte("\n \x1b[31mno\x1b[m \n\n")}, "no"},
		{"on the other stream", "stdout", Streams{Stdout: []byte("\n"), Stderr: []byte("no\n")}, "no"},
		{"both", "both", Streams{Stdout: []byte("a"), Stderr: []byte("b")}, "a\nb"},
		{"a lot", "", Streams{Stdout: []byte(long)}, strings.TrimSpace(strings.ReplaceAll(long[strings.Index(long, "line 10\r"):], "\r\n\n", "\n"))},
	}
	for _, tt := range tests {
		if got := (Spec{Format: ExitOnly, From: tt.from}).Said(tt.out); got != (Finding{Message: tt.want}) {
			t.Errorf("%s: %+v, want %q", tt.name, got, tt.want)
		}
	}
	if got := Tail([]byte(strings.Repeat(strings.Repeat("x", 3000)+"\n", 40)), 20); len(got) > maxMessage {
		t.Errorf("%d bytes", len(got))
	}
}

// TestCheck: mistakes of a spec are said all at once.
func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		spec Spec
		want string
	}{
		{Spec{Format: SARIF}, ""},
		{Spec{Format: Regex, Pattern: "(?P<message>.*)", From: "both", Strip: 2, Prefix: "charts/base/", Severities: map[string]string{"x": "off", "": "error"}}, ""},
		{Spec{Format: Errorformat, Errorformats: []string{"%f:%l: %m"}}, ""},
		{Spec{Format: ExitOnly}, ""},
		{Spec{}, `the format is ""; expected one of [checkstyle errorformat exit ndjson rdjson rdjsonl regex sarif]`},
		{Spec{Format: SARIF, From: "file"}, `from is "file"; expected one of [stdout stderr both]`},
		{Spec{Format: SARIF, Pattern: "x"}, `there is a pattern, and the format is "sarif": a pattern is for the format "regex"`},
		{Spec{Format: Regex}, `the pattern "": it has no group "message": write (?P<message>.*) where the message stands`},
		{Spec{Format: Regex, Pattern: "(?P<message>x)(?P<col>y)"}, `the pattern "(?P<message>x)(?P<col>y)": it has a group "col"; expected groups of [file line column endline endcolumn severity code message]`},
		{Spec{Format: Regex, Pattern: "a(?P<message>x)|b(?P<message>y)"}, ""},
		{Spec{Format: Regex, Pattern: "(?P<message>" + strings.Repeat("a{1000}", 101) + ")"}, "the pattern \"(?P<message>" + strings.Repeat("a{1000}", 26) + "a{1…\": it repeats its parts too often: it stands for more than 100000 instructions"},
		{Spec{Format: Errorformat}, `there is no errorformat; expected a list of them, such as "%f:%l:%c: %m"`},
		{Spec{Format: Errorformat, Errorformats: []string{"%f", "%"}}, `the errorformat "%": it ends behind a % or a \`},
		{Spec{Format: Errorformat, Errorformats: []string{"%j"}}, `the errorformat "%j": E376: Invalid %j in format string prefix`},
		{Spec{Format: Errorformat, Errorformats: []string{strings.Repeat("x", 2000)}}, `the errorformat "` + strings.Repeat("x", 197) + `…": it is 2000 bytes long; expected at most 1024`},
		{Spec{Format: SARIF, Errorformats: []string{"%m"}}, `there are errorformats, and the format is "sarif": they are for the format "errorformat"`},
		{Spec{Format: SARIF, Severities: map[string]string{"A": "bad", "B": "info"}, Strip: -1, Prefix: "../x"},
			"the severity \"A\" is \"bad\"; expected one of [error warning info off]\nstrip is -1; expected 0 to 32\nthe prefix is \"../x\"; expected a path inside the repository, such as \"charts/base\""},
		{Spec{Format: SARIF, Prefix: "/x"}, `the prefix is "/x"; expected a path inside the repository, such as "charts/base"`},
		{Spec{Format: ExitOnly, Strip: 1}, `strip, prefix and severities say nothing of the format "exit", which has no findings with a place`},
	}
	for _, tt := range tests {
		if got := message(tt.spec.Check()); got != tt.want {
			t.Errorf("%+v:\n%s\nwant\n%s", tt.spec, got, tt.want)
		}
	}
}

// TestResolve: a path is one below the program's folder, or else below the root, or else none.
func TestResolve(t *testing.T) {
	t.Parallel()
	there := func(name string) bool {
		return name == "charts/a/x.yaml" || name == "x.yaml" || name == "charts/base/b.yaml"
	}
	tests := []struct{ file, dir, want string }{
		{"x.yaml", "charts/a", "charts/a/x.yaml"},
		{"x.yaml", "charts/b", "x.yaml"},
		{"x.yaml", "", "x.yaml"},
		{"charts/a/x.yaml", "charts/a", "charts/a/x.yaml"},
		{"./../base/b.yaml", "charts/a", "charts/base/b.yaml"},
		{"../../../x.yaml", "charts/a", ""},
		{"/x.yaml", "", ""},
		{"", "charts/a", ""},
		{".", "charts/a", ""},
		{"y.yaml", "charts/a", ""},
	}
	for _, tt := range tests {
		if got, ok := Resolve(tt.file, tt.dir, there); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%q in %q: %q, %v; want %q", tt.file, tt.dir, got, ok, tt.want)
		}
	}
}

// TestColumn: columns are of characters, whatever a format counts.
func TestColumn(t *testing.T) {
	t.Parallel()
	const line = "é: ü"
	for _, tt := range []struct {
		format     Format
		column, at int
	}{{SARIF, 4, 4}, {RDJSON, 5, 4}, {RDJSONL, 7, 5}, {RDJSON, 1, 1}, {RDJSON, 0, 0}, {RDJSON, 99, 99}} {
		if got := (Spec{Format: tt.format}).Column(line, tt.column); got != tt.at {
			t.Errorf("%s: column %d is %d, want %d", tt.format, tt.column, got, tt.at)
		}
	}
}

// FuzzRead: any output of any program has findings within the bounds, the same twice.
func FuzzRead(f *testing.F) {
	for _, name := range golden(f) {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i := range Formats() {
			f.Add(byte(i), text)
		}
	}
	f.Add(byte(0), []byte("<checkstyle><file name='\x1b]8;;'><error line='9' message='&#0;'/>"))
	f.Add(byte(5), []byte(`{"diagnostics":[{"location":{"range":{"end":{"line":4,"column":1}}}}]}`))
	f.Add(byte(7), []byte(`{"runs":[{"originalUriBaseIds":{"A":{"uri":"x","uriBaseId":"A"}},"results":[{"ruleIndex":-1,"message":{"id":"a","arguments":["{0}"]},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"%zz","uriBaseId":"A","index":-1}}}]}]}]}`))
	f.Fuzz(func(t *testing.T, format byte, text []byte) {
		spec := Spec{
			Format: Formats()[int(format)%len(Formats())], From: Sources()[int(format)%3], Strip: int(format) % 4,
			Pattern:      `(?P<file>[^:]*):(?P<line>\d+):(?:(?P<severity>\w+):)?(?P<message>.*)`,
			Errorformats: []string{"%f:%l:%c: %m", "%E%f:%l", "%+P%f %r", "%-G#%.%#", "%Z%m", "%C%m"},
			Severities:   map[string]string{"note": "off"},
		}
		if spec.Format != Regex {
			spec.Pattern = ""
		}
		if spec.Format != Errorformat {
			spec.Errorformats = nil
		}
		out := Streams{Stdout: text, Stderr: text}
		first, err := spec.Read(out)
		second, again := spec.Read(out)
		if said(first) != said(second) || message(err) != message(again) {
			t.Errorf("%q, %v, and then %q, %v", said(first), err, said(second), again)
		}
		if len(first.Findings) > MaxFindings || len(message(err)) > 1000 {
			t.Errorf("%d findings, %v", len(first.Findings), err)
		}
		for _, f := range append(first.Findings, spec.Said(out)) {
			if len(f.Message) > maxMessage || len(f.Help) > maxMessage || len(f.File) > maxPath || len(f.Code) > maxCode || f.Message == "" {
				t.Errorf("%+v", f)
			}
			for _, text := range []string{f.Message, f.Help, f.File, f.Code} {
				if plain(text) != text {
					t.Errorf("%q is not plain", text)
				}
			}
			if f.Line < 0 || f.Column < 0 || f.EndLine < 0 || f.EndColumn < 0 || f.Line == 0 && f.Column > 0 {
				t.Errorf("%+v", f)
			}
		}
	})
}

// golden are the recorded outputs of programs.
func golden(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/*.out")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d recorded outputs, %v", len(names), err)
	}
	return names
}
