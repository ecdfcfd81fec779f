package command

import (
	"testing"

	"github.com/seed306eabeb/muster/check/checktest"
)

func TestEngineCoversWhatJudges(t *testing.T) {
	t.Parallel()
	if err := checktest.Engine(code); err != nil {
		t.Error(err)
	}
}
