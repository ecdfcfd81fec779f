// Command wait does nothing for as many seconds as its argument says.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		fail("usage: wait SECONDS")
	}
	seconds, err := strconv.ParseFloat(os.Args[1], 64)
	if err != nil {
		fail(err)
	}
	time.Sleep(time.Duration(seconds * float64(time.Second)))
}

func fail(why any) {
	fmt.Fprintln(os.Stderr, "wait:", why)
	os.Exit(2)
}
