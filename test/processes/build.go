package processes

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// The mains of enqueue and worker, as patterns of packages.
const (
	Product = "./cmd/..."         // as they are released
	Faults  = "./test/faults/..." // with one kind of check more, package trouble's
)

// Build makes the commands of a pattern, from the module around the working directory,
// into dir.
func Build(ctx context.Context, dir, mains string) error {
	root, err := Root(ctx)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", dir, mains)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the commands of %s: %w\n%s", mains, err, out)
	}
	return nil
}

// Root is the folder of the module around the working directory.
func Root(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: go list -m: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
