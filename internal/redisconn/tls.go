package redisconn

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// Files name the PEM files of connections over TLS; "" is none. CA holds the certificates
// of the authorities that are trusted instead of the system's. Cert and Key identify this
// program, and go together.
type Files struct{ CA, Cert, Key string }

// FileError says what is wrong with one of Files. Its text names the flag, or the option
// of the address, and the file, and holds nothing of what stands in the file.
type FileError struct{ text string }

func (e *FileError) Error() string { return e.text }

// pemFile is a file by the name under which the user gave it.
type pemFile struct {
	label string // what stands before the name
	name  string
}

func (f pemFile) errorf(format string, args ...any) error {
	return &FileError{fmt.Sprintf("%s%s: %s", f.label, f.name, fmt.Sprintf(format, args...))}
}

// read refuses a value that is not a name but the text of a file: no message may show it.
func (f pemFile) read() ([]byte, error) {
	if strings.ContainsAny(f.name, "\n\r") || strings.Contains(f.name, "-----BEGIN") {
		return nil, &FileError{strings.TrimSpace(f.label) + ": want the name of a PEM file, not what stands in it"}
	}
	b, err := os.ReadFile(f.name)
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	if err != nil {
		return nil, f.errorf("cannot be read: %v", err)
	}
	return b, nil
}

// fileOptions are the options of an address that name Files.
var fileOptions = []string{"ca", "cert", "key"}

// pemFiles are the files of one address.
type pemFiles struct{ ca, cert, key pemFile }

// cutFiles takes the files out of the options of an address. Those of flags go first.
func cutFiles(q url.Values, flags Files) pemFiles {
	given := []string{flags.CA, flags.Cert, flags.Key}
	all := make([]pemFile, len(fileOptions))
	for i, option := range fileOptions {
		all[i] = pemFile{"--redis-" + option + " ", given[i]}
		if given[i] == "" {
			all[i] = pemFile{"redis address: " + option + "=", q.Get(option)}
		}
		q.Del(option)
	}
	return pemFiles{all[0], all[1], all[2]}
}

// configure makes a TLS configuration use the files. It is nil where the address means a
// connection without TLS.
func (f pemFiles) configure(c *tls.Config) error {
	for _, file := range []pemFile{f.ca, f.cert, f.key} {
		if file.name != "" && c == nil {
			return &FileError{strings.TrimRight(file.label, " =") + " is for connections over TLS: use rediss:// or rediss-sentinel://"}
		}
	}
	if f.ca.name != "" {
		b, err := f.ca.read()
		if err != nil {
			return err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(b) {
			return f.ca.errorf("holds no certificate in PEM form")
		}
	}
	switch {
	case f.cert.name == "" && f.key.name == "":
		return nil
	case f.key.name == "":
		return f.cert.errorf("the key of the certificate is missing: pass --redis-key, too")
	case f.cert.name == "":
		return f.key.errorf("the certificate of the key is missing: pass --redis-cert, too")
	}
	pair, err := f.pair()
	c.Certificates = []tls.Certificate{pair}
	return err
}

// pair reads the certificate with its key.
func (f pemFiles) pair() (none tls.Certificate, err error) {
	cert, err := f.cert.read()
	if err != nil {
		return none, err
	}
	key, err := f.key.read()
	if err != nil {
		return none, err
	}
	if !hasBlock(cert, "CERTIFICATE") {
		return none, f.cert.errorf("holds no certificate in PEM form")
	}
	switch {
	case hasBlock(key, "ENCRYPTED PRIVATE KEY") || strings.Contains(string(key), "Proc-Type: 4,ENCRYPTED"):
		return none, f.key.errorf("the key is encrypted: write it without a passphrase, in a file that only this user may read")
	case !hasBlock(key, "PRIVATE KEY"):
		return none, f.key.errorf("holds no private key in PEM form")
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return none, f.key.errorf("cannot be used with %s%s: %s", f.cert.label, f.cert.name, strings.TrimPrefix(err.Error(), "tls: "))
	}
	return pair, nil
}

// hasBlock says whether a PEM file has a block whose type ends with kind.
func hasBlock(text []byte, kind string) bool {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, kind) {
			return true
		}
	}
	return false
}

// tls is how connections to the target are secured, nil for not at all.
func (t Target) tls() *tls.Config {
	if t.failover != nil {
		return t.failover.TLSConfig
	}
	return t.single.TLSConfig
}
