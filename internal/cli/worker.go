package cli

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/user"
	"strings"
)

// WorkerName names this process in verdicts: host, process, and a part of its
// own, for containers share hosts' names and process IDs.
func WorkerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), strings.ToLower(rand.Text()[:6]))
}

// Operator names whoever calls a command: the user and the host.
func Operator() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return name + "@" + host
}
