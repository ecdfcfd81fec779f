package tera

import (
	"context"
	"testing"
)

// vars are what most tests render with: the shape that a service's template sees.
func vars() map[string]any {
	return map[string]any{
		"service": "shop", "region": "eu-1", "environment": "dev", "namespace": "apps", "cluster": "k-1",
		"base_urls": map[string]any{"services": "https://svc.example", "eu-1": "https://eu.example"},
		"env":       map[string]any{"LOG": "info", "EMPTY": "", "A.B": "dotted"},
		"kong": map[string]any{
			"base_url": "kong.example",
			"tcp_log":  map[string]any{"enabled": true, "port": "9000"},
			"expiry":   uint64(1800),
		},
		"kafka": nil,
		"xs":    []any{"b", "a", "c"},
		"ns":    []any{int64(3), int64(1), int64(2)},
		"items": []any{
			map[string]any{"name": "one", "kind": "x", "size": int64(2)},
			map[string]any{"name": "two", "kind": "y", "size": int64(1)},
			map[string]any{"name": "three", "kind": "x", "size": int64(3)},
		},
		"big":  uint64(18446744073709551615),
		"half": 0.5,
		"yes":  true,
	}
}

// render parses and renders src as a config file.
func render(src string) (string, *Error) {
	t, err := Parse(src, Options{File: true})
	if err != nil {
		return "", err
	}
	return t.Render(context.Background(), vars())
}

type rendering struct{ src, want string }

func wantRenderings(t *testing.T, cases []rendering) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.src, func(t *testing.T) {
			t.Parallel()
			got, err := render(c.src)
			if err != nil {
				t.Fatalf("%v", err)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

type failure struct{ src, want string } // want is the error with its position

func wantFailures(t *testing.T, cases []failure, syntax bool) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.src, func(t *testing.T) {
			t.Parallel()
			got, err := render(c.src)
			if err == nil {
				t.Fatalf("rendered %q, want the error %q", got, c.want)
			}
			if err.Error() != c.want {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
			if err.Syntax != syntax {
				t.Errorf("Syntax is %v, want %v", err.Syntax, syntax)
			}
		})
	}
}
