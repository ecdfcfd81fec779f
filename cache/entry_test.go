package cache

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

func example() Entry {
	digest := func(c string) id.Digest { return id.Digest(strings.Repeat(c, 64)) }
	made := time.Date(2026, 11, 26, 12, 30, 7, 0, time.UTC)
	return Entry{
		Components: Components{Salt: "s", Domain: "main", Check: "manifest", Engine: strings.Repeat("0f", 16), Unit: "billing", Path: "services/billing",
			Content: digest("a1"), Shared: digest("b2"), Regions: []string{"north", "south"}, LimitMS: 30000, MaxBytes: 1 << 20},
		Decision: verdict.Decision{Regions: []string{"north"}, Owner: "payments",
			Findings: []verdict.Finding{{Rule: "M101", Name: "unknown-key", Severity: verdict.Warning, Message: "x", Place: verdict.Place{File: "services/billing/manifest.yml", Line: 3, Column: 1}}},
			Claims:   []verdict.Claim{{Joins: []string{"M601"}, Role: verdict.Unique, Key: "k", Regions: []string{"north"}, Place: verdict.Place{File: "services/billing/manifest.yml", Line: 9}}}},
		By: "worker-1", Made: made, Micros: 1234, Written: made.Truncate(time.Minute),
	}
}

func TestEntryArrives(t *testing.T) {
	t.Parallel()
	inEachForm(t, arrives)
}

// inEachForm tests the example in each form.
func inEachForm(t *testing.T, test func(t *testing.T, e Entry, item Item)) {
	for name, encode := range forms(new(example())) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			item, err := encode()
			if err != nil {
				t.Fatal(err)
			}
			test(t, example(), item)
		})
	}
}

// forms are the ways to encode an entry.
func forms(e *Entry) map[string]func() (Item, error) {
	return map[string]func() (Item, error){"compressed": e.Encode, "plain": e.EncodePlain}
}

func arrives(t *testing.T, e Entry, item Item) {
	t.Helper()
	got, err := Decode(item.Key, item.Value)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, got, cmpopts.IgnoreUnexported(Entry{})); diff != "" {
		t.Errorf("the entry (-put +got):\n%s", diff)
	}
	later := e.Written.Add(100 * time.Hour)
	renewed := Renew(item, later)
	if got, err := Decode(renewed.Key, renewed.Value); err != nil || !got.Written.Equal(later) || !got.Made.Equal(e.Made) {
		t.Errorf("a renewed one is of %v, written %v: %v", got.Made, got.Written, err)
	}
	if got, _ := Decode(item.Key, item.Value); !got.Written.Equal(e.Written) {
		t.Error("renewing changes the value that was renewed")
	}
}

// TestNoOtherBytesAreRead: not one flipped bit, no part, and nothing under another key.
func TestNoOtherBytesAreRead(t *testing.T) {
	t.Parallel()
	inEachForm(t, readsNoOther)
}

func readsNoOther(t *testing.T, e Entry, item Item) {
	t.Helper()
	for i := range item.Value {
		for bit := range 8 {
			flipped := append([]byte(nil), item.Value...)
			flipped[i] ^= 1 << bit
			if _, err := Decode(item.Key, flipped); err == nil {
				t.Errorf("with bit %d of byte %d flipped it is read", bit, i)
			}
		}
		if _, err := Decode(item.Key, item.Value[:i]); err == nil {
			t.Errorf("its first %d bytes are read", i)
		}
	}
	other := e
	other.Unit = "orders"
	if _, err := Decode(other.Key(), item.Value); err == nil {
		t.Error("it is read under the key of another unit")
	}
}

// TestAnEntryOfAnotherVersionIsNotThere: it is told apart from what somebody has spoiled.
func TestAnEntryOfAnotherVersionIsNotThere(t *testing.T) {
	t.Parallel()
	e := example()
	for name, encode := range forms(&e) {
		item, err := encode()
		if err != nil {
			t.Fatal(err)
		}
		if item.Value[0] = 1; !isOther(Decode(item.Key, item.Value)) {
			t.Errorf("%s: it is not told apart", name)
		}
		if isOther(Decode(item.Key, item.Value[:9])) {
			t.Errorf("%s: a part of it is taken for a whole entry", name)
		}
	}
}

func isOther(_ Entry, err error) bool { return errors.Is(err, ErrFormat) }

// TestCraftedBytesAreRefused: with a checksum that is right, whatever else is wrong.
func TestCraftedBytesAreRefused(t *testing.T) {
	t.Parallel()
	e := example()
	item, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := bodyAt; i < len(item.Value); i++ {
		for bit := range 8 {
			flipped := Renew(item, e.Written)
			flipped.Value[i] ^= 1 << bit
			_, _ = Decode(item.Key, Renew(flipped, e.Written).Value) // it may be another entry, and is none that panics
		}
		if _, err := Decode(item.Key, Renew(Item{item.Key, item.Value[:i]}, e.Written).Value); err == nil {
			t.Errorf("its first %d bytes are read", i)
		}
	}
	large := Item{item.Key, binary.AppendUvarint(item.Value[:bodyAt:bodyAt], mostBody+1)}
	if _, err := Decode(item.Key, Renew(large, e.Written).Value); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("one that says that it is too large: %v", err)
	}
}

