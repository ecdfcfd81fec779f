package cli

import (
	"log/slog"

	"github.com/seed306eabeb/muster/sandbox"
)

// newRunner makes what runs commands, and what ends it.
func newRunner(log *slog.Logger) (sandbox.Runner, func(), error) {
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		return nil, nil, err
	}
	return box, func() {
		if err := box.Close(); err != nil {
			log.Warn("the folders of commands are left", "err", err)
		}
	}, nil
}
