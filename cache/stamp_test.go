package cache_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/id"
)

var stampedDigest = id.Digest(strings.Repeat("0a", 32))

// TestStampsAreOfOneUnitInOnePlace, until their domain is disowned.
func TestStampsAreOfOneUnitInOnePlace(t *testing.T) {
	t.Parallel()
	var store cachetest.Memory
	here := cache.StampsOf{Store: "1:2", Folder: "/srv/fleet"}
	want := cache.Stamp{File: true, Digest: stampedDigest, Lies: []byte("as it was")}
	item, err := cache.EncodeStamp(cache.Domain{Name: "main"}.StampKey(here, "shop"), want)
	if err == nil {
		err = store.Put(t.Context(), cache.Stamps, "main", []cache.Item{item})
	}
	if err != nil {
		t.Fatal(err)
	}
	look := func(of cache.StampsOf, unit id.Unit) *cache.Stamp {
		t.Helper()
		l, err := cache.NewLookup(t.Context(), &store, "main")
		if err != nil {
			t.Fatal(err)
		}
		all, err := l.Stamps(t.Context(), of, []id.Unit{"none", unit})
		if err != nil || all[0] != nil {
			t.Fatalf("%v, %v", all, err)
		}
		return all[1]
	}
	if diff := cmp.Diff(&want, look(here, "shop")); diff != "" {
		t.Errorf("it is another one (-want +got):\n%s", diff)
	}
	for _, of := range []cache.StampsOf{{Store: "1:2", Folder: "/srv"}, {Store: "1:3", Folder: "/srv/fleet"}} {
		if s := look(of, "shop"); s != nil {
			t.Errorf("%+v has %+v", of, s)
		}
	}
	store.Disown("main", "salt")
	if s := look(here, "shop"); s != nil {
		t.Errorf("a domain that was disowned has %+v", s)
	}
}

// TestStampIsWhatWasWritten, or nothing.
func TestStampIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	if _, err := cache.EncodeStamp(cache.Key{1}, cache.Stamp{Digest: "0a"}); err == nil {
		t.Error("a stamp has no digest")
	}
	item, err := cache.EncodeStamp(cache.Key{1}, cache.Stamp{Digest: stampedDigest, Lies: []byte("so")})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := cache.DecodeStamp(item.Key, item.Value); err != nil || s.File || s.Digest != stampedDigest || string(s.Lies) != "so" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := cache.DecodeStamp(cache.Key{2}, item.Value); err == nil {
		t.Error("it is read as that of another key")
	}
	for n := range item.Value {
		if _, err := cache.DecodeStamp(item.Key, item.Value[:n]); err == nil {
			t.Errorf("%d bytes of it are read", n)
		}
		item.Value[n]++
		if _, err := cache.DecodeStamp(item.Key, item.Value); err == nil {
			t.Errorf("it is read with another byte %d", n)
		}
		item.Value[n]--
	}
}

func TestReadsAll(t *testing.T) {
	t.Parallel()
	if all := facts(); recipe(all).ReadsAll() || !recipe(all[:1]).ReadsAll() {
		t.Error("a check that reads the chart alone reads all, or one that reads all does not")
	}
}
