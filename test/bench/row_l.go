//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

var manyFiles = row{
	letter: "l", title: "Memory for many files",
	what:    "The most memory that was resident (VmHWM) of `enqueue validate` over the modules of nf-core, copied into many folders, with the schema alone: each file is a unit.",
	measure: measureManyFiles,
}

// validateGoal is the most MiB.
const validateGoal = 110

func measureManyFiles(ctx context.Context, b *bench, s *section) error {
	f, err := b.copies(b.size.copies)
	if err != nil {
		return err
	}
	peaks := s.figure(fmt.Sprintf("validate, %s files", number(float64(f.services))), "MiB").atMost(validateGoal)
	return b.rounds(ctx, "l", func() error {
		peak, err := b.peakOf(ctx, filepath.Join(b.shipped, "enqueue"), "validate", "--quiet", cacheOff, "--repo", f.dir)
		peaks.add(peak)
		return err
	})
}

// copies are the modules in n folders.
func (b *bench) copies(n int) (testFleet, error) {
	f, err := b.governed("modules-copies", "nf-core", moduleSchema, moduleFile, func(path string) bool {
		return path == "modules/yaml-schema.json" || strings.HasPrefix(path, "modules/nf-core/") && filepath.Base(path) == moduleFile
	})
	if err != nil {
		return f, err
	}
	modules := filepath.Join(f.dir, "modules")
	for i := 1; i < n; i++ {
		if err := os.CopyFS(filepath.Join(modules, fmt.Sprintf("copy-%d", i)), os.DirFS(filepath.Join(modules, "nf-core"))); err != nil {
			return f, err
		}
	}
	f.services *= n
	f.oks = f.services
	return f, nil
}
