//go:build !unix

package embedded

import (
	"context"
	"os/exec"
)

// startProcess finds no redis-server where there are no Unix sockets and no way
// to tie a child's life to ours.
func startProcess(context.Context, Options) (*Server, error) { return nil, exec.ErrNotFound }
