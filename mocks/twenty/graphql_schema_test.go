package twenty

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// introspected is a type of an introspection, or a type that a member has.
type introspected struct {
	Kind, Name          string
	OfType              *introspected
	Fields, InputFields []introspectedMember
	EnumValues          []introspectedMember
}

type introspectedMember struct {
	Name string
	Type *introspected
	Args []introspectedMember
}

// String writes a type as the language does.
func (t *introspected) String() string {
	switch t.Kind {
	case "NON_NULL":
		return t.OfType.String() + "!"
	case "LIST":
		return "[" + t.OfType.String() + "]"
	}
	return t.Name
}

// TestTheSchemaOfRecordsIsTheRecordedOne compares names, types, arguments and order of all members
// with a recorded introspection, one member per line.
func TestTheSchemaOfRecordsIsTheRecordedOne(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/graphql-schema.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	want, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	srv := NewServer(t, fake.WithSeed("empty"))
	const query = `{"query":"{__schema{types{kind name fields(includeDeprecated:true){name args{name type{...T}} ` +
		`type{...T}} inputFields{name type{...T}} enumValues{name}}}} fragment T on __Type{kind name ofType{kind ` +
		`name ofType{kind name ofType{kind name ofType{kind name}}}}}"}`
	_, text := ask(t, srv, Key, "POST /graphql", query)
	var answer struct {
		Data struct {
			Schema struct{ Types []introspected } `json:"__schema"`
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, typ := range answer.Data.Schema.Types {
		fmt.Fprintf(&got, "%s %s\n", typ.Kind, typ.Name)
		for _, m := range append(append(typ.Fields, typ.InputFields...), typ.EnumValues...) {
			fmt.Fprintf(&got, "\t%s", m.Name)
			if m.Type != nil {
				fmt.Fprintf(&got, " %s", m.Type)
			}
			for _, a := range m.Args {
				fmt.Fprintf(&got, " %s:%s", a.Name, a.Type)
			}
			got.WriteByte('\n')
		}
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownMutationsAreValidatedLikeQueries(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	_, text := ask(t, srv, Key, "POST /graphql", `{"query":"mutation($d:FooCreateInput!){createFoo(data:$d){id}}"}`)
	const want = `{"errors":[{"message":"Unknown type \"FooCreateInput\".","locations":[{"line":1,"column":13}]},` +
		`{"message":"Cannot query field \"createFoo\" on type \"Mutation\".","locations":[{"line":1,"column":30}]}]}`
	if text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}
