package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/gate"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/revision"
	"github.com/seed306eabeb/muster/owners"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// noneOf stands in flags for no baseline and for no revision.
const noneOf = "none"

// judgeFlags say how what is found is judged beside what the repository says of that.
type judgeFlags struct {
	baseline     string
	strict       bool
	requireOwner bool
	ref          string
	inside       string // where the baseline of the flag lies in the repository, "" for outside
}

func (f *judgeFlags) add(cmd *cobra.Command) {
	f.addBaseline(cmd)
	cmd.Flags().BoolVar(&f.strict, "baseline-strict", false, "let it be an err that the baseline has what is fixed, see `enqueue baseline prune`")
	cmd.Flags().BoolVar(&f.requireOwner, "require-owner", false, "let it be an err that a unit is nobody's")
	cmd.Flags().StringVar(&f.ref, "policy-ref", "", "judge by the severities, ignores, baseline and owners from before the change that is to be merged into `REV`, and say what it would switch off; none judges by its own (default none, and in the build of a pull or merge request the target branch)")
	complete(cmd, "policy-ref", completeNothing)
}

// addBaseline adds the flag that says where the baseline lies.
func (f *judgeFlags) addBaseline(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.baseline, "baseline", "", "the `FILE` with the findings that were there before, or none (default baseline: of muster.yaml, else "+policy.BaselineFile+" where it is there)")
}

// judge completes the policy of an opened repository: with its baseline and its owners, or those
// of before the change under review. What is wrong with their files joins the mistakes of the
// configuration.
func (f *judgeFlags) judge(ctx context.Context, of *scopeFlags, s *scope.Scope) error {
	if verdict.HasError(s.Mistakes) {
		return nil // nothing is verified
	}
	ref, named := f.refOr(os.Getenv)
	f.inside = pathIn(s.Fleet.Dir(), f.baseline)
	files, folder, end, err := filesAround(ctx, s.Fleet)
	if err != nil {
		return fmt.Errorf("open the git repository around the units: %w", err)
	}
	defer end()
	now, found, err := f.state(of.what, files, folder, s.Fleet.FS())
	if err != nil {
		return err
	}
	if f.baseline != "" && f.baseline != noneOf && now.Policy.Baseline == nil {
		return cli.Usagef("--baseline %s: there is no such file: `enqueue baseline create --output %[1]s` makes it", f.baseline)
	}
	of.what.Policy = now.Policy
	if ref != noneOf {
		read := func(top fs.FS, folder string) (gate.State, error) { return f.before(of.program, top, folder) }
		if of.what.Policy, err = gate.Open(ctx, changeOf(s.Fleet), ref, now, read); err != nil {
			return wrongRef(ctx, ref, named, err)
		}
	}
	s.Mistakes = verdict.SortFindings(append(s.Mistakes, found...))
	return nil
}

// filesAround are the files of the whole git repository, and where the units' lies in it, "." where it is all of it or
// there is none. The caller calls end.
func filesAround(ctx context.Context, units scope.Fleet) (files fs.FS, folder string, end func(), err error) {
	end = func() {}
	if tree, ok := committed(units); ok {
		files, folder, err = tree.Top(ctx)
		return files, folder, end, err
	}
	top, folder, inGit := revision.Top(units.Dir())
	if !inGit || folder == "." {
		return units.FS(), ".", end, nil
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, "", end, err
	}
	return root.FS(), folder, func() { root.Close() }, nil
}

// changeOf is the change that units are verified in.
func changeOf(units scope.Fleet) gate.Change {
	c := gate.Change{Dir: units.Dir()}
	if tree, ok := committed(units); ok {
		c.Commit = tree.ID()
	}
	return c
}

// wrongRef says that a revision cannot be had, and who named it.
func wrongRef(ctx context.Context, ref, named string, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case named == "":
		return cli.Usagef("--policy-ref %s: %v", ref, err)
	}
	return cli.Usagef("$%s says that the change is to be merged into %s, by which it is judged: %v (--policy-ref names another revision, and --policy-ref none judges by what the change itself says)", named, ref, err)
}

// refOr is the revision before the change, and the variable that names it, "" for the flag.
func (f *judgeFlags) refOr(getenv func(string) string) (ref, named string) {
	if f.ref != "" {
		return f.ref, ""
	}
	for _, name := range []string{"GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BUILDKITE_PULL_REQUEST_BASE_BRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCH"} {
		ref := strings.TrimPrefix(getenv(name), "refs/heads/")
		switch {
		case ref == "":
			continue
		case !strings.HasSuffix(name, "_SHA"):
			ref = "origin/" + ref
		}
		return ref, name
	}
	return noneOf, ""
}

