//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed306eabeb/muster/test/processes"
)

// governed copies the files of a repository of fleetsEnv that keep accepts, links as what
// they lead to, and gives it a muster.yaml. Each file of the name unit is to be a unit, or in
// one of its own, and ok.
func (b *bench) governed(name, repository, musterYAML, unit string, keep func(path string) bool) (testFleet, error) {
	f := testFleet{dir: filepath.Join(b.dir, name)}
	from := filepath.Join(b.outside.fleets, repository)
	if _, err := os.Stat(from); b.outside.fleets == "" || errors.Is(err, fs.ErrNotExist) {
		return f, &absentError{fmt.Sprintf("The repository is missing: %s named no folder with %s/, unpacked.", fleetsEnv, repository)}
	}
	b.say("copying %s", from)
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, path)
		if err != nil || d.IsDir() || !keep(rel) {
			return err
		}
		if d.Name() == unit {
			f.services++
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return writeFile(filepath.Join(f.dir, rel), string(text))
	})
	f.oks = f.services
	return f, errors.Join(err, writeFile(filepath.Join(f.dir, "muster.yaml"), musterYAML))
}

const (
	// moduleSchema verifies the modules of nf-core by the schema that the repository has for
	// them.
	moduleSchema = `muster: 1
units:
  module:
    at: modules/**/meta.yml
    checks: [{schema: modules/yaml-schema.json}]
`
	// portSchema verifies the ports of vcpkg by the schema that vcpkg-tool has for them.
	portSchema = `muster: 1
schemas: docs/*.schema.json
units:
  port:
    at: ports/*/
    checks: [{schema: docs/vcpkg.schema.json, in: vcpkg.json}]
`
	moduleFile = "meta.yml"
	portFile   = "vcpkg.json"
)

// modules are nf-core's, by their schema alone.
func (b *bench) modules(name string) (testFleet, error) {
	return b.governed(name, "nf-core", moduleSchema, moduleFile, func(path string) bool { return strings.HasPrefix(path, "modules/") })
}

// ports are vcpkg's.
func (b *bench) ports(name, musterYAML string) (testFleet, error) {
	return b.governed(name, "vcpkg", musterYAML, portFile, func(path string) bool { return strings.HasPrefix(path, "ports/") || strings.HasPrefix(path, "docs/") })
}

// example is the text of a muster.yaml in examples/fleets.
func example(ctx context.Context, name string) (string, error) {
	root, err := processes.Root(ctx)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(root, "examples", "fleets", name))
	return string(text), err
}

// cpu is the CPU time, in seconds, that validate takes for a fleet whose units are all ok.
func (b *bench) cpu(ctx context.Context, f testFleet) (float64, error) {
	e, err := b.enqueued(ctx, b.shipped, f, "validate")
	return e.cpu.Seconds(), err
}

// filesOf are the paths of the files of a name below a folder.
func filesOf(dir, name string) (all []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == name {
			all = append(all, path)
		}
		return err
	})
	return all, err
}
