package table

import (
	"encoding/binary"
	"strings"

	"github.com/tidwall/btree"
)

type index struct {
	name   string
	unique bool
	keys   func(stored) []string
}

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
	seq := row.own().seq
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

// keyEnd is the length of what follows the value in the key of an index.
const keyEnd = 9

func indexKey(value string, seq uint64) string {
	return string(appendEnd(append(make([]byte, 0, len(value)+keyEnd), value...), seq))
}

// appendEnd ends a key, which has the number of the row, because rows may share a value.
func appendEnd(key []byte, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(append(key, 0), seq)
}
