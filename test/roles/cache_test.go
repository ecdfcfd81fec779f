package roles_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/rediscache"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/acl"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/test/roles"
	"github.com/seed306eabeb/muster/verdict"
)

// cached is a Redis with the users and a cache, in which workers of two domains have verdicts.
type cached struct {
	url      string
	admin    redis.UniversalClient
	question cache.Question
	items    map[string]cache.Item // of one verdict, by the domain
}

// prURL is the address for a worker of the domain pr: its user is made of the worker's as its page says.
func prURL(t *testing.T, url string) string {
	t.Helper()
	rules, err := roles.Worker.Rules()
	must(t, err)
	command := []any{"ACL", "SETUSER", "muster-worker-pr"}
	for _, word := range append(rules, "on", ">s3same") {
		command = append(command, strings.NewReplacer(":main:", ":pr:", "salt:main", "salt:pr").Replace(word))
	}
	must(t, redistest.Dial(t, url).Plain().Do(t.Context(), command...).Err())
	return strings.Replace(url, "unix://", "unix://muster-worker-pr:s3same@", 1)
}

func newCached(t *testing.T) cached {
	t.Helper()
	c := cached{url: redistest.Server(t), items: map[string]cache.Item{}}
	admin := redistest.Dial(t, c.url)
	c.admin = admin.Plain()
	must(t, roles.Create(t.Context(), admin))
	recipe := cache.NewRecipe([]check.Facts{{Check: "manifest", Engine: strings.Repeat("e", 64), Shared: id.Digest(strings.Repeat("5", 64))}}, "shared", nil, time.Second, 1<<20)
	c.question = cache.Question{Recipe: recipe, Unit: cache.Unit{Unit: "shop", Path: "services/shop", Digests: []id.Digest{id.Digest(strings.Repeat("d", 64))}}}
	for domain, address := range map[string]string{"main": roles.Worker.URL(c.url), "pr": prURL(t, c.url)} {
		s := c.store(t, address)
		writer := cache.Writer{Store: s, By: "worker", Domain: func() cache.Domain { return cache.Domain{Name: domain} }}
		v := recipe.Subject(c.question.Unit).Of(verdict.Part{Check: "manifest", Engine: recipe.Checks[0].Engine})
		items, err := writer.Made(c.question, v, nil, nil, time.Now())
		must(t, err)
		must(t, writer.Keep(t.Context(), cache.Verdicts, items))
		contents, err := cache.EncodeContent(cache.Key{1}, c.question.Unit.Digests[0])
		must(t, err)
		must(t, writer.Keep(t.Context(), cache.Contents, []cache.Item{contents}))
		c.items[domain] = items[0]
	}
	return c
}

func (c cached) store(t *testing.T, address string) *rediscache.Store {
	return rediscache.New(redistest.Dial(t, address).Plain(), time.Hour)
}

// knows says whether an enqueuer that trusts a domain knows the verdict, and how many bad entries it was told of.
func (c cached) knows(t *testing.T, domain string) (known bool, bad int) {
	t.Helper()
	l, err := cache.NewLookup(t.Context(), c.store(t, roles.Enqueuer.URL(c.url)), domain)
	must(t, err)
	l.Bad = func(error) { bad++ }
	hits, err := l.Verdicts(t.Context(), []cache.Question{c.question})
	must(t, err)
	return hits[0].Whole(), bad
}

