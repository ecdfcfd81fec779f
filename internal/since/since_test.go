package since_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed306eabeb/muster/internal/since"
)

// git runs as somebody with a name, without the configuration of whoever runs the test.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// steps tells commits apart that are made in the same second.
var steps atomic.Int64

// step makes a commit, and returns its name.
func step(t *testing.T, dir string) string {
	t.Helper()
	git(t, dir, "commit", "--quiet", "--allow-empty", "--message", fmt.Sprint("step ", steps.Add(1)))
	return git(t, dir, "rev-parse", "HEAD")
}

// world is a repository with two commits on main, and a branch change that has left it at the first and
// has one of its own. The branch is checked out.
type world struct{ dir, first, main, change string }

func newWorld(t *testing.T) (w world) {
	t.Helper()
	w.dir = t.TempDir()
	git(t, w.dir, "init", "--quiet", "--initial-branch", "main")
	w.first = step(t, w.dir)
	git(t, w.dir, "checkout", "--quiet", "-b", "change")
	w.change = step(t, w.dir)
	git(t, w.dir, "checkout", "--quiet", "main")
	w.main = step(t, w.dir)
	git(t, w.dir, "update-ref", "refs/remotes/origin/main", w.main)
	git(t, w.dir, "checkout", "--quiet", "change")
	return w
}

func TestOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, w *world) (rev, want string)
		why     string
	}{
		{"a branch", func(_ *testing.T, w *world) (string, string) { return "main", w.first }, "where it has left main"},
		{"a commit before", func(_ *testing.T, w *world) (string, string) { return w.first, w.first }, "where it has left "},
		{"its own commit", func(_ *testing.T, w *world) (string, string) { return "HEAD", w.change }, "where it has left HEAD"},
		{"no commit", func(*testing.T, *world) (string, string) { return strings.Repeat("0", 40), "" }, "nothing was there before"},
		{"an unrelated history", func(t *testing.T, w *world) (string, string) {
			git(t, w.dir, "checkout", "--quiet", "--orphan", "other")
			step(t, w.dir)
			return "main", ""
		}, "main has no commit in common with what is verified"},
		{"merged crosswise", func(t *testing.T, w *world) (string, string) {
			git(t, w.dir, "merge", "--quiet", "--no-ff", "--message", "a", w.main)
			git(t, w.dir, "checkout", "--quiet", "main")
			git(t, w.dir, "merge", "--quiet", "--no-ff", "--message", "b", w.change)
			return "change", ""
		}, "at 2 commits, which were merged crosswise"},
		{"unborn", func(t *testing.T, w *world) (string, string) {
			git(t, w.dir, "checkout", "--quiet", "--orphan", "other")
			return "main", ""
		}, "there is no commit yet"},
		{"a shallow clone without the revision", func(t *testing.T, w *world) (string, string) {
			clone(t, w, "--depth", "1", "--branch", "change")
			return "origin/main", ""
		}, "the clone is shallow"},
		{"a shallow clone that does not reach back", func(t *testing.T, w *world) (string, string) {
			clone(t, w, "--depth", "1", "--no-single-branch", "--branch", "change")
			return "origin/main", ""
		}, "does not reach back to where the change has left origin/main: the clone is shallow"},
		{"a shallow clone that reaches back", func(t *testing.T, w *world) (string, string) {
			clone(t, w, "--depth", "2", "--no-single-branch", "--branch", "change")
			return "origin/main", w.first
		}, "where it has left origin/main"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			rev, want := c.prepare(t, &w)
			got, err := since.Of(t.Context(), since.State{Dir: w.dir}, rev)
			if err != nil || got.Commit != want || !strings.Contains(got.Why, c.why) {
				t.Errorf("since %s: %+v, %v; want %q because %q", rev, got, err, want, c.why)
			}
		})
	}
}

// clone makes the world that of a clone.
func clone(t *testing.T, w *world, how ...string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	git(t, w.dir, append(append([]string{"clone", "--quiet"}, how...), "file://"+w.dir, dir)...)
	w.dir = dir
}

