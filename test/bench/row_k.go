//go:build linux

package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"path/filepath"
)

var otherValidators = row{
	letter: "k", title: "Against conftest and cue",
	what: "The CPU time, user and system, of `enqueue validate` over the modules of nf-core as in row i, against two programs that are given the same files in one call: " +
		"`conftest test` with two small rules, that there is a name and that the keywords are a list, and `cue vet` with the repository's JSON Schema " +
		"as `cue import` translates it. That each of them finds a mistake is seen before.",
	measure: measureOtherValidators,
}

// otherGoal is how many times validate's CPU time the others take at least.
const otherGoal = 2

// conftestRules are less than the schema says.
const conftestRules = `package main

deny contains "name is missing" if not input.name

deny contains "keywords must be a list" if not is_array(input.keywords)
`

// wrongModule is what each of the programs must refuse.
const wrongModule = "description: has no name\nkeywords: none\n"

// rival is a program that is compared with.
type rival struct {
	name    string
	program string
	args    []string // before the files
}

func measureOtherValidators(ctx context.Context, b *bench, s *section) error {
	f, err := b.modules("modules-others")
	if err != nil {
		return err
	}
	files, err := filesOf(f.dir, moduleFile)
	if err != nil {
		return err
	}
	rivals, err := b.rivals(ctx, s, f.dir)
	if err != nil || len(rivals) == 0 {
		return err
	}
	of := fmt.Sprintf(", %s files", number(float64(f.services)))
	ours := s.figure("validate"+of, "s")
	err = b.rounds(ctx, "k", func() error {
		seconds, err := b.cpu(ctx, f)
		if err != nil {
			return err
		}
		ours.add(seconds)
		for _, r := range rivals {
			e, err := b.command(ctx, r.program, append(r.args, files...)...)
			if err == nil && e.code != 0 {
				err = fmt.Errorf("%s exited %d: it said %.500s", r.name, e.code, e.stdout)
			}
			if err != nil {
				return err
			}
			s.figure(r.name+of, "s").add(e.cpu.Seconds())
		}
		return nil
	})
	for _, r := range rivals {
		s.paired(r.name+" / validate", "×", s.figure(r.name+of, "s"), ours, ratio).atLeast(otherGoal)
	}
	return err
}

// rivals are the programs that there are, with what they need in a folder beside the files.
func (b *bench) rivals(ctx context.Context, s *section, repository string) (all []rival, err error) {
	dir := filepath.Join(b.dir, "rivals")
	wrong := filepath.Join(dir, "wrong", moduleFile)
	if err := writeFile(wrong, wrongModule); err != nil {
		return nil, err
	}
	for _, r := range []struct {
		env, name, program string
		prepare            func(ctx context.Context, program, dir, repository string) ([]string, error)
	}{
		{conftestEnv, "conftest", b.outside.conftest, b.prepareConftest}, {cueEnv, "cue", b.outside.cue, b.prepareCue},
	} {
		if r.program == "" {
			s.note(fmt.Sprintf("%s is missing: %s did not name it.", r.name, r.env))
			continue
		}
		args, err := r.prepare(ctx, r.program, dir, repository)
		if err != nil {
			return nil, err
		}
		e, err := b.command(ctx, r.program, append(args, wrong)...)
		if err == nil && e.code == 0 {
			err = fmt.Errorf("%s finds no mistake in %q", r.name, wrongModule)
		}
		if err != nil {
			return nil, err
		}
		s.note(r.name + " is of " + versionOf(r.program) + ".")
		all = append(all, rival{r.name, r.program, args})
	}
	return all, nil
}

func (b *bench) prepareConftest(_ context.Context, _, dir, _ string) ([]string, error) {
	policy := filepath.Join(dir, "policy")
	return []string{"test", "--no-color", "--policy", policy}, writeFile(filepath.Join(policy, "module.rego"), conftestRules)
}

func (b *bench) prepareCue(ctx context.Context, program, dir, repository string) ([]string, error) {
	schema := filepath.Join(dir, "schema.cue")
	e, err := b.command(ctx, program, "import", "-p", "module", "-o", schema, "jsonschema:", filepath.Join(repository, "modules", "yaml-schema.json"))
	if err == nil && e.code != 0 {
		err = fmt.Errorf("%s exited %d", e.command, e.code)
	}
	return []string{"vet", schema}, err
}

// versionOf says which version a program is of that the Go command has built.
func versionOf(program string) string {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return unknown
	}
	return "version " + info.Main.Version
}