// TestWhoMayReadTheCache: enqueuers and observers each domain, a worker its own.
func TestWhoMayReadTheCache(t *testing.T) {
	t.Parallel()
	c := newCached(t)
	addresses := map[string]string{"an enqueuer": roles.Enqueuer.URL(c.url), "an observer": roles.Observer.URL(c.url), "an operator": roles.Operator.URL(c.url),
		"a worker": roles.Worker.URL(c.url), "a worker of pr": prURL(t, c.url)}
	for who, address := range addresses {
		s := c.store(t, address)
		for domain, item := range c.items {
			own := !strings.Contains(who, "worker") || strings.HasSuffix(who, "pr") == (domain == "pr")
			values, err := s.Get(t.Context(), cache.Verdicts, domain, []cache.Key{item.Key})
			_, contentErr := s.Get(t.Context(), cache.Contents, domain, []cache.Key{{1}})
			_, saltErr := s.Salt(t.Context(), domain)
			if err := errors.Join(err, contentErr, saltErr); own && (err != nil || values[0] == nil) {
				t.Errorf("%s reads %s: %v", who, domain, err)
			}
			if !own && (acl.Denied(err) == nil || acl.Denied(contentErr) == nil || acl.Denied(saltErr) == nil) {
				t.Errorf("%s reads %s, %v, %v, %v", who, domain, err, contentErr, saltErr)
			}
		}
	}
}

// TestWhoMayNotWriteTheCache: whoever decides, in its own domain, and nobody else, by whatever command.
func TestWhoMayNotWriteTheCache(t *testing.T) {
	t.Parallel()
	c := newCached(t)
	main := rediscache.Key(cache.Verdicts, "main", c.items["main"].Key)
	alias := rediscache.Key(cache.Contents, "main", cache.Key{1})
	const salt = "muster:salt:main"
	before := map[string]string{}
	for _, key := range []string{main, alias} {
		before[key] = c.admin.Get(t.Context(), key).Val()
	}
	users := map[string]string{"an enqueuer": roles.Enqueuer.URL(c.url), "an observer": roles.Observer.URL(c.url), "a worker of pr": prURL(t, c.url)}
	for who, address := range users {
		client := redistest.Dial(t, address).Plain()
		for _, key := range []string{main, alias, salt} {
			for _, words := range [][]any{
				{"SET", key, "forged"}, {"SETEX", key, "100", "forged"}, {"GETDEL", key}, {"DEL", key}, {"UNLINK", key}, {"EXPIRE", key, "1"}, {"APPEND", key, "x"},
				{"SETRANGE", key, "0", "x"}, {"RENAME", "muster:{r}:waiting", key}, {"RENAME", key, "muster:{r}:waiting"}, {"COPY", "muster:{r}:run", key},
				{"RESTORE", key, "0", "x"}, {"HSET", key, "f", "forged"}, {"ZADD", key, "1", "x"}, {"SADD", key, "x"}, {"LPUSH", key, "x"}, {"XADD", key, "*", "f", "x"},
				{"EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", "1", key, "forged"},
				{"EVAL", "return redis.call('SET', ARGV[1], ARGV[2])", "0", key, "forged"},
				{"EVAL", "return redis.call('RENAME', KEYS[1], ARGV[1])", "1", "muster:{r}:waiting", key},
				{"FLUSHALL"}, {"ACL", "SETUSER", "muster-enqueuer", "~*"}, {"CONFIG", "SET", "maxmemory", "1"},
			} {
				if err := client.Do(t.Context(), words...).Err(); acl.Denied(err) == nil {
					t.Errorf("%s may %v: %v", who, words, err)
				}
			}
		}
		if err := rediscache.New(client, time.Hour).Put(t.Context(), cache.Verdicts, "main", []cache.Item{c.items["main"]}); acl.Denied(err) == nil {
			t.Errorf("%s puts an entry: %v", who, err)
		}
		if err := client.Set(t.Context(), rediscache.Key(cache.Latest, "main", cache.Key{}), "forged", 0).Err(); acl.Denied(err) == nil {
			t.Errorf("%s says what became of a unit: %v", who, err)
		}
	}
	worker := redistest.Dial(t, roles.Worker.URL(c.url)).Plain()
	for _, words := range [][]any{{"SET", salt, "forged"}, {"DEL", salt}, {"SET", rediscache.Key(cache.Verdicts, "pr", cache.Key{}), "forged"}, {"SET", "muster:verdict:main2:x", "forged"},
		{"SET", rediscache.Key(cache.Latest, "pr", cache.Key{}), "forged"}} {
		if err := worker.Do(t.Context(), words...).Err(); acl.Denied(err) == nil {
			t.Errorf("a worker may %v: %v", words, err)
		}
	}
	for key, value := range before {
		if now := c.admin.Get(t.Context(), key).Val(); now != value {
			t.Errorf("%s has changed", key)
		}
	}
	if known, bad := c.knows(t, "main"); !known || bad != 0 {
		t.Errorf("the verdict is known: %t, and %d entries are bad", known, bad)
	}
}