func TestOfACommit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got, err := since.Of(t.Context(), since.State{Dir: w.dir, Commit: w.main}, "change")
	if err != nil || got.Commit != w.first {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestOfWhatNobodyCanHaveMeant: a mistyped revision selects nothing, and not everything either.
func TestOfWhatNobodyCanHaveMeant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for dir, rev := range map[string]string{w.dir: "mian", t.TempDir(): "main"} {
		if got, err := since.Of(t.Context(), since.State{Dir: dir}, rev); err == nil {
			t.Errorf("since %s: %+v", rev, got)
		}
	}
	if got, err := since.Of(t.Context(), since.State{Dir: w.dir}, "--output=x"); err == nil {
		t.Errorf("%+v", got)
	}
}

func getenv(all map[string]string) func(string) string {
	return func(name string) string { return all[name] }
}

func TestBuildOf(t *testing.T) {
	t.Parallel()
	type vars = map[string]string
	event := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(event, []byte(`{"merge_group": {"base_sha": "abc", "base_ref": "refs/heads/main"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		env  vars
		inCI bool
		want since.Build
	}{
		{"nobody", nil, false, since.Build{What: "a checkout"}},
		{"another system", nil, true, since.Build{Cause: since.Other, What: "a build of a CI system that is not known here"}},
		{"GitHub, a pull request", vars{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main", "GITHUB_REPOSITORY": "o/r"}, true,
			since.Build{Cause: since.Change, Base: "origin/main", Repository: "o/r", What: "a pull request"}},
		{"GitHub, a merge queue", vars{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "merge_group", "GITHUB_EVENT_PATH": event, "GITHUB_BASE_REF": ""}, true,
			since.Build{Cause: since.Queue, Base: "abc", What: "a merge queue's"}},
		{"GitHub, a merge queue without its event", vars{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "merge_group", "GITHUB_EVENT_PATH": event + "x"}, true,
			since.Build{Cause: since.Queue, What: "a merge queue's"}},
		{"GitHub, a push", vars{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "main", "GITHUB_REPOSITORY": "o/r"}, true,
			since.Build{Cause: since.Push, Branch: "main", Repository: "o/r", What: "a push"}},
		{"GitHub, a tag", vars{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1"}, true,
			since.Build{Cause: since.Other, What: "the event push"}},
		{"GitHub, a schedule", vars{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "schedule"}, true, since.Build{Cause: since.Schedule, What: "a schedule"}},
		{"GitLab, a merge request", vars{"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc"}, true,
			since.Build{Cause: since.Change, Base: "abc", What: "a merge request"}},
		{"GitLab, a merged result", vars{"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "def"}, true,
			since.Build{Cause: since.Change, Base: "def", What: "a merge request"}},
		{"GitLab, a merge train", vars{"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "def"}, true,
			since.Build{Cause: since.Queue, Base: "def", What: "a merge train's"}},
		{"GitLab, a push", vars{"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_PROJECT_PATH": "g/p"}, true,
			since.Build{Cause: since.Push, Branch: "main", Repository: "g/p", What: "a push"}},
		{"GitLab, a schedule", vars{"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"}, true, since.Build{Cause: since.Schedule, What: "a schedule"}},
		{"Buildkite, a pull request", vars{"BUILDKITE": "true", "BUILDKITE_SOURCE": "webhook", "BUILDKITE_PULL_REQUEST": "7", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"}, true,
			since.Build{Cause: since.Change, Base: "origin/main", What: "a pull request"}},
		{"Buildkite, a merge queue", vars{"BUILDKITE": "true", "BUILDKITE_SOURCE": "webhook", "BUILDKITE_MERGE_QUEUE_BASE_BRANCH": "main", "BUILDKITE_MERGE_QUEUE_BASE_COMMIT": "abc"}, true,
			since.Build{Cause: since.Queue, Base: "abc", What: "a merge queue's"}},
		{"Buildkite, a push", vars{"BUILDKITE": "true", "BUILDKITE_SOURCE": "webhook", "BUILDKITE_PULL_REQUEST": "false", "BUILDKITE_BRANCH": "main"}, true,
			since.Build{Cause: since.Push, Branch: "main", What: "a push"}},
		{"Azure, a pull request", vars{"TF_BUILD": "True", "BUILD_REASON": "PullRequest", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}, true,
			since.Build{Cause: since.Change, Base: "origin/main", What: "a pull request"}},
		{"Azure, a push", vars{"TF_BUILD": "True", "BUILD_REASON": "BatchedCI", "BUILD_SOURCEBRANCH": "refs/heads/main"}, true,
			since.Build{Cause: since.Push, Branch: "main", What: "a push"}},
	} {
		if got := since.BuildOf(getenv(c.env), c.inCI); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestTrack(t *testing.T) {
	t.Parallel()
	push := since.Build{Cause: since.Push, Branch: "main", Repository: "o/r"}
	if got := push.Track("deploy"); got != "o/r main deploy" {
		t.Errorf("a push: %q", got)
	}
	if got := (since.Build{Cause: since.Change, Base: "origin/main", Repository: "o/r"}).Track("."); got != "" {
		t.Errorf("a change: %q", got)
	}
}

func TestAuto(t *testing.T) {
	t.Parallel()
	commits := func(all ...string) since.Recorded {
		return func(context.Context) ([]string, string, error) { return all, "", nil }
	}
	push := since.Build{Cause: since.Push, Branch: "change", What: "a push"}
	for _, c := range []struct {
		name  string
		build func(w world) (since.Build, since.Recorded)
		want  func(w world) string
		why   string
	}{
		{"a pull request", func(world) (since.Build, since.Recorded) {
			return since.Build{Cause: since.Change, Base: "origin/main", What: "a pull request"}, nil
		}, func(w world) string { return w.first }, "where it has left origin/main, as of a pull request"},
		{"a pull request into a branch that is not here", func(world) (since.Build, since.Recorded) {
			return since.Build{Cause: since.Change, Base: "origin/release", What: "a pull request"}, nil
		}, nil, `the revision "origin/release" is not in this clone`},
		{"a merge queue", func(w world) (since.Build, since.Recorded) {
			return since.Build{Cause: since.Queue, Base: w.first, What: "a merge queue's"}, nil
		}, func(w world) string { return w.first }, "what a merge queue's change is put upon"},
		{"a merge queue upon something else", func(w world) (since.Build, since.Recorded) {
			return since.Build{Cause: since.Queue, Base: w.main, What: "a merge queue's"}, nil
		}, nil, "the history was replaced"},
		{"a merge queue that says nothing", func(world) (since.Build, since.Recorded) {
			return since.Build{Cause: since.Queue, What: "a merge queue's"}, nil
		}, nil, "does not say what a merge queue's change is put upon"},
		{"a schedule", func(world) (since.Build, since.Recorded) {
			return since.Build{Cause: since.Schedule, What: "a schedule"}, nil
		},
			nil, "a schedule is for everything"},
		{"a push after a run", func(w world) (since.Build, since.Recorded) { return push, commits(w.first) },
			func(w world) string { return w.first }, "the last commit of the branch change with a complete run"},
		{"a push that is built again", func(w world) (since.Build, since.Recorded) { return push, commits(w.change, w.first) },
			func(w world) string { return w.first }, "the last commit of the branch change"},
		{"a push without a run", func(world) (since.Build, since.Recorded) { return push, commits() },
			nil, "no complete run of an earlier commit of the branch change is recorded"},
		{"a push of which nothing can be recorded", func(world) (since.Build, since.Recorded) {
			return push, func(context.Context) ([]string, string, error) {
				return nil, "nothing is recorded without a Redis", nil
			}
		}, nil, "nothing is recorded without a Redis"},
		{"a forced push", func(w world) (since.Build, since.Recorded) { return push, commits(w.main) },
			nil, "the history was replaced"},
		{"a push after one that is not here", func(world) (since.Build, since.Recorded) { return push, commits(strings.Repeat("a", 40)) },
			nil, "is not in this clone"},
		{"a checkout without a remote", func(world) (since.Build, since.Recorded) { return since.Build{}, nil }, nil, "git remote set-head origin --auto"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			build, recorded := c.build(w)
			got, err := since.Auto(t.Context(), since.State{Dir: w.dir}, build, recorded)
			want := ""
			if c.want != nil {
				want = c.want(w)
			}
			if err != nil || got.Commit != want || !strings.Contains(got.Why, c.why) {
				t.Errorf("%+v, %v; want %q because %q", got, err, want, c.why)
			}
		})
	}
}

func TestAutoOfACheckout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	git(t, w.dir, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	got, err := since.Auto(t.Context(), since.State{Dir: w.dir}, since.Build{}, nil)
	if err != nil || got.Commit != w.first {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := since.Auto(t.Context(), since.State{Dir: t.TempDir()}, since.Build{}, nil); err == nil {
		t.Errorf("outside of any repository: %+v", got)
	}
}
