package since

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/seed306eabeb/muster/internal/git"
)

// Cause is why a CI system builds something.
type Cause string

// The causes.
const (
	Nobody   Cause = ""         // no CI system runs this
	Change   Cause = "change"   // a pull or merge request
	Queue    Cause = "queue"    // its turn in a merge queue, or in a merge train
	Push     Cause = "push"     // to a branch
	Schedule Cause = "schedule" //
	Other    Cause = "other"    // a tag, somebody who asked for it, or what is not known
)

// Build is what a CI system says of what it builds.
type Build struct {
	Cause      Cause
	Base       string // the revision that a change is to be merged into, or the commit before it in the queue; "" where that is not known
	Branch     string // of a push
	Repository string // what the system calls it
	What       string // it, in words
}

// BuildOf reads what the variables of a CI system say. Without one of those that it knows, inCI says whether
// there is another.
func BuildOf(getenv func(string) string, inCI bool) Build {
	switch {
	case on(getenv("GITHUB_ACTIONS")):
		return github(getenv)
	case on(getenv("GITLAB_CI")):
		return gitlab(getenv)
	case on(getenv("BUILDKITE")):
		return buildkite(getenv)
	case on(getenv("TF_BUILD")):
		return azure(getenv)
	case inCI:
		return Build{Cause: Other, What: "a build of a CI system that is not known here"}
	}
	return Build{What: "a checkout"}
}

// on says whether a variable that is a switch is set.
func on(value string) bool {
	value = strings.ToLower(value)
	return value != "" && value != "0" && value != "false"
}

func github(getenv func(string) string) Build {
	b := Build{Repository: getenv("GITHUB_REPOSITORY")}
	switch event := getenv("GITHUB_EVENT_NAME"); {
	case event == "merge_group":
		b.Cause, b.What, b.Base = Queue, "a merge queue's", mergeGroup(getenv("GITHUB_EVENT_PATH"))
	case getenv("GITHUB_BASE_REF") != "":
		b.Cause, b.What, b.Base = Change, "a pull request", "origin/"+getenv("GITHUB_BASE_REF")
	case event == "push" && getenv("GITHUB_REF_TYPE") == "branch":
		b.Cause, b.What, b.Branch = Push, "a push", getenv("GITHUB_REF_NAME")
	case event == "schedule":
		b.Cause, b.What = Schedule, "a schedule"
	default:
		b.Cause, b.What = Other, "the event "+cmp.Or(event, "without a name")
	}
	return b
}

// mergeGroup is the commit that a merge group was put upon, as the file of the event has it. What the variables have
// of it is empty.
func mergeGroup(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	var event struct {
		MergeGroup struct {
			BaseSHA string `json:"base_sha"`
		} `json:"merge_group"`
	}
	if json.Unmarshal(text, &event) != nil {
		return ""
	}
	return event.MergeGroup.BaseSHA
}

func gitlab(getenv func(string) string) Build {
	b := Build{Repository: getenv("CI_PROJECT_PATH")}
	switch source := getenv("CI_PIPELINE_SOURCE"); {
	case getenv("CI_MERGE_REQUEST_EVENT_TYPE") == "merge_train":
		b.Cause, b.What, b.Base = Queue, "a merge train's", getenv("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")
	case source == "merge_request_event":
		b.Cause, b.What = Change, "a merge request"
		b.Base = cmp.Or(getenv("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"), getenv("CI_MERGE_REQUEST_DIFF_BASE_SHA"))
	case source == "schedule":
		b.Cause, b.What = Schedule, "a schedule"
	case source == "push" && getenv("CI_COMMIT_BRANCH") != "":
		b.Cause, b.What, b.Branch = Push, "a push", getenv("CI_COMMIT_BRANCH")
	default:
		b.Cause, b.What = Other, "a pipeline for "+cmp.Or(source, "no reason that is told")
	}
	return b
}

func buildkite(getenv func(string) string) Build {
	b := Build{Repository: getenv("BUILDKITE_REPO")}
	switch source := getenv("BUILDKITE_SOURCE"); {
	case getenv("BUILDKITE_MERGE_QUEUE_BASE_BRANCH") != "":
		b.Cause, b.What, b.Base = Queue, "a merge queue's", getenv("BUILDKITE_MERGE_QUEUE_BASE_COMMIT")
	case on(getenv("BUILDKITE_PULL_REQUEST")) && getenv("BUILDKITE_PULL_REQUEST_BASE_BRANCH") != "":
		b.Cause, b.What, b.Base = Change, "a pull request", "origin/"+getenv("BUILDKITE_PULL_REQUEST_BASE_BRANCH")
	case source == "schedule":
		b.Cause, b.What = Schedule, "a schedule"
	case source == "webhook" && getenv("BUILDKITE_TAG") == "":
		b.Cause, b.What, b.Branch = Push, "a push", getenv("BUILDKITE_BRANCH")
	default:
		b.Cause, b.What = Other, "a build by "+cmp.Or(source, "nobody that is told")
	}
	return b
}

