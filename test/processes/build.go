package processes

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Build makes enqueue and worker from the module around the working directory,
// into dir. With the tag faults they know one checker more, package trouble's.
func Build(ctx context.Context, dir, tags string) error {
	root, err := Root(ctx)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", tags, "-o", dir, "./cmd/enqueue", "./cmd/worker")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the commands with tags %q: %w\n%s", tags, err, out)
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
