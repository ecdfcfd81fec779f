package preflight

import (
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/test/redistest"
)

func TestMemoryUse(t *testing.T) {
	t.Parallel()
	c := client(t, redistest.Server(t))
	used, limit, err := MemoryUse(t.Context(), c)
	if used < 100<<10 || limit != 0 || err != nil {
		t.Errorf("MemoryUse = %d, %d, %v; want more than 100 KiB and no limit", used, limit, err)
	}
	if err := c.ConfigSet(t.Context(), "maxmemory", "64mb").Err(); err != nil {
		t.Fatal(err)
	}
	if err := c.Set(t.Context(), "k", strings.Repeat("x", 1<<20), 0).Err(); err != nil {
		t.Fatal(err)
	}
	more, limit, err := MemoryUse(t.Context(), c)
	if more < used+1<<20 || limit != 64<<20 || err != nil {
		t.Errorf("MemoryUse with a key of 1 MiB = %d, %d, %v; it was %d", more, limit, err, used)
	}
}

func TestNearlyFull(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		used, limit int64
		want        bool
	}{
		{0, 0, false}, {1 << 40, 0, false}, {800, 1000, false}, {801, 1000, true}, {2000, 1000, true},
		{1 << 62, 1 << 62, true}, {1 << 61, 1 << 62, false},
	} {
		if got := NearlyFull(tt.used, tt.limit); got != tt.want {
			t.Errorf("NearlyFull(%d, %d) = %t", tt.used, tt.limit, got)
		}
	}
}

func TestMemoryIsReadWithoutGarbage(t *testing.T) {
	info := strings.Join(fine, "\r\n")
	if n := testing.AllocsPerRun(100, func() { memory(info) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMemoryOfOddAnswers(t *testing.T) {
	t.Parallel()
	for _, info := range []string{"", "used_memory", "used_memory:many\r\nmaxmemory:\r\n", "used_memory_human:1M\r\nmaxmemory_human:2M"} {
		if used, limit := memory(info); used != 0 || limit != 0 {
			t.Errorf("memory(%q) = %d, %d", info, used, limit)
		}
	}
}
