//go:build unix

package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/internal/embedded"
)

// Authority signs certificates.
type Authority struct {
	CA   string // the file of its own certificate
	t    testing.TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	last int64
}

// NewAuthority makes one whose files last as long as the test.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t, dir: t.TempDir()}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	a.key = a.newKey()
	a.cert = a.sign(template, template, a.key, a.key)
	a.CA = a.write("ca.pem", "CERTIFICATE", a.cert.Raw)
	return a
}

// Issue makes a certificate for a host or IP, valid until then, and returns the files.
func (a *Authority) Issue(host string, until time.Time) (cert, key string) {
	a.t.Helper()
	a.last++
	template := &x509.Certificate{SerialNumber: big.NewInt(a.last + 1), Subject: pkix.Name{CommonName: "test"}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, NotBefore: time.Now().Add(-time.Hour), NotAfter: until}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	own := a.newKey()
	signed := a.sign(template, a.cert, own, a.key)
	raw, err := x509.MarshalPKCS8PrivateKey(own)
	a.must(err)
	name := strconv.FormatInt(a.last, 10)
	return a.write(name+".pem", "CERTIFICATE", signed.Raw), a.write(name+".key", "PRIVATE KEY", raw)
}

func (a *Authority) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *Authority) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.must(err)
	return key
}

func (a *Authority) sign(template, parent *x509.Certificate, own, by *ecdsa.PrivateKey) *x509.Certificate {
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &own.PublicKey, by)
	a.must(err)
	cert, err := x509.ParseCertificate(raw)
	a.must(err)
	return cert
}

func (a *Authority) write(name, kind string, raw []byte) string {
	path := filepath.Join(a.dir, name)
	a.must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600))
	return path
}

// Port starts a redis-server on a port of 127.0.0.1, with further flags, and returns its
// address and the URL of its socket. flag is "--port" or "--tls-port".
func Port(t testing.TB, flag string, args ...string) (addr, socket string) {
	t.Helper()
	need(t)
	dir, err := os.MkdirTemp("", "muster-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for try := 1; ; try++ {
		addr = freeAddr(t)
		_, port, _ := net.SplitHostPort(addr)
		p, err := embedded.Run(t.Context(), dir, append([]string{"--bind", "127.0.0.1", flag, port}, args...)...)
		if err == nil {
			t.Cleanup(p.Kill)
			return addr, p.URL()
		}
		if try == 5 { // another process may have taken the port meanwhile
			t.Fatal(err)
		}
	}
}

// TLS starts a redis-server that speaks TLS with a certificate of the authority. clients
// says whether it asks for certificates: no, optional or yes.
func (a *Authority) TLS(cert, key, clients string) (addr, socket string) {
	a.t.Helper()
	return Port(a.t, "--tls-port", "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", a.CA, "--tls-auth-clients", clients)
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