func azure(getenv func(string) string) Build {
	b := Build{Repository: getenv("BUILD_REPOSITORY_URI")}
	target := strings.TrimPrefix(getenv("SYSTEM_PULLREQUEST_TARGETBRANCH"), "refs/heads/")
	branch, isBranch := strings.CutPrefix(getenv("BUILD_SOURCEBRANCH"), "refs/heads/")
	switch reason := getenv("BUILD_REASON"); {
	case target != "":
		b.Cause, b.What, b.Base = Change, "a pull request", "origin/"+target
	case reason == "Schedule":
		b.Cause, b.What = Schedule, "a schedule"
	case (reason == "IndividualCI" || reason == "BatchedCI") && isBranch:
		b.Cause, b.What, b.Branch = Push, "a push", branch
	default:
		b.Cause, b.What = Other, "a build for "+cmp.Or(reason, "no reason that is told")
	}
	return b
}

// Track is the line of commits that a push adds one to, in the words in which runs of them are recorded: a
// repository's branch, and the folder that is verified, "." for all of it; "" for what is no push.
func (b Build) Track(folder string) string {
	if b.Cause != Push || b.Branch == "" {
		return ""
	}
	return fmt.Sprintf("%s %s %s", b.Repository, b.Branch, folder)
}

// Recorded lists the commits of a build's track of which a complete run is recorded, newest first. nil where
// nothing is recorded; then why says what is missing.
type Recorded func(ctx context.Context) (commits []string, why string, err error)

// Auto is the commit that what a CI system builds is compared with; of what no CI system builds, where
// it has left the remote's main branch.
func Auto(ctx context.Context, s State, b Build, recorded Recorded) (Base, error) {
	switch b.Cause {
	case Nobody:
		return ofRemote(ctx, s)
	case Schedule, Other:
		return everything("%s is for everything: name the base with --changed-since if it is not", b.What), nil
	case Push:
		return b.sinceRecorded(ctx, s, recorded)
	}
	if b.Base == "" {
		return everything("the CI system does not say what %s change is put upon", b.What), nil
	}
	var base Base
	var err error
	if b.Cause == Queue {
		base, err = ancestor(ctx, s, b.Base, "what "+b.What+" change is put upon")
	} else if base, err = Of(ctx, s, b.Base); base.Commit != "" {
		base.Why += ", as of " + b.What
	}
	if err != nil && ctx.Err() == nil && known(ctx, s.Dir) {
		return everything("%v", err), nil // nobody has named it
	}
	return base, err
}

// known says whether there is a repository.
func known(ctx context.Context, dir string) bool {
	_, err := isShallow(ctx, dir)
	return err == nil
}

// mostRecorded is how many commits are tried.
const mostRecorded = 20

// sinceRecorded is the last commit with a complete run that the pushed one was made from. A run of the very same
// commit is none: it may have found what this one is to report again.
func (b Build) sinceRecorded(ctx context.Context, s State, recorded Recorded) (Base, error) {
	own, err := git.Commit(ctx, s.Dir, s.head())
	if err != nil {
		if ctx.Err() != nil {
			return Base{}, ctx.Err()
		}
		return everything("there is no commit yet"), nil
	}
	commits, why, err := recorded(ctx)
	switch {
	case err != nil:
		return Base{}, err
	case why != "":
		return everything("%s", why), nil
	}
	first := everything("no complete run of an earlier commit of the branch %s is recorded", b.Branch)
	for i, commit := range commits[:min(len(commits), mostRecorded)] {
		if commit == own {
			continue
		}
		base, err := ancestor(ctx, s, commit, "the last commit of the branch "+b.Branch+" with a complete run")
		if err != nil || base.Commit != "" {
			return base, err
		}
		if i == 0 || first.Why == "" {
			first = base
		}
	}
	return first, nil
}

// ofRemote is where a checkout has left the remote's main branch.
func ofRemote(ctx context.Context, s State) (Base, error) {
	if !known(ctx, s.Dir) {
		return Base{}, fmt.Errorf("%s is in no git repository, so that there is nothing to compare it with", s.Dir)
	}
	name, err := git.Output(ctx, s.Dir, "rev-parse", "--abbrev-ref", "--verify", "--quiet", "origin/HEAD")
	if name = strings.TrimSpace(name); err != nil || name == "" {
		if ctx.Err() != nil {
			return Base{}, ctx.Err()
		}
		return everything("it is not known which branch of the remote is the main one: run `git remote set-head origin --auto`, or name the base with --changed-since"), nil
	}
	base, err := Of(ctx, s, name)
	if err != nil && ctx.Err() == nil {
		return everything("%v", err), nil
	}
	return base, err
}