// TestEntriesAreSmall: what stands in all of a fleet takes little room.
func TestEntriesAreSmall(t *testing.T) {
	t.Parallel()
	e := example()
	small, err := e.Encode()
	large, plainErr := e.EncodePlain()
	if err := errors.Join(err, plainErr); err != nil {
		t.Fatal(err)
	}
	if s, l := len(small.Value), len(large.Value); s > l*2/3 {
		t.Errorf("it takes %d bytes, and %d without compression", s, l)
	}
}

// TestAnEntryIsAboutWhatWasAsked: one that somebody has put under the key of another is not read, though its checksum is right.
func TestAnEntryIsAboutWhatWasAsked(t *testing.T) {
	t.Parallel()
	inEachForm(t, func(t *testing.T, e Entry, item Item) {
		if got, err := readAsAsked(e.Components, item); err != nil || got.Key() != item.Key || got.wire == "" {
			t.Errorf("what was asked for is %+v, %v", got, err)
		}
		for name, change := range map[string]func(*Components){
			"salt":    func(c *Components) { c.Salt = "x" },
			"engine":  func(c *Components) { c.Engine += "x" },
			"unit":    func(c *Components) { c.Unit = "orders" },
			"path":    func(c *Components) { c.Path += "x" },
			"file":    func(c *Components) { c.File = !c.File },
			"content": func(c *Components) { c.Content = "0123456789abcdef0123456789abcdef" },
			"shared":  func(c *Components) { c.Shared = "x" },
			"limit":   func(c *Components) { c.LimitMS++ },
			"regions": func(c *Components) { c.Regions = append([]string{"x"}, c.Regions...) },
			"fewer":   func(c *Components) { c.Regions = nil },
		} {
			asked := e.Components
			change(&asked)
			forged := Renew(Item{asked.Key(), item.Value}, e.Written)
			if _, err := readAsAsked(asked, forged); err == nil {
				t.Errorf("another %s: it is read as what was asked for", name)
			}
			if _, err := Decode(forged.Key, forged.Value); err == nil {
				t.Errorf("another %s: it is read under that key", name)
			}
		}
	})
}

// readAsAsked reads an item for who has asked about components, by a form that another unit has left.
func readAsAsked(c Components, item Item) (e Entry, err error) {
	other := c
	other.Unit, other.Path, other.Content, other.File = "another", "else/where", "0123456789abcdef0123456789abcdef", !c.File
	f := formOf(&other)
	if f.key(&other); f.key(&c) != c.Key() {
		return e, errors.New("the form makes another key of the components")
	}
	begin := f.append(binary.AppendUvarint(nil, uint64(len(c.Regions))), &c)
	e.Components = c
	err = e.read(item.Key, item.Value, begin)
	return e, err
}

// TestEachComponentIsInTheKey: forgetting one is the costliest mistake.
func TestEachComponentIsInTheKey(t *testing.T) {
	t.Parallel()
	seen := map[Key]string{}
	e := example()
	seen[e.Components.Key()] = "nothing changed"
	for name, change := range map[string]func(*Components){
		"salt": func(c *Components) { c.Salt = "t" }, "domain": func(c *Components) { c.Domain = "pr" },
		"check": func(c *Components) { c.Check = "declared" }, "engine": func(c *Components) { c.Engine = "e" },
		"unit": func(c *Components) { c.Unit = "orders" }, "path": func(c *Components) { c.Path = "apps/billing" }, "file": func(c *Components) { c.File = true },
		"content": func(c *Components) { c.Content = "c" }, "shared": func(c *Components) { c.Shared = "d" },
		"regions": func(c *Components) { c.Regions = []string{"north"} }, "order of regions": func(c *Components) { c.Regions = []string{"south", "north"} },
		"regions joined": func(c *Components) { c.Regions = []string{"northsouth"} },
		"limit":          func(c *Components) { c.LimitMS++ }, "most bytes": func(c *Components) { c.MaxBytes++ },
		"one moved": func(c *Components) { c.Salt, c.Domain = "sm", "ain" },
	} {
		c := e.Components
		change(&c)
		if other, twice := seen[c.Key()]; twice {
			t.Errorf("%s: the key is that of: %s", name, other)
		}
		seen[c.Key()] = name
	}
}

func TestWhatIsNotKept(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*verdict.Decision){
		"impure":    func(d *verdict.Decision) { d.Impure = true },
		"not UTF-8": func(d *verdict.Decision) { d.Findings[0].Message = "\xff" },
	} {
		e := example()
		change(&e.Decision)
		if _, err := e.Encode(); err == nil {
			t.Errorf("%s: it is kept", name)
		}
	}
}

func TestContent(t *testing.T) {
	t.Parallel()
	name, digest := Key{1, 2, 3}, id.Digest(strings.Repeat("0a", 32))
	item, err := EncodeContent(name, digest)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeContent(name, item.Value); err != nil || got != digest {
		t.Errorf("the content is %q, %v", got, err)
	}
	if _, err := DecodeContent(Key{1, 2, 4}, item.Value); err == nil {
		t.Error("it is read under another name")
	}
	if _, err := DecodeContent(name, item.Value[1:]); err == nil {
		t.Error("a part of it is read")
	}
	if _, err := EncodeContent(name, "unknown"); err == nil {
		t.Error("what is no digest is kept")
	}
}
