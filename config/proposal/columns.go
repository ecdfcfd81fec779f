package proposal

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// column is all that the documents of a kind's sample have in one place.
type column struct {
	selector string
	key      string // the last key on the way to it
	listed   bool   // documents may have several
	cells    []cell
}

type cell struct {
	file string
	text string
}

// instance is a value of one of the documents.
type instance struct {
	file  string
	value any
}

// most are bounds of what is looked for in documents.
const (
	mostLevels = 6
	mostCells  = 100_000
	// manyKeys are those of a mapping whose keys people choose.
	manyKeys = 8
)

// columnsOf are the columns of texts and numbers, in the order of their selectors.
func columnsOf(sample []sampled) []column {
	var roots []instance
	for _, one := range sample {
		for _, doc := range one.docs {
			roots = append(roots, instance{one.file, doc.Value()})
		}
	}
	var all []column
	explore(column{}, roots, mostLevels, &all)
	return all
}

func explore(at column, here []instance, levels int, all *[]column) {
	if levels == 0 || len(here) > mostCells {
		return
	}
	var items, maps []instance
	for _, i := range here {
		switch v := i.value.(type) {
		case []any:
			for _, item := range v {
				items = append(items, instance{i.file, item})
			}
		case map[string]any:
			maps = append(maps, i)
		default:
			if text, ok := textOf(v); ok && at.selector != "" {
				at.cells = append(at.cells, cell{i.file, text})
			}
		}
	}
	if len(at.cells) > 0 {
		*all = append(*all, at)
	}
	if len(items) > 0 && at.selector != "" {
		explore(column{selector: at.selector + "[*]", key: at.key, listed: true}, items, levels-1, all)
	}
	exploreKeys(at, maps, levels-1, all)
}

func exploreKeys(at column, here []instance, levels int, all *[]column) {
	byKey := map[string][]instance{}
	most := 0
	for _, i := range here {
		for key, value := range i.value.(map[string]any) {
			byKey[key] = append(byKey[key], instance{i.file, value})
			most = max(most, len(byKey[key]))
		}
	}
	if len(byKey) > manyKeys && most*2 <= len(here) {
		var values []instance
		for _, key := range slices.Sorted(maps.Keys(byKey)) {
			values = append(values, byKey[key]...)
		}
		explore(column{selector: joinSelector(at.selector, "*"), key: at.key, listed: true}, values, levels, all)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		explore(column{selector: selectKey(at.selector, key), key: key, listed: at.listed}, byKey[key], levels, all)
	}
}

// shorthand is a key that a selector names without quotes.
var shorthand = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func selectKey(selector, key string) string {
	if shorthand.MatchString(key) {
		return joinSelector(selector, key)
	}
	return selector + "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(key) + "']"
}

func joinSelector(selector, key string) string {
	if selector == "" {
		return key
	}
	return selector + "." + key
}

// textOf is a scalar as a key of claims.
func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, v != ""
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// distinct are the column's different texts.
func (c column) distinct() map[string]bool {
	all := map[string]bool{}
	for _, one := range c.cells {
		all[one.text] = true
	}
	return all
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// isUUIDs says whether all texts are UUIDs.
func (c column) isUUIDs() bool {
	return !slices.ContainsFunc(c.cells, func(one cell) bool { return !uuid.MatchString(one.text) })
}
