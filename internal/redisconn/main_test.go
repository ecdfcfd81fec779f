package redisconn

import (
	"testing"

	"go.uber.org/goleak"
)

// Close leaves no goroutine behind, whichever face was used.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
