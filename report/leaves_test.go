package report

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
)

// leaf is a text, a number, a truth or a time somewhere in a report.
type leaf struct {
	path string // as in "Summary.Errs[].Findings[].Place.File"
	kin  string // its type and name, as in "Place.File"
	set  func(reflect.Value)
	get  func() reflect.Value
}

// leaves visits all that a value holds.
func leaves(v reflect.Value, path, kin string, visit func(leaf)) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		visit(leaf{path, kin, v.Set, func() reflect.Value { return v }})
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			leaves(v.Elem(), path, kin, visit)
		}
	case v.Kind() == reflect.Struct:
		for f := range v.Type().Fields() {
			if f.Type == reflect.TypeFor[aggregator.Summary]() { // its fields are those of the summary
				leaves(v.FieldByIndex(f.Index), path, kin, visit)
				continue
			}
			leaves(v.FieldByIndex(f.Index), strings.TrimPrefix(path+"."+f.Name, "."), v.Type().Name()+"."+f.Name, visit)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			leaves(v.Index(i), path+"[]", kin, visit)
		}
	case v.Kind() == reflect.Map:
		entries(v, path, kin, visit)
	default:
		visit(leaf{path, kin, v.Set, func() reflect.Value { return v }})
	}
}

// entries visits the keys and the values of a map.
func entries(m reflect.Value, path, kin string, visit func(leaf)) {
	for _, key := range m.MapKeys() {
		now := key
		visit(leaf{path + "[] key", kin, func(to reflect.Value) {
			value := m.MapIndex(now)
			m.SetMapIndex(now, reflect.Value{})
			m.SetMapIndex(to, value)
			now = to
		}, func() reflect.Value { return now }})
		visit(leaf{path + "[]", kin, func(to reflect.Value) { m.SetMapIndex(key, to) }, func() reflect.Value { return m.MapIndex(key) }})
	}
}

// change gives the leaf a value that stands nowhere else, and returns how a format would
// write that as it is ("" for a truth), and what brings the former value back.
func (l leaf) change(t *testing.T) (shown string, undo func()) {
	t.Helper()
	to := reflect.New(l.get().Type()).Elem()
	before := reflect.New(to.Type()).Elem()
	before.Set(l.get())
	switch to.Kind() {
	case reflect.String:
		shown = "zqxjv"
		to.SetString(shown)
	case reflect.Int:
		shown = "773"
		to.SetInt(773)
	case reflect.Bool:
		to.SetBool(!before.Bool())
	case reflect.Struct:
		at := time.Date(2031, 7, 8, 9, 10, 11, 0, time.UTC)
		shown = at.Format(time.RFC3339)
		to.Set(reflect.ValueOf(at))
	default:
		t.Fatalf("%s is a %s, which leaf.change does not know", l.path, to.Kind())
	}
	l.set(to)
	return shown, func() { l.set(before) }
}

// fill gives every text in v, to any depth, the next of the texts, every number another one,
// and every list two elements.
func fill(v reflect.Value, text func() string, number *int) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		*number++
		v.Set(reflect.ValueOf(started.Add(time.Duration(*number) * time.Hour)))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text, number)
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, text, number)
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), text, number)
		fill(v.Index(1), text, number)
	case v.Kind() == reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, text, number)
		fill(value, text, number)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case v.Kind() == reflect.String:
		v.SetString(text())
	case v.Kind() == reflect.Int:
		*number++
		v.SetInt(int64(*number))
	}
}
