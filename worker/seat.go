package worker

import (
	"context"
	"time"
)

// seat is the slot of one delivery of a task. It is for one goroutine.
type seat interface {
	// take waits for the slot. It returns errNoSlot when none was free in time, errLost when a command
	// was lost meanwhile, or the cause of ctx if ctx ends. A slot that was taken must be left.
	take(ctx context.Context) error
	// leave gives the slot back. took is how long the check took, unmeasured where that says nothing
	// of other checks.
	leave(took time.Duration)
	// drop gives back what a seat has that was not taken; after leave it does nothing.
	drop()
}

// unmeasured stands for how long a check took that was broken off, or made elsewhere.
const unmeasured = -1

// quickSeat is one of the slots of tasks that run no command.
type quickSeat struct{ *slots }

func (s quickSeat) leave(took time.Duration) {
	if took != unmeasured {
		s.record(took)
	}
	s.free()
}

func (quickSeat) drop() {}

// commandSeat is the claim of a task that runs commands.
type commandSeat struct {
	slots   *commandSlots
	claim   *claim
	lane    *lane         // that the task was fetched from; nil for a queue without needs
	longest time.Duration // the task waits at most so long
	gone    bool          // the claim was given back
}

func (s *commandSeat) take(ctx context.Context) error {
	if err := s.wait(ctx); err != nil {
		s.drop()
		return err
	}
	if s.lane != nil {
		s.lane.begin(s.claim)
	}
	return nil
}

func (s *commandSeat) wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(s.longest)
	defer timer.Stop()
	select {
	case <-s.claim.granted:
		if s.lane != nil && s.lane.isHeld() {
			return errLost
		}
		return nil
	case <-timer.C:
		return errNoSlot
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *commandSeat) leave(took time.Duration) {
	if s.lane != nil && took != unmeasured {
		s.lane.record(took)
	}
	s.drop()
}

func (s *commandSeat) drop() {
	if s.gone {
		return
	}
	s.gone = true
	s.slots.free(s.claim)
	if s.lane != nil {
		s.lane.end(s.claim)
	}
}
