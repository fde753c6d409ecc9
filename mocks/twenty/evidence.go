package twenty

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/fake"
)

// refusals.json lists the rules that the recordings show at an operation: operation → rule → case.
// A test of package fixtures generates it.
//
//go:embed refusals.json
var refusalsJSON []byte

var recordedRules = sync.OnceValue(func() (rules map[string]map[string]string) {
	if err := json.Unmarshal(refusalsJSON, &rules); err != nil {
		panic(err) // it is embedded
	}
	return rules
})

// mark implements Def.Evidence. A rule is recorded if a recording shows it at the same operation;
// at another operation the same rule is inferred.
func mark(r *fake.Request, e *fake.Error) (evidence, source string) {
	rules, here, rule := recordedRules(), "", cmp.Or(e.Rule, e.Error())
	if r.Op != nil {
		here = r.Op.ID
	}
	if name := rules[here][rule]; name != "" {
		return fake.Recorded, "fixtures/twenty/" + name
	}
	var elsewhere []string
	for _, operation := range slices.Sorted(maps.Keys(rules)) {
		if rules[operation][rule] != "" {
			elsewhere = append(elsewhere, operation)
		}
	}
	if len(elsewhere) > 0 {
		return fake.Inferred, "recorded at other operations: " + strings.Join(elsewhere, ", ")
	}
	return fake.Inferred, "no recording shows this rule"
}
