package table

// IndexFrom makes queries build indexes from so many rows on.
func (t *Table[T]) IndexFrom(rows int) *Table[T] {
	t.core.(*core).orders.demand.few = rows
	return t
}
