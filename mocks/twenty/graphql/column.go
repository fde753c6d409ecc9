package graphql

import "github.com/afba07b5/mockserver/mocks/twenty/record"

// appendColumn writes one column of a record as answers print it.
func appendColumn(out []byte, r *record.Record, c *record.Column) []byte {
	if c.Sub == "" {
		return r.AppendField(out, c.Name)
	}
	return r.AppendSub(out, c.Name, c.Sub)
}
