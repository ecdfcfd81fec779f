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

func TestClockWakesTheEarliestFirst(t *testing.T) {
	t.Parallel()
	c := clock{asleep: true} // nobody sleeps in fact
	start := time.Now()
	alarms := map[int]alarm{}
	for _, ms := range []int{3, 1, 4, 2} {
		alarms[ms] = alarm{start.Add(time.Duration(ms) * time.Millisecond), make(chan struct{})}
		c.set(alarms[ms])
	}
	for now := range 5 {
		left, more := c.ring(start.Add(time.Duration(now) * time.Millisecond))
		if want := now < 4; more != want || more && left != time.Millisecond {
			t.Errorf("after %d ms there is %s left, more is %t", now, left, more)
		}
		for ms, a := range alarms {
			off := false
			select {
			case <-a.off:
				off = true
			default:
			}
			if off != (ms <= now) {
				t.Errorf("after %d ms the one due after %d is woken: %t", now, ms, off)
			}
		}
	}
}
