package table

import (
	"strings"

	"github.com/tidwall/btree"
)

func (t *core) clash(ix index, tree *btree.Map[string, uint64], row stored, own uint64) error {
	if !ix.unique {
		return nil
	}
	for _, value := range ix.keys(row) {
		var err error
		under(tree, value, func(seq uint64) bool {
			if seq != own {
				err = &ConflictError{Table: t.name, Index: ix.name, Value: value, ID: t.id(t.data.at(seq))}
			}
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func enter(ix index, tree *btree.Map[string, uint64], row stored) {
	seq := *row.number()
	for _, value := range ix.keys(row) {
		tree.Set(indexKey(value, seq), seq)
	}
}

// under visits what a tree holds under a value.
func under(tree *btree.Map[string, uint64], value string, visit func(seq uint64) bool) {
	prefix := value + "\x00"
	tree.Ascend(prefix, func(key string, seq uint64) bool {
		if !strings.HasPrefix(key, prefix) {
			return false
		}
		return len(key) != len(prefix)+8 || visit(seq) // a longer key belongs to a value with a zero byte
	})
}
