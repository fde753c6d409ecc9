// Package jsonb has JSON as the vendor's database stores, prints and orders it, and as the answers of its server have
// it. A value is plain JSON (nil, bool, float64, string, []any, []string or map[string]any) or one of package js,
// whose objects keep the order of their keys; those of a map are in the order of a jsonb.
package jsonb
