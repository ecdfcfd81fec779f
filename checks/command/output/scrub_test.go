package output

import (
	"bytes"
	"testing"
)

// TestScrub: a job's folder leaves the text in every spelling, and what only looks like it stays.
func TestScrub(t *testing.T) {
	t.Parallel()
	const job = "/tmp/muster-job-48213"
	tests := []struct{ folder, text, want string }{
		{job, "[WARNING] /tmp/muster-job-48213/charts/a: missing", "[WARNING] charts/a: missing"},
		{job + "/", "/tmp/muster-job-48213/charts/a:1:2", "charts/a:1:2"},
		{job, "in /tmp/muster-job-48213: no", "in .: no"},
		{job, "in /tmp/muster-job-48213/ no", "in . no"},
		{job, "in /tmp/muster-job-48213. Then", "in . Then"},
		{job, "in '/tmp/muster-job-48213'", "in '.'"},
		{job, "cd /tmp/muster-job-48213", "cd ."},
		{job, "/tmp/muster-job-48213/*.yaml", "*.yaml"},
		{job, "//tmp//muster-job-48213//a", "a"},
		{job, "file:///tmp/muster-job-48213/a%20b.yaml", "a%20b.yaml"},
		{job, "FILE://localhost/tmp/muster-job-48213/a", "a"},
		{job, `"uri":"file:\/\/\/tmp\/muster-job-48213\/a\/b"`, `"uri":"a\/b"`},
		{job, "%2Ftmp%2Fmuster-job-48213%2Fa", "a"},
		{job, "/private/tmp/muster-job-48213/a", "a"},
		{"/private" + job, "/tmp/muster-job-48213/a and /private/tmp/muster-job-48213/b", "a and b"},
		{job, "/proc/self/root/tmp/muster-job-48213/a", "a"},
		{job, "../../../tmp/muster-job-48213/a", "a"},
		{job, "-I/tmp/muster-job-48213/a", "-Ia"},
		{job, `{"m":"no:\n/tmp/muster-job-48213/a"}`, `{"m":"no:\na"}`},
		{job, "/tmp/muster-job-482139/a", "/tmp/muster-job-482139/a"},
		{job, "/tmp/other/a", "/tmp/other/a"},
		{"/tmp/a b-1234", "file:///tmp/a%20b-1234/c and /tmp/a b-1234/d", "c and d"},
		{"/unit", "at /unit/charts/a, /charts/unit/b, x/unit/c and /units/d", "at charts/a, /charts/unit/b, x/unit/c and /units/d"},
		{"/unit", `"no:\n/unit/a\u0027/unit/b"`, `"no:\na\u0027b"`},
		{"/", "/etc/passwd", "/etc/passwd"},
		{"", "/etc/passwd", "/etc/passwd"},
	}
	for _, tt := range tests {
		if got := string(Scrub([]byte(tt.text), tt.folder)); got != tt.want {
			t.Errorf("%s: %q is %q, want %q", tt.folder, tt.text, got, tt.want)
		}
	}
	if got := string(Scrub([]byte("/var/tmp/j-1234/a /tmp/j-1234/b"), "/tmp/j-1234", "/var/tmp/j-1234")); got != "a b" {
		t.Errorf("of two spellings: %q", got)
	}
}

// FuzzScrub: no text has the folder afterwards, and one that never had it is the same.
func FuzzScrub(f *testing.F) {
	const job = "/tmp/muster-job-48213"
	for _, text := range []string{"a", job, job + "/a", "//tmp/" + job + "/" + job, "file://" + job + "//", "../.." + job + ".", "%2Ftmp%2fmuster-job-48213", "\\/tmp\\/muster-job-48213\\/", "/private" + job} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		got := Scrub(text, job)
		if !bytes.Equal(text, before) {
			t.Errorf("%q became %q", before, text)
		}
		if !bytes.Contains(text, []byte("muster-job-48213")) && !bytes.Equal(got, text) {
			t.Errorf("%q is %q", text, got)
		}
		if at := bytes.Index(got, []byte(job)); at >= 0 && ends(got, at+len(job)) && bytes.Count(text, []byte("tmp")) == 1 {
			t.Errorf("%q is %q", text, got)
		}
	})
}
