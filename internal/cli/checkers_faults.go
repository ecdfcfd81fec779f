//go:build faults && unix

package cli

import "github.com/seed306eabeb/muster/test/faults/trouble"

func init() { tagged = append(tagged, trouble.New()) }