// TestAnOperatorOfTheCache may look at it, remove from it and disown domains, and nothing with runs.
func TestAnOperatorOfTheCache(t *testing.T) {
	t.Parallel()
	c := newCached(t)
	operator := redistest.Dial(t, roles.Operator.URL(c.url)).Plain()
	s := rediscache.New(operator, time.Hour)
	n := 0
	must(t, s.Each(t.Context(), func(cache.Found) error { n++; return nil }))
	must(t, s.Disown(t.Context(), "main"))
	if known, _ := c.knows(t, "main"); n != 4 || known {
		t.Errorf("it sees %d items, and what it has disowned is known: %t", n, known)
	}
	if gone, err := s.Remove(t.Context(), func(f cache.Found) bool { return f.Domain == "main" }); err != nil || gone != 2 {
		t.Errorf("it has removed %d: %v", gone, err)
	}
	forged := rediscache.Key(cache.Verdicts, "pr", c.items["pr"].Key)
	for _, words := range [][]any{{"SET", forged, "forged"}, {"APPEND", forged, "x"}, {"HSET", "muster:{r}:run", "state", "cancelled"}, {"DEL", "muster:{r}:run"}, {"SET", "muster:bundle:d", "x"}, {"UNLINK", "muster:bundle:d"},
		{"LRANGE", "asynq:{muster-ci}:pending", "0", "1"}, {"GET", "other"}, {"EVAL", "return 1", "0"}, {"FLUSHALL"}, {"KEYS", "*"}} {
		if err := operator.Do(t.Context(), words...).Err(); acl.Denied(err) == nil {
			t.Errorf("it may %v: %v", words, err)
		}
	}
}

// TestWhatCannotBeAVerdictIsNone: even whoever may write under any key cannot make a verdict of one unit that of
// another, nor one of untrusted workers that of trusted ones, nor change a bit.
func TestWhatCannotBeAVerdictIsNone(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(item cache.Item, others cache.Item) []byte{
		"one flipped bit":              func(i, _ cache.Item) []byte { i.Value[len(i.Value)/2] ^= 4; return i.Value },
		"a part":                       func(i, _ cache.Item) []byte { return i.Value[:len(i.Value)-1] },
		"more":                         func(i, _ cache.Item) []byte { return append(i.Value, 0) },
		"nothing":                      func(cache.Item, cache.Item) []byte { return nil },
		"the entry of another domain":  func(_, other cache.Item) []byte { return other.Value },
		"the entry, with a later date": func(i, _ cache.Item) []byte { i.Value[3]++; return i.Value },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCached(t)
			main, pr := c.items["main"], c.items["pr"]
			must(t, c.admin.Set(t.Context(), rediscache.Key(cache.Verdicts, "main", main.Key), forge(cache.Item{Key: main.Key, Value: slices.Clone(main.Value)}, pr), 0).Err())
			if known, bad := c.knows(t, "main"); known || bad != 1 {
				t.Errorf("it is known: %t, and %d bad entries are told of", known, bad)
			}
		})
	}
	t.Run("another unit", func(t *testing.T) {
		t.Parallel()
		c := newCached(t)
		other := c.question
		other.Unit.Digests = []id.Digest{bundle.Bundle{}.Digest()}
		key := other.Components(other.Unit, cache.Domain{Name: "main"})[0].Key()
		must(t, c.admin.Set(t.Context(), rediscache.Key(cache.Verdicts, "main", key), c.items["main"].Value, 0).Err())
		c.question = other
		if known, bad := c.knows(t, "main"); known || bad != 1 {
			t.Errorf("it is known: %t, and %d bad entries are told of", known, bad)
		}
	})
}
