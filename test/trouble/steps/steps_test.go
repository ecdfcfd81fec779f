//go:build unix

package steps

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

func TestSpinTakesTimeOfItsThread(t *testing.T) {
	t.Parallel()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := threadTime()
	if err != nil {
		t.Fatal(err)
	}
	if err := spin(t.Context(), 5*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	after, err := threadTime()
	if took := after - before; err != nil || took < 5*time.Millisecond {
		t.Errorf("a spin of 5ms took %s of the CPU (%v)", took, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := spin(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled spin ended with %v", err)
	}
}
