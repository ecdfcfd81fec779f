package redisconn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// probeTimeout bounds the look at a server that gives no usable answer.
	probeTimeout = 700 * time.Millisecond
	// probeStep is how long one question of that look may take: a plain Redis does not
	// answer the first message of TLS, it waits for more.
	probeStep = 300 * time.Millisecond
)

// fault is why a server cannot be used as it was addressed. Waiting does not mend it.
type fault struct {
	is, do string // what is, what to do
	cause  error
}

func (f *fault) Error() string { return f.is + ": " + f.do }

func (f *fault) Unwrap() error { return f.cause }

// diagnose says why a server gives no usable answer, nil if that cannot be seen.
func (t Target) diagnose(ctx context.Context, cause error) *fault {
	if f := certificateFault(cause); f != nil {
		return f
	}
	if reply := (redis.Error)(nil); errors.As(cause, &reply) {
		return nil // it did answer
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	for _, addr := range t.ports() {
		probe := probePlain
		if t.tls() != nil {
			probe = t.probeTLS
		}
		if f := probe(ctx, addr); f != nil {
			f.cause = cause
			return f
		}
	}
	return nil
}

// ports are the TCP addresses that are spoken to first.
func (t Target) ports() []string {
	switch {
	case t.failover != nil:
		return t.failover.SentinelAddrs
	case t.single.Network == "tcp":
		return []string{t.single.Addr}
	}
	return nil
}

// certificateFault says what is wrong with a server's certificate.
func certificateFault(err error) *fault {
	invalid, name, unknown := x509.CertificateInvalidError{}, x509.HostnameError{}, x509.UnknownAuthorityError{}
	why := func(err error) string { return strings.TrimPrefix(err.Error(), "x509: ") }
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &fault{"has a certificate that has expired or is not valid yet (" + invalid.Detail + ")", "renew it, or set this machine's clock", err}
	case errors.As(err, &name):
		return &fault{"has a certificate for another name (" + why(name) + ")", "put a name of the certificate into the address, or give the server one for this name", err}
	case errors.As(err, &unknown):
		return &fault{"has a certificate that is not trusted (" + why(unknown) + ")", "name the CA's certificate with --redis-ca FILE, or with ca=FILE in the address", err}
	}
	if other := (*tls.CertificateVerificationError)(nil); errors.As(err, &other) {
		return &fault{"has a certificate that cannot be used (" + why(other.Err) + ")", "give the server another one", err}
	}
	return nil
}

// probePlain says whether a server that was spoken to without TLS wants TLS.
func probePlain(ctx context.Context, addr string) *fault {
	conn, err := dialProbe(ctx, addr)
	if err != nil {
		return nil
	}
	defer conn.Close()
	// The certificate does not matter: nothing is sent.
	err = handshake(ctx, tls.Client(conn, &tls.Config{InsecureSkipVerify: true, ServerName: hostOf(addr)}))
	if err == nil || isAlert(err) {
		return &fault{is: "wants TLS", do: "use rediss:// (or rediss-sentinel://)"}
	}
	return nil
}

// probeTLS says why a server gives no usable answer over TLS.
func (t Target) probeTLS(ctx context.Context, addr string) *fault {
	conn, err := dialProbe(ctx, addr)
	if err != nil {
		return nil
	}
	defer conn.Close()
	config, asked := t.tls().Clone(), false
	if config.ServerName == "" {
		config.ServerName = hostOf(addr)
	}
	own := config.Certificates
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		if len(own) == 0 {
			return &tls.Certificate{}, nil
		}
		return &own[0], nil
	}
	secure := tls.Client(conn, config)
	err = handshake(ctx, secure)
	switch f := certificateFault(err); {
	case f != nil:
		return f
	case err == nil && asked:
		err = refusal(secure)
	case err != nil && !isAlert(err):
		if speaksRedis(ctx, addr) {
			return &fault{is: "does not speak TLS", do: "use redis:// (or redis-sentinel://)"}
		}
		return nil
	}
	switch {
	case !asked:
		return nil
	case len(own) == 0:
		return &fault{is: "asks for a client certificate, and there is none", do: "pass --redis-cert FILE and --redis-key FILE, or cert=FILE&key=FILE in the address"}
	case isAlert(err):
		return &fault{is: "does not accept the client certificate (" + err.Error() + ")", do: "pass one with --redis-cert that its CA has signed"}
	}
	return nil
}

// refusal waits for what a server says that does not accept the client's certificate: with
// TLS 1.3 it says so after the handshake.
func refusal(conn *tls.Conn) error {
	_ = conn.SetReadDeadline(time.Now().Add(probeStep))
	_, err := conn.Read(make([]byte, 1))
	return err
}

// speaksRedis says whether a server answers as a Redis does when it is asked without TLS.
func speaksRedis(ctx context.Context, addr string) bool {
	conn, err := dialProbe(ctx, addr)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(probeStep))
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return false
	}
	answer := make([]byte, 1)
	_, err = io.ReadFull(conn, answer)
	return err == nil && (answer[0] == '+' || answer[0] == '-')
}

func dialProbe(ctx context.Context, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, probeStep)
	defer cancel()
	return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
}

func handshake(ctx context.Context, conn *tls.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, probeStep)
	defer cancel()
	return conn.HandshakeContext(ctx)
}

// isAlert says whether an error is what the other side of a TLS connection objects to.
func isAlert(err error) bool {
	op := (*net.OpError)(nil)
	return errors.As(err, &op) && op.Op == "remote error"
}

func hostOf(addr string) string {
	host, _, _ := net.SplitHostPort(addr)
	return host
}
