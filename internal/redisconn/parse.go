package redisconn

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/redis/go-redis/v9"
)

const (
	sentinelScheme    = "redis-sentinel"
	sentinelTLSScheme = "rediss-sentinel"
	sentinelPort      = "26379"
	addressForms      = "redis://HOST:PORT/DB, rediss://…, unix:///PATH or redis-sentinel://HOST:PORT,HOST:PORT/DB?master=NAME"
)

var (
	errNoScheme  = errors.New("redis address has no scheme: write " + addressForms)
	errMalformed = errors.New("redis address cannot be read as a URL: check HOST:PORT, and percent-encode " +
		"every special character of the user name and the password")
	errStrayAt = errors.New("redis address has an @ behind its host: percent-encode / ? # and @ (%2F %3F %23 %40) " +
		"in the user name, the password and the options")
	errFragment = errors.New("redis address has a part behind #, which means nothing: " +
		"remove it, or write %23 where it belongs to a password")
)

// Parse reads the address of a Redis:
//
//	redis://[USER:PASSWORD@]HOST[:PORT]/DB?OPTIONS
//	rediss://…                                      the same over TLS
//	unix://[USER:PASSWORD@]/PATH?db=DB&OPTIONS
//	redis-sentinel://[USER:PASSWORD@]HOST[:PORT],…/DB?master=NAME&sentinel_username=…&sentinel_password=…
//	rediss-sentinel://…                             the same, with Sentinels and servers over TLS
//
// OPTIONS are those of go-redis (read_timeout, pool_size, …), and with TLS the Files, as
// ca, cert and key; an unknown one is an error. User and password are those of the data server. No error repeats
// them, nor a part of the address that may hold them.
func Parse(raw string) (Target, error) { return ParseTLS(raw, Files{}) }

// ParseTLS is Parse with files that flags name. An error about one of them is a
// *FileError.
func ParseTLS(raw string, flags Files) (Target, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok || !isScheme(scheme) {
		return Target{}, errNoScheme
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	switch {
	case strings.Contains(tail, "@"):
		return Target{}, errStrayAt
	case strings.Contains(tail, "#"):
		return Target{}, errFragment
	}
	switch scheme = strings.ToLower(scheme); scheme {
	case "redis", "rediss", "unix":
		return parseSingle(raw, flags)
	case sentinelScheme, sentinelTLSScheme:
		return parseSentinel(authority, tail, scheme == sentinelTLSScheme, flags)
	}
	return Target{}, fmt.Errorf("redis address has the unknown scheme %q: write %s", scheme, addressForms)
}

func isScheme(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") == ""
}

func parseSingle(raw string, flags Files) (Target, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Target{}, errMalformed // err quotes the address, password and all
	}
	switch {
	case u.Scheme == "unix" && u.Host != "":
		return Target{}, errors.New("redis address of a unix socket names a host: write unix:///PATH with three slashes")
	case strings.Contains(u.Host, ","):
		return Target{}, errors.New("redis address names several hosts: write redis://HOST:PORT/DB, " +
			"or redis-sentinel://HOST:PORT,HOST:PORT/DB?master=NAME for Sentinels")
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Target{}, errMalformed
	}
	files := cutFiles(q, flags)
	u.RawQuery = q.Encode()
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return Target{}, optionError(err, secretsOf(u.User))
	}
	return Target{single: o}, files.configure(o.TLSConfig)
}

// parseSentinel rewrites the address into the form that go-redis reads, which
// has one host, the others as options, and the credentials the other way round.
func parseSentinel(authority, tail string, secure bool, flags Files) (Target, error) {
	hosts := authority
	userinfo := ""
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		userinfo, hosts = authority[:i+1], authority[i+1:]
	}
	data, err := url.Parse("redis://" + userinfo + "localhost" + tail)
	if err != nil {
		return Target{}, errMalformed
	}
	q, err := url.ParseQuery(data.RawQuery)
	if err != nil {
		return Target{}, errMalformed
	}
	if err := checkSentinelOptions(q); err != nil {
		return Target{}, err
	}
	addrs, err := sentinelAddrs(hosts)
	if err != nil {
		return Target{}, err
	}
	files := cutFiles(q, flags)
	secrets := append(secretsOf(data.User), q.Get("sentinel_username"), q.Get("sentinel_password"))
	o, err := redis.ParseFailoverURL(failoverURL(data, q, addrs, secure))
	if err != nil {
		return Target{}, optionError(err, secrets)
	}
	if secure {
		o.TLSConfig.ServerName = "" // that of each Sentinel, and of the server they name
	}
	return Target{failover: o}, files.configure(o.TLSConfig)
}

// checkSentinelOptions refuses what go-redis would take but must not come from
// the address: the options that parseSentinel itself fills in, and those for
// reading from replicas, which hold an older state than a queue can bear.
func checkSentinelOptions(q url.Values) error {
	if q.Get("master") == "" {
		return errors.New("redis-sentinel address does not name the master: add ?master=NAME")
	}
	for _, name := range []string{
		"master_name", "addr", "username", "password", "replica_only",
		"route_by_latency", "route_by_latency_tolerance", "route_randomly", "use_disconnected_replicas",
	} {
		if q.Has(name) {
			return fmt.Errorf("redis-sentinel address has the option %q, which cannot be set: write %s", name, addressForms)
		}
	}
	return nil
}

func sentinelAddrs(hosts string) ([]string, error) {
	var addrs []string
	for h := range strings.SplitSeq(hosts, ",") {
		u, err := url.Parse("redis://" + h)
		if err != nil || u.Hostname() == "" || u.Host != h {
			return nil, errors.New("redis-sentinel address has a host that is empty or malformed: " +
				"write HOST:PORT,HOST:PORT before the database")
		}
		port := u.Port()
		if port == "" {
			port = sentinelPort
		}
		addrs = append(addrs, net.JoinHostPort(u.Hostname(), port))
	}
	return addrs, nil
}

func failoverURL(data *url.URL, q url.Values, addrs []string, secure bool) string {
	password, _ := data.User.Password()
	u := url.URL{Scheme: "redis", Host: addrs[0], Path: data.Path}
	if secure {
		u.Scheme = "rediss"
	}
	u.User = url.UserPassword(q.Get("sentinel_username"), q.Get("sentinel_password"))
	q.Set("master_name", q.Get("master"))
	q.Set("username", data.User.Username())
	q.Set("password", password)
	q["addr"] = addrs[1:]
	for _, name := range []string{"master", "sentinel_username", "sentinel_password"} {
		q.Del(name)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func secretsOf(user *url.Userinfo) []string {
	password, _ := user.Password()
	return []string{password, user.Username()}
}

func optionError(err error, secrets []string) error {
	text := strings.TrimPrefix(redact(err.Error(), secrets), "redis: ")
	return fmt.Errorf("redis address: %s: write %s", text, addressForms)
}
