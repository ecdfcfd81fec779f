package run

import "testing"

// TestNobodyRecallsInVain for long: units of which nothing is known are read, until something is known of one.
func TestNobodyRecallsInVain(t *testing.T) {
	t.Parallel()
	var none *recaller
	none.told(make([]doubt, 1))
	r := &recaller{}
	told := func(n int, d doubt) {
		batch := make([]doubt, n)
		for i := range batch {
			batch[i] = d
		}
		r.told(batch)
	}
	for _, step := range []struct {
		n    int
		d    doubt
		want bool
	}{
		{mostVain - 1, doubt{recalled: true}, false},
		{1, doubt{recalled: true, known: true}, false},
		{mostVain, doubt{}, false},
		{mostVain - 1, doubt{recalled: true}, false},
		{1, doubt{recalled: true}, true},
	} {
		if told(step.n, step.d); r.inVain() != step.want {
			t.Errorf("after %d more, %+v, it is %t that all is in vain", step.n, step.d, r.inVain())
		}
	}
}
