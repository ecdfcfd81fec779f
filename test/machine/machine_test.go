package machine

import "testing"

func TestModel(t *testing.T) {
	t.Parallel()
	for cpuinfo, want := range map[string]string{
		"processor\t: 0\nmodel\t\t: 85\nmodel name\t: A CPU @ 2.00GHz\nprocessor\t: 1\nmodel name\t: Another\n": "A CPU @ 2.00GHz",
		"processor\t: 0\nBogoMIPS\t: 50.00\n": "unknown CPU",
		"":                                    "unknown CPU",
	} {
		if got := model(cpuinfo); got != want {
			t.Errorf("model of %q is %q, want %q", cpuinfo, got, want)
		}
	}
}
