package redisconn

import (
	"strings"
	"testing"
	"time"
)

func TestParseNamesTheAddressOnly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, raw, want string }{
		{"host and port", "redis://cache:7000/3", "redis://cache:7000/3"},
		{"defaults", "redis://", "redis://localhost:6379/0"},
		{"scheme in capitals", "REDIS://cache", "redis://cache:6379/0"},
		{"credentials", "redis://ada:s3same@cache/1", "redis://cache:6379/1"},
		{"password alone", "redis://:s3same@cache", "redis://cache:6379/0"},
		{"TLS", "rediss://ada:s3same@cache:7001/0?skip_verify=true", "rediss://cache:7001/0"},
		{"IPv6", "redis://[::1]:6380/2", "redis://[::1]:6380/2"},
		{"options left out", "redis://cache/0?read_timeout=3s&client_name=x", "redis://cache:6379/0"},
		{"socket", "unix:///run/redis.sock", "unix:///run/redis.sock"},
		{"socket with credentials", "unix://ada:s3same@/run/redis.sock?db=4", "unix:///run/redis.sock?db=4"},
		{"socket with a space", "unix:///run/my%20redis.sock", "unix:///run/my%20redis.sock"},
		{"one sentinel", "redis-sentinel://watch?master=main", "redis-sentinel://watch:26379/0?master=main"},
		{
			"three sentinels",
			"redis-sentinel://ada:s3same@w1:1,w2,[::1]:3/5?master=main&sentinel_username=eve&sentinel_password=0pen",
			"redis-sentinel://w1:1,w2:26379,[::1]:3/5?master=main",
		},
		{"sentinels over TLS", "rediss-sentinel://ada:s3same@w1,w2:1/5?master=main", "rediss-sentinel://w1:26379,w2:1/5?master=main"},
		{"@ in the password", "redis://ada:s3@same@cache", "redis://cache:6379/0"},
		{"escaped password", "redis://ada:s3%2Fs%40me@cache", "redis://cache:6379/0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target, err := Parse(tt.raw)
			if err != nil {
				t.Fatal(err)
			}
			if got := target.String(); got != tt.want {
				t.Errorf("String() = %s, want %s", got, tt.want)
			}
			if _, err := Parse(target.String()); err != nil {
				t.Errorf("String() cannot be parsed again: %v", err)
			}
		})
	}
}

func TestParseKeepsCredentialsAndOptions(t *testing.T) {
	t.Parallel()
	target, err := Parse("rediss://ada:s3%2Fsame@cache/2?read_timeout=7s&pool_size=9")
	if err != nil {
		t.Fatal(err)
	}
	o := target.single
	if o.Username != "ada" || o.Password != "s3/same" || o.DB != 2 || o.ReadTimeout != 7*time.Second || o.PoolSize != 9 {
		t.Errorf("options = %+v", o)
	}
	if o.TLSConfig == nil || o.TLSConfig.ServerName != "cache" {
		t.Errorf("rediss without TLS for its host: %+v", o.TLSConfig)
	}

	target, err = Parse("redis-sentinel://ada:s3same@w1,w2:9/2?master=main&sentinel_username=eve&sentinel_password=0pen&pool_size=9")
	if err != nil {
		t.Fatal(err)
	}
	f := target.failover
	if f.Username != "ada" || f.Password != "s3same" || f.SentinelUsername != "eve" || f.SentinelPassword != "0pen" {
		t.Errorf("credentials are mixed up: %+v", f)
	}
	if f.MasterName != "main" || f.DB != 2 || f.PoolSize != 9 || strings.Join(f.SentinelAddrs, " ") != "w1:26379 w2:9" {
		t.Errorf("options = %+v", f)
	}
}

// Every address here holds the user "ada" and the password "s3same", whole or
// cut in two by a character that ends the authority of a URL.
func TestParseErrorsHideCredentials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, raw, want string }{
		{"no scheme", "ada:s3same@cache:6379", "has no scheme"},
		{"scheme behind the password", "ada:s3same://cache", "has no scheme"},
		{"empty", "", "has no scheme"},
		{"unknown scheme", "http://ada:s3same@cache", `unknown scheme "http"`},
		{"port in words", "redis://ada:s3same@cache:port/0", "HOST:PORT"},
		{"broken escape", "redis://ada:s3%same@cache/0", "percent-encode"},
		{"control character", "redis://ada:s3same\x00@cache/0", "percent-encode"},
		{"slash in the password", "redis://ada:s3/same@cache/0", "%2F"},
		{"number before the slash", "redis://ada:3/s3same@cache/0", "%2F"},
		{"question mark", "redis://ada:3?s3same@cache/0", "%3F"},
		{"hash", "redis://ada:3#s3same@cache/0", "%23"},
		{"hash without host", "redis://cache/0#s3same", "behind #"},
		{"database in words", "redis://ada:s3same@cache/zero", "database number"},
		{"database twice", "redis://ada:s3same@cache/1/2", "invalid URL path"},
		{"the password again as database", "redis://ada:s3same@cache/s3same", "database number"},
		{"unknown option", "redis://ada:s3same@cache/0?colour=red", "unexpected option: colour"},
		{"password as option", "redis://cache/0?password=s3same", "unexpected option: password"},
		{"bad duration", "redis://ada:s3same@cache/0?read_timeout=soon", "read_timeout"},
		{"several hosts", "redis://ada:s3same@a:1,b:2/0", "several hosts"},
		{"socket without path", "unix://ada:s3same@", "empty unix socket path"},
		{"socket with two slashes", "unix://run/redis.sock", "three slashes"},
		{"sentinel without master", "redis-sentinel://ada:s3same@w1/0", "add ?master=NAME"},
		{"sentinel without host", "redis-sentinel://ada:s3same@/0?master=m", "empty or malformed"},
		{"sentinel with an empty host", "redis-sentinel://ada:s3same@w1,,w2/0?master=m", "empty or malformed"},
		{"sentinel port in words", "redis-sentinel://ada:s3same@w1:port/0?master=m", "empty or malformed"},
		{"sentinel broken escape", "redis-sentinel://ada:s3%same@w1/0?master=m", "percent-encode"},
		{"sentinel broken option", "redis-sentinel://w1/0?master=m&sentinel_password=s3%same", "percent-encode"},
		{"sentinel unknown option", "redis-sentinel://ada:s3same@w1/0?master=m&colour=red", "unexpected option: colour"},
		{"sentinel password as option", "redis-sentinel://w1/0?master=m&password=s3same", `"password"`},
		{"sentinel reads from replicas", "redis-sentinel://w1/0?master=m&replica_only=true", `"replica_only"`},
		{"sentinel database", "redis-sentinel://w1/s3same?master=m&sentinel_password=s3same", "database number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target, err := Parse(tt.raw)
			if err == nil {
				t.Fatalf("accepted as %s", target)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q does not say %q", err, tt.want)
			}
			for _, secret := range []string{"ada", "s3same", "same@"} {
				if strings.Contains(strings.ReplaceAll(err.Error(), "database", ""), secret) {
					t.Errorf("error %q shows %q", err, secret)
				}
			}
		})
	}
}
