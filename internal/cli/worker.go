package cli

import (
	"crypto/rand"
	"fmt"
	"os"
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
