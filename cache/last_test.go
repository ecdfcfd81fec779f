package cache_test

import (
	"testing"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// TestLastIsFoundByUnitPathAndChecks, in the first domain that has one, until that is disowned.
func TestLastIsFoundByUnitPathAndChecks(t *testing.T) {
	t.Parallel()
	const was, is = id.Digest("0a0a0a0a0a0a0a0a0a0a"), id.Digest("0b0b0b0b0b0b0b0b0b0b")
	store := &cachetest.Memory{}
	shop := cache.Named{Unit: "shop", Path: "services/shop", Checks: []string{"lint", "manifest"}}
	keep := func(domain string, l cache.Last) {
		d := cache.Domain{Name: domain}
		item, err := cache.EncodeLast(d.LastKey(shop), l)
		if err == nil {
			err = store.Put(t.Context(), cache.Latest, domain, []cache.Item{item})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	keep("main", cache.NewLast(verdict.Invalid, 1500, was))
	keep("pr", cache.NewLast(verdict.Failed, 1<<40, is))
	elsewhere, fewer := shop, shop
	elsewhere.Path, fewer.Checks = "apps/shop", []string{"lint"}
	look := func(domains ...string) []*cache.Last {
		l, err := cache.NewLookup(t.Context(), store, domains...)
		if err != nil {
			t.Fatal(err)
		}
		all, err := l.Lasts(t.Context(), []cache.Named{shop, elsewhere, fewer})
		if err != nil || all[1] != nil || all[2] != nil {
			t.Fatalf("%v, %v", all, err)
		}
		return all
	}
	if l := look("main", "pr")[0]; l == nil || l.Kind != verdict.Invalid || l.Micros != 1500 || !l.Of(was) || l.Of(is) {
		t.Errorf("main knows %+v", l)
	}
	store.Disown("main", "salt")
	if l := look("main", "pr")[0]; l == nil || l.Kind != verdict.Failed || l.Micros != 1<<40 {
		t.Errorf("pr knows %+v", l)
	}
	if l := look("main")[0]; l != nil {
		t.Errorf("a domain that was disowned knows %+v", l)
	}
}

// TestLastIsWhatWasWritten, or nothing.
func TestLastIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	item, err := cache.EncodeLast(cache.Key{1}, cache.NewLast(verdict.OK, 70_000, "0a"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range item.Value {
		bad := append([]byte(nil), item.Value...)
		bad[i]++
		if l, err := cache.DecodeLast(item.Key, bad); err == nil {
			t.Errorf("with another byte %d it is %+v", i, l)
		}
		if l, err := cache.DecodeLast(item.Key, item.Value[:i]); err == nil {
			t.Errorf("%d bytes of it are %+v", i, l)
		}
	}
	if _, err := cache.DecodeLast(cache.Key{2}, item.Value); err == nil {
		t.Error("it is one of another unit, too")
	}
	if _, err := cache.EncodeLast(cache.Key{1}, cache.NewLast(verdict.Missing, 1, "0a")); err == nil {
		t.Error("a unit without a verdict has a last one")
	}
}