// before is the state in other files than those of the checkout. Mistakes in them are none of the
// change's, which may be there to mend them: what could be read of a policy holds, and the rest is said.
func (f *judgeFlags) before(p cli.Program, top fs.FS, folder string) (gate.State, error) {
	files, err := fs.Sub(top, folder)
	if err != nil {
		return gate.State{}, err
	}
	var unread []string
	what, _, err := config.LoadFiles(files, p.Configs) // one that is not there yet says nothing
	switch misnamed := (*config.MisnamedError)(nil); {
	case errors.As(err, &misnamed):
		unread = append(unread, "is judged without the policy of before, so that nothing is hidden: "+err.Error())
	case err != nil:
		return gate.State{Files: files}, err
	}
	what.Owners.CodeOwners = cmp.Or(what.Owners.CodeOwners, owners.Auto)
	state := gate.State{Config: what, Policy: what.Policy, Files: files}
	state.Policy.Baseline, err = f.readBaseline(what.Baseline, files)
	switch unfit := (*unfitBaselineError)(nil); {
	case errors.As(err, &unfit):
		unread = append(unread, "is judged without the baseline of before, so that it hides nothing: "+err.Error())
	case err != nil:
		return state, err
	}
	state.Unread = unread
	_, err = f.addOwners(&state, top, folder)
	return state, err
}

// state is what a repository says of itself, with its baseline and its owners.
func (f *judgeFlags) state(what config.Config, top fs.FS, folder string, files fs.FS) (s gate.State, found []verdict.Finding, err error) {
	s = gate.State{Config: what, Policy: what.Policy, Files: files}
	if s.Policy.Baseline, err = f.readBaseline(what.Baseline, files); err != nil {
		return s, nil, cli.Usagef("%v", err)
	}
	found, err = f.addOwners(&s, top, folder)
	return s, found, err
}

// addOwners adds to a state whose its units are.
func (f *judgeFlags) addOwners(s *gate.State, top fs.FS, folder string) (found []verdict.Finding, err error) {
	what, files := s.Config, s.Files
	source := owners.Source{Files: files, CodeOwners: what.Owners.CodeOwners}
	if folder != "." {
		source.Top, source.Folder = top, folder
	}
	if t := what.Owners.Teams; t != "" {
		if _, err := fs.Stat(files, t); err == nil || what.Owners.TeamsNamed {
			source.Teams = t
		}
	}
	s.Policy.Owners, found, err = owners.Read(source)
	if errors.Is(err, fs.ErrNotExist) { // in a state before the file was there, which is said of this one elsewhere
		err = nil
	}
	if !what.Owners.TeamsNamed {
		found = owners.WithoutTeams(found)
	}
	s.Policy.Owners.Required = what.Owners.Required || f.requireOwner
	s.Policy.Owners.Files = globsOfFiles(what.Layout)
	return found, err
}

// globsOfFiles are those of the units that are files, where there are others, too, or no others.
func globsOfFiles(l fleet.Layout) (globs []string) {
	for _, k := range l.Kinds {
		for _, at := range k.At {
			if !strings.HasSuffix(at, "/") {
				globs = append(globs, at)
			}
		}
	}
	return globs
}

// pathIn is the path that a file has in a folder, "" for one that lies elsewhere.
func pathIn(dir, file string) string {
	if file == "" || file == noneOf {
		return ""
	}
	absDir, errDir := filepath.Abs(dir)
	absFile, errFile := filepath.Abs(file)
	rel, err := filepath.Rel(absDir, absFile)
	if rel = filepath.ToSlash(rel); errors.Join(errDir, errFile, err) != nil || !fs.ValidPath(rel) {
		return ""
	}
	return rel
}

// readBaseline is the baseline that the flag names, or else the configuration. One that lies in the
// repository is read there, so that it is that of its state. One that a muster.yaml names may be
// made later.
func (f *judgeFlags) readBaseline(of config.Baseline, files fs.FS) (*policy.Baseline, error) {
	name, open := cmp.Or(f.inside, f.baseline, of.File, noneOf), files.Open
	if f.baseline != "" && f.inside == "" {
		open = openFile
	}
	if name == noneOf {
		return nil, nil
	}
	b, err := decodeBaseline(open, name)
	if b != nil {
		b.Strict = f.strict
	}
	return b, err
}

func openFile(name string) (fs.File, error) { return os.Open(name) }

// decodeBaseline reads one, nil where there is no such file.
func decodeBaseline(open func(string) (fs.File, error), name string) (*policy.Baseline, error) {
	data, err := readBounded(open, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the baseline: %w", err)
	}
	b, err := policy.DecodeBaseline(name, data)
	if err != nil {
		return nil, &unfitBaselineError{err}
	}
	return &b, nil
}

// unfitBaselineError says of a file that is there why it is no baseline.
type unfitBaselineError struct{ error }

func (e *unfitBaselineError) Unwrap() error { return e.error }

func readBounded(open func(string) (fs.File, error), name string) ([]byte, error) {
	file, err := open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, &unfitBaselineError{fmt.Errorf("%s is no regular file", name)}
	}
	data, err := io.ReadAll(io.LimitReader(file, policy.MostBaseline+1))
	if err == nil && len(data) > policy.MostBaseline {
		err = &unfitBaselineError{fmt.Errorf("%s has more than %d MiB", name, policy.MostBaseline>>20)}
	}
	return data, err
}
