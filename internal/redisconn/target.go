// Package redisconn turns the address of a Redis into clients for it: it reads
// the URL, decides how the clients batch, time out and retry, and keeps user
// names and passwords out of everything that is printed.
package redisconn

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Target is a Redis that has been named but not yet spoken to. It is immutable;
// the zero value is not usable, Parse makes one.
type Target struct {
	single   *redis.Options         // one server; nil for Sentinel
	failover *redis.FailoverOptions // a master found through Sentinels; nil otherwise
}

// String is the address without user name and password, in the form that Parse
// reads. Options other than the database and the master's name are left out, the files of
// TLS among them.
func (t Target) String() string {
	switch {
	case t.failover != nil:
		scheme := sentinelScheme
		if t.failover.TLSConfig != nil {
			scheme = sentinelTLSScheme
		}
		return scheme + "://" + strings.Join(t.failover.SentinelAddrs, ",") +
			"/" + strconv.Itoa(t.failover.DB) + "?master=" + url.QueryEscape(t.failover.MasterName)
	case t.single == nil:
		return ""
	case t.single.Network == "unix":
		u := url.URL{Scheme: "unix", Path: t.single.Addr}
		if t.single.DB != 0 {
			u.RawQuery = "db=" + strconv.Itoa(t.single.DB)
		}
		return u.String()
	}
	scheme := "redis"
	if t.single.TLSConfig != nil {
		scheme = "rediss"
	}
	return scheme + "://" + t.single.Addr + "/" + strconv.Itoa(t.single.DB)
}

// secrets are the strings that no message may hold.
func (t Target) secrets() []string {
	if f := t.failover; f != nil {
		return []string{f.Password, f.SentinelPassword, f.Username, f.SentinelUsername}
	}
	return []string{t.single.Password, t.single.Username}
}
