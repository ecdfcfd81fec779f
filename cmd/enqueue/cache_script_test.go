package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/directory"
	"github.com/seed306eabeb/muster/cache/rediscache"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/verdict"
)

// keepVerdict PLACE DOMAIN CHECK ENGINE UNIT puts a verdict, and what leads to its bytes, into the cache of a
// Redis or a directory, as a worker of the domain does. The engine "own" is that of this program.
func keepVerdict(ts *testscript.TestScript, _ bool, args []string) {
	place, domain, check, engine, unit := args[0], args[1], args[2], args[3], args[4]
	if engine == "own" {
		engine = program().Kinds().Engines()[check]
	}
	var store cache.Store
	if strings.Contains(place, "://") {
		target, err := redisconn.Parse(place)
		ts.Check(err)
		conn := target.Dial(redisconn.Options{})
		defer conn.Close()
		store = rediscache.New(conn.Plain(), rediscache.LifeBesideRuns)
	} else {
		dir, err := directory.Open(ts.MkAbs(place), directory.Options{})
		ts.Check(err)
		defer func() { ts.Check(dir.Close()) }()
		store = dir
	}
	salt, err := store.Salt(context.Background(), domain)
	ts.Check(err)
	made := time.Date(2026, 11, 1, 12, 0, len(unit), 0, time.UTC)
	digest := id.Digest(strings.Repeat("0a", 32))
	e := cache.Entry{Components: cache.Components{Salt: salt, Domain: domain, Check: check, Engine: engine, Unit: id.Unit(unit), Path: unit, Content: digest, Shared: digest},
		Decision: verdict.Decision{Regions: []string{}}, By: "script", Made: made, Written: made}
	item, err := e.Encode()
	ts.Check(err)
	ts.Check(store.Put(context.Background(), cache.Verdicts, domain, []cache.Item{item}))
	item, err = cache.EncodeContent(item.Key, digest)
	ts.Check(err)
	ts.Check(store.Put(context.Background(), cache.Contents, domain, []cache.Item{item}))
}

// spoilVerdicts URL HOW spoils all verdicts of the cache in a Redis: they are damaged, cut off, or exchanged.
func spoilVerdicts(ts *testscript.TestScript, _ bool, args []string) {
	target, err := redisconn.Parse(args[0])
	ts.Check(err)
	conn := target.Dial(redisconn.Options{})
	defer conn.Close()
	var all []cache.Found
	ts.Check(rediscache.New(conn.Plain(), rediscache.LifeBesideRuns).Each(context.Background(), func(f cache.Found) error {
		if f.Space == cache.Verdicts {
			all = append(all, f)
		}
		return nil
	}))
	for i, f := range all {
		value := slices.Clone(f.Value)
		switch args[1] {
		case "damaged":
			value[len(value)/2] ^= 4
		case "cut":
			value = value[:len(value)-1]
		case "exchanged":
			value = all[(i+1)%len(all)].Value
		default:
			ts.Fatalf("verdicts cannot be %s", args[1])
		}
		ts.Check(conn.Plain().Set(context.Background(), rediscache.Key(f.Space, f.Domain, f.Key), value, rediscache.LifeBesideRuns).Err())
	}
}
