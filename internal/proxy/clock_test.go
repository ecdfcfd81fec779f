package proxy

import (
	"sync"
	"testing"
	"time"
)

func TestClockWakesNobodyEarly(t *testing.T) {
	t.Parallel()
	var c clock
	var waiters sync.WaitGroup
	for i := range 200 {
		due := time.Now().Add(time.Duration(i*7919%200) * 5 * time.Microsecond)
		waiters.Go(func() {
			c.wait(due)
			if early := time.Until(due); early > 0 {
				t.Errorf("woken %s early", early)
			}
		})
	}
	waiters.Wait()
	c.sleeper.Wait()
	if c.asleep || len(c.waiting) > 0 {
		t.Errorf("%d wait still, and the clock sleeps: %t", len(c.waiting), c.asleep)
	}
}

func TestClockStartsAgain(t *testing.T) {
	t.Parallel()
	var c clock
	for range 3 {
		c.wait(time.Now().Add(100 * time.Microsecond))
		c.sleeper.Wait()
	}
}
