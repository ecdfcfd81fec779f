package worker

import (
	"maps"
	"slices"
	"sync"
)

// commandSlots bound how many commands a process runs at once: all of them together, and each by
// itself. They are beside the slots of checks that run none, so that slow commands never keep
// quick checks waiting. It is safe for concurrent use.
type commandSlots struct {
	mu      sync.Mutex
	most    int            // commands at once
	limits  map[string]int // command → at once
	taken   int
	running map[string]int // command → now
	waiting []*claim       // oldest first
}

// claim is what one task needs: a slot of each of its commands, and one of all. It gets them
// together or none.
type claim struct {
	needs   []string
	granted chan struct{} // closed when it has its slots
}

// has says whether the claim has its slots.
func (c *claim) has() bool {
	select {
	case <-c.granted:
		return true
	default:
		return false
	}
}

func newCommandSlots(most int) *commandSlots {
	return &commandSlots{most: most, running: map[string]int{}}
}

// limit says how many of each command may run at once from now on. A command that is not named
// may not run; what is running goes on.
func (s *commandSlots) limit(limits map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = limits
	s.grant()
}

// offers says whether all commands may run.
func (s *commandSlots) offers(needs []string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(needs, func(n string) bool { return s.limits[n] == 0 })
}

// ask asks for slots. The claim must be given to free, granted or not.
func (s *commandSlots) ask(needs []string) *claim {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &claim{needs, make(chan struct{})}
	s.waiting = append(s.waiting, c)
	s.grant()
	return c
}

// free gives back what a claim has, or ends its waiting.
func (s *commandSlots) free(c *claim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.waiting, c); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
	} else {
		s.taken--
		for _, n := range c.needs {
			s.running[n]--
		}
	}
	s.grant()
}

// grant gives slots to those who wait, the oldest first. Who waits for a command keeps younger
// ones from it, or a task that needs two commands might never find both free. mu must be held.
func (s *commandSlots) grant() {
	claimed := map[string]int{}
	s.waiting = slices.DeleteFunc(s.waiting, func(c *claim) bool {
		free := s.taken < s.most && !slices.ContainsFunc(c.needs, func(n string) bool {
			return s.running[n]+claimed[n] >= s.limits[n]
		})
		for _, n := range c.needs {
			if free {
				s.running[n]++
			} else {
				claimed[n]++
			}
		}
		if free {
			s.taken++
			close(c.granted)
		}
		return free
	})
}

// now is how many commands run, all and each.
func (s *commandSlots) now() (taken int, running map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken, maps.Clone(s.running)
}
