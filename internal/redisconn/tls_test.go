package redisconn_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/test/redistest"
)

// pinged says what Ping returns for an address, which it must within two seconds.
func pinged(t *testing.T, address string, files redisconn.Files) error {
	t.Helper()
	target, err := redisconn.ParseTLS(address, files)
	if err != nil {
		t.Fatal(err)
	}
	c := target.Dial(redisconn.Options{})
	defer c.Close()
	start := time.Now()
	err = c.Ping(t.Context())
	if waited := time.Since(start); waited > 2500*time.Millisecond {
		t.Errorf("it took %v to say %v", waited, err)
	}
	return err
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca, other := redistest.NewAuthority(t), redistest.NewAuthority(t)
	soon := time.Now().Add(time.Hour)
	goodCert, goodKey := ca.Issue("127.0.0.1", soon)
	oldCert, oldKey := ca.Issue("127.0.0.1", time.Now().Add(-time.Minute))
	otherCert, otherKey := ca.Issue("queue.internal", soon)
	strangerCert, strangerKey := other.Issue("client", soon)
	good, _ := ca.TLS(goodCert, goodKey, "no")
	strict, _ := ca.TLS(goodCert, goodKey, "yes")
	expired, _ := ca.TLS(oldCert, oldKey, "no")
	misnamed, _ := ca.TLS(otherCert, otherKey, "no")
	plain, _ := redistest.Port(t, "--port")
	trusting := redisconn.Files{CA: ca.CA}
	for _, tt := range []struct {
		name, address string
		files         redisconn.Files
		want          string // "" for an answer
	}{
		{"a flag's CA", "rediss://" + good, trusting, ""},
		{"the address's CA", "rediss://" + good + "?ca=" + ca.CA, redisconn.Files{}, ""},
		{"the flag goes first", "rediss://" + good + "?ca=" + other.CA, trusting, ""},
		{"client certificate", "rediss://" + strict, redisconn.Files{CA: ca.CA, Cert: goodCert, Key: goodKey}, ""},
		{"client certificate in the address", "rediss://" + strict + "?ca=" + ca.CA + "&cert=" + goodCert + "&key=" + goodKey, redisconn.Files{}, ""},
		{"TLS to a plain port", "rediss://" + plain, trusting,
			"the server at rediss://" + plain + "/0 does not speak TLS: use redis://"},
		{"plain to a TLS port", "redis://" + good, redisconn.Files{},
			"the server at redis://" + good + "/0 wants TLS: use rediss://"},
		{"plain to a TLS port that asks for certificates", "redis://" + strict, redisconn.Files{}, "wants TLS: use rediss://"},
		{"not trusted", "rediss://" + good, redisconn.Files{}, "has a certificate that is not trusted"},
		{"another CA", "rediss://" + good, redisconn.Files{CA: other.CA}, "name the CA's certificate with --redis-ca"},
		{"expired", "rediss://" + expired, trusting, "has a certificate that has expired"},
		{"another name", "rediss://" + misnamed, trusting, "has a certificate for another name"},
		{"no client certificate", "rediss://" + strict, trusting, "asks for a client certificate, and there is none: pass --redis-cert"},
		{"a stranger's client certificate", "rediss://" + strict, redisconn.Files{CA: ca.CA, Cert: strangerCert, Key: strangerKey},
			"does not accept the client certificate"},
		{"Sentinel over TLS on a plain port", "rediss-sentinel://" + plain + "/0?master=m", trusting, "does not speak TLS"},
		{"Sentinel on a TLS port", "redis-sentinel://" + good + "/0?master=m", redisconn.Files{}, "wants TLS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := pinged(t, tt.address, tt.files)
			unreachable := (*redisconn.UnreachableError)(nil)
			switch {
			case tt.want == "" && err == nil:
			case tt.want == "" || err == nil:
				t.Errorf("error = %v, want %q", err, tt.want)
			case !errors.As(err, &unreachable) || !strings.Contains(err.Error(), tt.want):
				t.Errorf("error = %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func TestFilesAreNamedAndNotShown(t *testing.T) {
	t.Parallel()
	ca := redistest.NewAuthority(t)
	cert, key := ca.Issue("a", time.Now().Add(time.Hour))
	_, otherKey := ca.Issue("b", time.Now().Add(time.Hour))
	text, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	none, garbage := filepath.Join(dir, "none"), write("garbage", "s3same")
	encrypted := write("encrypted", strings.ReplaceAll(string(text), "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"))
	broken := write("broken", "-----BEGIN PRIVATE KEY-----\ns3same\n-----END PRIVATE KEY-----\n")
	for _, tt := range []struct {
		name, address string
		files         redisconn.Files
		want          string
	}{
		{"absent CA", "rediss://h", redisconn.Files{CA: none}, "--redis-ca " + none + ": cannot be read: no such file"},
		{"absent CA of the address", "rediss://h?ca=" + none, redisconn.Files{}, "redis address: ca=" + none + ": cannot be read"},
		{"folder as CA", "rediss://h", redisconn.Files{CA: dir}, "--redis-ca " + dir + ": cannot be read: is a directory"},
		{"garbage as CA", "rediss://h", redisconn.Files{CA: garbage}, "--redis-ca " + garbage + ": holds no certificate"},
		{"key as CA", "rediss://h", redisconn.Files{CA: key}, "--redis-ca " + key + ": holds no certificate"},
		{"certificate alone", "rediss://h", redisconn.Files{Cert: cert}, "--redis-cert " + cert + ": the key of the certificate is missing: pass --redis-key"},
		{"key alone", "rediss://h", redisconn.Files{Key: key}, "--redis-key " + key + ": the certificate of the key is missing"},
		{"absent certificate", "rediss://h", redisconn.Files{Cert: none, Key: key}, "--redis-cert " + none + ": cannot be read"},
		{"absent key", "rediss://h", redisconn.Files{Cert: cert, Key: none}, "--redis-key " + none + ": cannot be read"},
		{"swapped", "rediss://h", redisconn.Files{Cert: key, Key: cert}, "--redis-cert " + key + ": holds no certificate"},
		{"certificate twice", "rediss://h", redisconn.Files{Cert: cert, Key: cert}, "--redis-key " + cert + ": holds no private key"},
		{"another's key", "rediss://h", redisconn.Files{Cert: cert, Key: otherKey}, "--redis-key " + otherKey + ": cannot be used with --redis-cert " + cert},
		{"encrypted key", "rediss://h", redisconn.Files{Cert: cert, Key: encrypted}, "--redis-key " + encrypted + ": the key is encrypted"},
		{"broken key", "rediss://h", redisconn.Files{Cert: cert, Key: broken}, "--redis-key " + broken},
		{"the key itself", "rediss://h", redisconn.Files{Cert: cert, Key: string(text)}, "--redis-key: want the name of a PEM file"},
		{"without TLS", "redis://h", redisconn.Files{CA: ca.CA}, "--redis-ca is for connections over TLS: use rediss://"},
		{"without TLS, in the address", "redis://h?cert=" + cert, redisconn.Files{}, "redis address: cert is for connections over TLS"},
		{"socket", "unix:///run/redis.sock", redisconn.Files{CA: ca.CA}, "--redis-ca is for connections over TLS"},
		{"Sentinel without TLS", "redis-sentinel://h/0?master=m&ca=" + ca.CA, redisconn.Files{}, "use rediss:// or rediss-sentinel://"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := redisconn.ParseTLS(tt.address, tt.files)
			about := (*redisconn.FileError)(nil)
			if !errors.As(err, &about) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error = %v, want %q", err, tt.want)
			}
			for line := range strings.Lines(string(text)) {
				if strings.Contains(err.Error(), strings.TrimSpace(line)) {
					t.Errorf("error %q shows a part of a key", err)
				}
			}
			if strings.Contains(err.Error(), "s3same") {
				t.Errorf("error %q shows what stands in the file", err)
			}
		})
	}
}
