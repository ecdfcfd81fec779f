//go:build linux

package main

import (
	"fmt"
	"strings"
)

// rows are all, in the order of the page.
var rows = []*row{
	&oneMachine, &queueCost, &plainAsynq, &latency, &scaleOut, &memory, &redisCPU, &breakEven,
	&oneSchema, &sixChecks, &otherValidators, &manyFiles, &allFormats, &realTool, &moreSlots, &quickBesideSlow,
	&nothingChanged, &fewChanged, &cacheCost, &cacheMemory, &slowCached,
}

// choose is the row of a letter, or all for "".
func choose(letter string) ([]*row, error) {
	if letter == "" {
		return rows, nil
	}
	var letters []string
	for _, r := range rows {
		if r.letter == letter {
			return []*row{r}, nil
		}
		letters = append(letters, r.letter)
	}
	return nil, fmt.Errorf("there is no row %q: choose one of %s", letter, strings.Join(letters, ", "))
}
