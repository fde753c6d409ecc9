package table

import (
	"reflect"
	"sync"
	"time"
)

// Weigher is a row that estimates its own memory. Rows with unexported or shared parts implement
// it, because the general estimate follows every pointer.
type Weigher interface{ Weight() int }

// weight estimates the memory that a replaced row holds: its value, its JSON, and one path of each
// tree. It adds up the row's parts and encodes nothing: JSON that does not exist yet counts as much
// as the value. It also subtracts the row from held.
func (t *core) weight(row stored) int {
	const path = 512
	trees := path * (2 + len(t.indexes) + len(t.orders.all))
	value, text := row.weight(), row.encoded()
	if t.sizeOf != nil {
		t.data.held -= t.sizeOf(row)
		return value + text + trees
	}
	return value + max(text, value) + trees
}

func (r *Row[T]) weight() int {
	if own, ok := any(r.Value).(Weigher); ok {
		return own.Weight()
	}
	v := reflect.ValueOf(&r.Value).Elem()
	return int(v.Type().Size()) + behind(v)
}

// Weight estimates the memory of a plain value, including what it points to.
func Weight(v any) int {
	switch v := v.(type) {
	case nil:
		return 16
	case string:
		return 32 + len(v)
	case float64, bool, int64:
		return 24
	}
	of := reflect.ValueOf(v)
	return 16 + int(of.Type().Size()) + behind(of)
}

// behind estimates the memory that a value points to.
func behind(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return 0
		}
		return int(v.Elem().Type().Size()) + behind(v.Elem())
	case reflect.Struct:
		for _, i := range deepFields(v.Type()) {
			n += behind(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		return behindList(v)
	case reflect.Map:
		for each := v.MapRange(); each.Next(); {
			n += 16 + int(v.Type().Key().Size()+v.Type().Elem().Size()) + behind(each.Key()) + behind(each.Value())
		}
	}
	return n
}

func behindList(v reflect.Value) (n int) {
	if v.Kind() == reflect.Slice {
		n = v.Len() * int(v.Type().Elem().Size())
	}
	if !deep(v.Type().Elem()) {
		return n
	}
	for i := range v.Len() {
		n += behind(v.Index(i))
	}
	return n
}

// deepStructs caches the result of deepFields.
var deepStructs sync.Map // reflect.Type → []int

// deepFields returns the indexes of a struct's fields that are deep.
func deepFields(t reflect.Type) []int {
	if known, ok := deepStructs.Load(t); ok {
		return known.([]int)
	}
	var at []int
	if t != reflect.TypeFor[time.Time]() { // a time points to its zone, which all times share
		for i := range t.NumField() {
			if deep(t.Field(i).Type) {
				at = append(at, i)
			}
		}
	}
	deepStructs.Store(t, at)
	return at
}

// deep reports whether a value of this type can point to memory that belongs to it alone.
func deep(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		return true
	case reflect.Array:
		return deep(t.Elem())
	case reflect.Struct:
		return len(deepFields(t)) > 0
	}
	return false
}

// Held returns the bytes held by rows that report a size, such as uploaded files.
func (t *core) Held() int { return t.data.held }

// Replaced returns the bytes of all rows ever removed or replaced. It only grows.
func (t *core) Replaced() int { return t.replaced }
