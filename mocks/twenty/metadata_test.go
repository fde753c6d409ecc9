package twenty

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

const rocket = `{"nameSingular":"rocket","namePlural":"rockets","labelSingular":"Rocket","labelPlural":"Rockets"}`

// create posts a body and returns the identifier of the new object.
func create(tb testing.TB, srv *fake.TestServer, path, body string) string {
	tb.Helper()
	status, answer := ask(tb, srv, Key, "POST "+path, body)
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(answer), &made); status != 201 || err != nil || made.ID == "" {
		tb.Fatalf("POST %s %s: %d %s", path, body, status, answer)
	}
	return made.ID
}

func TestACustomObjectIsThereAtOnceAndGoesWithItsData(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	id := create(t, srv, "/rest/metadata/objects", rocket)
	create(t, srv, "/rest/metadata/fields",
		`{"objectMetadataId":"`+id+
			`","type":"SELECT","name":"state","label":"State","defaultValue":"'NEW'","options":[{"label":"New",`+
			`"value":"NEW","position":0,"color":"red"}]}`)
	if status, body := ask(t, srv, Key, "POST /rest/rockets", `{"name":"Saturn"}`); status != 201 ||
		!strings.Contains(body, `"state":"NEW"`) {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := ask(t, srv, Key, `GET /rest/rockets?filter=state[eq]:NEW&order_by=name`, ""); status != 200 ||
		!strings.Contains(body, `"totalCount":1`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body := ask(t, srv, Key, "GET /rest/open-api/core", ""); status != 200 ||
		!strings.Contains(body, `"/rockets/{id}"`) || !strings.Contains(body, `"enum":["NEW"]`) {
		t.Errorf("%d %.200s", status, body)
	}
	_, views := ask(t, srv, Key, "GET /rest/metadata/views?objectMetadataId="+id, "")
	if strings.Count(views, `"key":"INDEX"`) != 1 || !strings.Contains(views, `"Rocket Record Page Fields"`) {
		t.Errorf("views: %.300s", views)
	}
	if status, _ := ask(t, srv, Key, "DELETE /rest/metadata/objects/"+id, ""); status != 200 {
		t.Fatal("not deleted")
	}
	if status, body := ask(t, srv, Key, "GET /rest/rockets", ""); status != 400 ||
		!strings.Contains(body, "object 'rockets' not found. eg: companies") {
		t.Errorf("%d %s", status, body)
	}
	for _, table := range []string{"objects", "fields", "views", "viewFields"} {
		for _, row := range srv.Rows(table) {
			if strings.Contains(string(row), id) || strings.Contains(string(row), "targetRocket") {
				t.Errorf("%s keeps %s", table, row)
			}
		}
	}
	again := create(t, srv, "/rest/metadata/objects", rocket)
	if status, body := ask(t, srv, Key, "GET /rest/rockets", ""); again == id || status != 200 ||
		!strings.Contains(body, `"totalCount":0`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestARelationHasTwoSides(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	id := create(t, srv, "/rest/metadata/objects", rocket)
	field := create(t, srv, "/rest/metadata/fields",
		`{"objectMetadataId":"`+id+
			`","type":"RELATION","name":"maker","label":"Maker","relationCreationPayload":{"type":"MANY_TO_ONE",`+
			`"targetObjectMetadataId":"1effed75-5a5e-45da-9c11-a5ec750ce9a4",`+
			`"targetFieldLabel":"Rockets built","targetFieldIcon":"IconRocket"}}`)
	_, company := ask(t, srv, Key, "GET /rest/metadata/objects/1effed75-5a5e-45da-9c11-a5ec750ce9a4", "")
	if !strings.Contains(company, `"name":"rocketsBuilt"`) ||
		!strings.Contains(company, `"description":"Companies Rocket"`) {
		t.Errorf("the company has no other side: %s", company)
	}
	if status, _ := ask(t, srv, Key, "DELETE /rest/metadata/fields/"+field, ""); status != 200 {
		t.Fatal("not deleted")
	}
	if _, company = ask(t, srv, Key, "GET /rest/metadata/objects/1effed75-5a5e-45da-9c11-a5ec750ce9a4",
		""); strings.Contains(company, "rocketsBuilt") {
		t.Error("the other side stayed")
	}
}

func TestTheDataModelRefuses(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const company = `"objectMetadataId":"1effed75-5a5e-45da-9c11-a5ec750ce9a4"`
	for _, c := range []struct {
		name, line, body string
		want             int
		wantBody         string
	}{
		{"a name that is taken", "POST /rest/metadata/objects",
			`{"nameSingular":"person","namePlural":"persons","labelSingular":"P","labelPlural":"Ps"}`, 400,
			`"OBJECT_ALREADY_EXISTS"`},
		{"names that differ by case alone", "POST /rest/metadata/objects",
			`{"nameSingular":"boX","namePlural":"box","labelSingular":"B","labelPlural":"Bs"}`, 400,
			`"message":"The singular and plural names cannot be the same for an object",` +
				`"userFriendlyMessage":"The singular and plural names cannot be the same for an object",` +
				`"value":"box"`},
		{"a label beyond 63", "POST /rest/metadata/objects",
			`{"nameSingular":"box","namePlural":"boxes","labelSingular":"` + strings.Repeat("B", 64) +
				`","labelPlural":"Bs"}`, 400, `"message":"Object label is too long"`},
		{"what a standard object keeps", "PATCH /rest/metadata/objects/1effed75-5a5e-45da-9c11-a5ec750ce9a4",
			`{"nameSingular":"company","labelIdentifierFieldMetadataId":null,"isLabelSyncedWithName":false}`, 400,
			"properties: isLabelSyncedWithName, nameSingular, labelIdentifierFieldMetadataId"},
		{"what a standard field keeps", "PATCH /rest/metadata/fields/809c76f6-f577-4bdc-84e8-9a5eac8f6705",
			`{"name":"name","label":"N","isLabelSyncedWithName":false}`, 403,
			"Cannot edit standard field metadata properties: isLabelSyncedWithName, name"},
		{"labels in small letters, and blanks", "POST /rest/metadata/objects",
			`{"nameSingular":" tub","namePlural":"tubs","labelSingular":"hot  tub","labelPlural":"éa"}`, 201,
			`"labelPlural":"Éa","labelSingular":"Hot tub","namePlural":"tubs","nameSingular":"tub"`},
		{"a label that is emptied", "PATCH /rest/metadata/objects/1effed75-5a5e-45da-9c11-a5ec750ce9a4",
			`{"labelPlural":""}`, 400, `"message":"Object label is too short"`},
		{"an object elsewhere", "POST /rest/metadata/objects",
			`{"nameSingular":"box","namePlural":"boxes","labelSingular":"B","labelPlural":"Bs","isRemote":true}`, 400,
			`"message":"Remote objects are not supported yet"`},
		{"a field type nobody makes", "POST /rest/metadata/fields",
			`{` + company + `,"type":"NUMERIC","name":"n","label":"N"}`, 400, "Use NUMBER instead."},
		{"a default that the database refuses", "POST /rest/metadata/fields",
			`{` + company + `,"type":"TEXT","name":"t","label":"T","defaultValue":"bare"}`, 500,
			`"Migration action 'create' for 'fieldMetadata'`},
		{"a unique address", "POST /rest/metadata/fields",
			`{` + company + `,"type":"ADDRESS","name":"seat","label":"Seat","isUnique":true}`, 400,
			"ADDRESS fields cannot be unique."},
		{"a column name beyond 63", "POST /rest/metadata/fields", `{` + company + `,"type":"ADDRESS","name":"` +
			strings.Repeat("a", 63) + `","label":"Seat"}`, 500, "failed"},
		{"a relation without its payload", "POST /rest/metadata/fields",
			`{` + company + `,"type":"RELATION","name":"r","label":"R"}`, 400,
			`"userFriendlyMessage":"Relation creation payload is required"`},
		{"a relation to nowhere", "POST /rest/metadata/fields",
			`{` + company +
				`,"type":"RELATION","name":"r","label":"R","relationCreationPayload":{"type":"MANY_TO_ONE",` +
				`"targetObjectMetadataId":"ffffffff-ffff-4fff-8fff-ffffffffffff","targetFieldLabel":"X",` +
				`"targetFieldIcon":"Y"}}`, 400, "Object metadata relation target not found"},
		{"a standard object's end", "DELETE /rest/metadata/objects/1effed75-5a5e-45da-9c11-a5ec750ce9a4", ``, 400,
			"Standard objects cannot be deleted"},
		{"a standard field's end", "DELETE /rest/metadata/fields/809c76f6-f577-4bdc-84e8-9a5eac8f6705", ``, 403,
			`Cannot delete standard field \"name\"`},
		{"a webhook without a target", "POST /rest/metadata/webhooks", `{"targetUrl":"not a url"}`, 400,
			`"error":"WorkspaceMigrationBuilderException"`},
		{"a view without an icon", "POST /rest/metadata/views", `{"name":"x",` + company + `}`, 400,
			`null value in column \"icon\" of relation \"view\" violates not-null constraint`},
		{"a view at no place", "POST /rest/metadata/views", `{"name":"x","icon":"I","position":"x",` + company + `}`,
			400, `invalid input syntax for type double precision: \"x\"`},
		{"a view of nothing", "POST /rest/metadata/views", `{"name":"x"}`, 404,
			"RELATION_UNIVERSAL_IDENTIFIER_NOT_FOUND"},
		{"a cursor that is no identifier", "GET /rest/metadata/fields?ending_before=x", ``, 500,
			`"invalid input syntax for type uuid: \"x\""`},
		{"a body that is no object", "POST /rest/metadata/objects", `[]`, 400, `"nameSingular should not be empty"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if status, body := ask(t, srv, Key, c.line, c.body); status != c.want ||
				!strings.Contains(body, c.wantBody) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}

// TestAViewOfOneMember takes a view off the list of the workspace: it becomes the view of who did it.
func TestAViewOfOneMember(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	path := "/rest/metadata/views/" + create(t, srv, "/rest/metadata/views",
		`{"name":" a  b ","icon":"I","position":-1,"objectMetadataId":"1effed75-5a5e-45da-9c11-a5ec750ce9a4"}`)
	lists := func(token string) bool {
		_, list := ask(t, srv, token,
			"GET /rest/metadata/views?objectMetadataId=1effed75-5a5e-45da-9c11-a5ec750ce9a4", "")
		before, _, has := strings.Cut(list, `"name":"a b"`)
		return has && !strings.Contains(before, `"name":`)
	}
	tim, _ := signInTim(t, srv, "")
	if !lists(Key) || !lists(tim) {
		t.Error("not in front of all lists")
	}
	if status, body := ask(t, srv, tim, "PATCH "+path, `{"visibility":"UNLISTED","key":"INDEX"}`); status != 200 ||
		!strings.Contains(body, `"key":null,"createdByUserWorkspaceId":"9c8ecb47-`) {
		t.Errorf("%d %s", status, body)
	}
	if lists(Key) || !lists(tim) {
		t.Error("not in the list of its member alone")
	}
}

// TestWhatTheDatabaseReads sends values of other types for columns of views and their parts, and an index that it
// cannot make. Documented: the entities of packages/twenty-server/src/engine/metadata-modules/view and view-field.
func TestWhatTheDatabaseReads(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const company = `"objectMetadataId":"1effed75-5a5e-45da-9c11-a5ec750ce9a4"`
	made := `{"name":"V","icon":"I","id":"c0000000-0000-4000-8000-000000000001",` + company + `}`
	const hook = `{"targetUrl":"https://x.example","id":"c0000000-0000-4000-8000-000000000002"}`
	view := create(t, srv, "/rest/metadata/views", made)
	column := "PATCH /rest/metadata/viewFields/" + create(t, srv, "/rest/metadata/viewFields",
		`{"viewId":"`+view+`","fieldMetadataId":"809c76f6-f577-4bdc-84e8-9a5eac8f6705"}`)
	field := create(t, srv, "/rest/metadata/fields", `{`+company+`,"type":"TEXT","name":"code","label":"Code"}`)
	for _, c := range []struct {
		line, body string
		want       int
		wantBody   string
	}{
		{"POST /rest/metadata/views", made, 400,
			`duplicate key value violates unique constraint \"PK_86cfb9e426c77d60b900fe2b543\"`},
		{"POST /rest/metadata/views", `{"name":"V","icon":"I","id":5,` + company + `}`, 400,
			`invalid input syntax for type uuid: \"5\"`},
		{"POST /rest/metadata/viewFilterGroups", `{"viewId":"` + view + `","id":"x"}`, 400,
			`invalid input syntax for type uuid: \"x\"`},
		{"POST /rest/metadata/pageLayouts", `{"name":"L","id":"x"}`, 201, `"name":"L"`}, // which chooses none
		{"POST /rest/metadata/webhooks", `{"targetUrl":"https://x.example","id":"x"}`, 400,
			`invalid input syntax for type uuid: \"x\"`},
		{"POST /rest/metadata/webhooks", hook, 201, ""},
		{"POST /rest/metadata/webhooks", hook, 500, "flat entity to add already exists"},
		{"PATCH /rest/metadata/views/" + view, `{"type":"NOPE"}`, 400,
			`invalid input value for enum core.view_type_enum: \"NOPE\"`},
		{"PATCH /rest/metadata/views/" + view, `{"isCompact":"of","position":" 7 ","anyFieldFilterValue":5}`, 200,
			`"position":7,"isCompact":false,`},
		{"PATCH /rest/metadata/views/" + view, `{"isCompact":2}`, 400, `invalid input syntax for type boolean: \"2\"`},
		{"PATCH /rest/metadata/views/" + view, `{"kanbanColumnWidth":3000000000}`, 400,
			`value \"3000000000\" is out of range for type integer`},
		{column, `{"size":1.5}`, 400, `invalid input syntax for type integer: \"1.5\"`},
		{column, `{"isVisible":"yes","size":"5"}`, 200, `"isVisible":false,"size":5`},
		{"POST /rest/companies", `{"name":"A","code":"a"}`, 201, ""},
		{"POST /rest/companies", `{"name":"B","code":"a"}`, 201, ""},
		{"PATCH /rest/metadata/fields/" + field, `{"isUnique":true}`, 500, "Migration action 'create' for 'index'"},
		{"GET /rest/metadata/fields/" + field, ``, 200, `"isUnique":false`},
	} {
		if status, body := ask(t, srv, Key, c.line, c.body); status != c.want || !strings.Contains(body, c.wantBody) {
			t.Errorf("%s %s: %d %s", c.line, c.body, status, body)
		}
	}
}

// TestKeysAreReadAsDates changes an API key with what JavaScript reads as dates, and with null. Documented:
// packages/twenty-server/src/engine/core-modules/api-key/controllers/api-key.controller.ts and its resolver.
func TestKeysAreReadAsDates(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	tim := credential(t, srv, "tim", "valid")
	const admin = `"f0570745-8fbb-4d33-879d-0f698bdfe665"`
	_, made := ask(t, srv, tim, "POST /rest/metadata/apiKeys", `{"name":"k","expiresAt":null,"roleId":`+admin+`}`)
	_, rest, _ := strings.Cut(made, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	if !strings.Contains(made, `"expiresAt":"1970-01-01T00:00:00.000Z"`) {
		t.Error(made)
	}
	for _, c := range []struct{ body, want string }{
		{`{"name":null}`, `null value in column \"name\" of relation \"apiKey\" violates not-null constraint`},
		{`{"expiresAt":"2031-01-01T10:00"}`, `"expiresAt":"2031-01-01T10:00:00.000Z"`},
		{`{"revokedAt":"2020-01-01"}`, `"revokedAt":"2020-01-01T00:00:00.000Z"`},
		{`{"revokedAt":null}`, `"revokedAt":"2020-01-01T00:00:00.000Z"`},
	} {
		if _, body := ask(t, srv, tim, "PATCH /rest/metadata/apiKeys/"+id, c.body); !strings.Contains(body, c.want) {
			t.Errorf("%s: %s", c.body, body)
		}
	}
	if got := metadata(t, srv, tim,
		`mutation { updateApiKey(input: {id: "`+id+`", revokedAt: null}) { revokedAt } }`); got !=
		`{"data":{"updateApiKey":{"revokedAt":null}}}` {
		t.Error(got)
	}
}

// TestANewFieldIsChecked covers checks of fields that the recordings do not reach, in the words and
// order of the vendor's public source.
func TestANewFieldIsChecked(t *testing.T) {
	t.Parallel()
	const company = `{"objectMetadataId":"1effed75-5a5e-45da-9c11-a5ec750ce9a4","label":"Seat","name":"seat",`
	for _, c := range []struct {
		name, body string
		want       int
		wantBody   string
	}{
		{"a unique field has no default", `"type":"TEXT","isUnique":true,"defaultValue":"'x'"`, 400,
			`"code":"INDEX_FIELD_INVALID_DEFAULT_VALUE",` +
				`"message":"Unique index cannot be created for field seat of type TEXT",` +
				`"userFriendlyMessage":"TEXT fields cannot have a default value."}`},
		{"a choice is never indexed", `"type":"RATING","isUnique":true,"defaultValue":"'RATING_3'"`, 201,
			`"isUnique":true`},
		{"a person's name is not unique", `"type":"FULL_NAME","isUnique":true`, 400,
			`"FULL_NAME fields cannot be unique."`},
		{"a text searched for", `"type":"TS_VECTOR"`, 400, `"message":"TS Vector is not supported for field creation"`},
		{"a position", `"type":"POSITION"`, 400,
			`"message":"Field type POSITION must be named \"position\", got \"seat\""`},
		{"files without a limit", `"type":"FILES"`, 400, `maxNumberOfValues must be defined in settings`},
		{"files", `"type":"FILES","settings":{"maxNumberOfValues":2}`, 201, `"maxNumberOfValues":2`},
		{"a label that follows no name", `"type":"TEXT","isLabelSyncedWithName":true,"name":"chair"`, 400,
			`"code":"NAME_NOT_SYNCED_WITH_LABEL","message":"Name is not synced with label",` +
				`"userFriendlyMessage":"Field name is not synced with field label","value":"Seat"`},
		{"a column of a composite", `"type":"TEXT","name":"addressAddressCity"`, 400,
			`"code":"RESERVED_KEYWORD","message":"Name \"addressAddressCity\" is reserved composite field name",` +
				`"userFriendlyMessage":"Name \"addressAddressCity\" is not available"`},
		{"a column of a relation", `"type":"TEXT","name":"accountOwnerId"`, 400,
			`already used by another join column name`},
		{"an empty default", `"type":"EMAILS","defaultValue":{"primaryEmail":"''","additionalEmails":[]}`, 201,
			`"defaultValue":null`},
		{"a default of no sub field", `"type":"CURRENCY","defaultValue":{"amountMicros":5,"nope":1}`, 201,
			`"defaultValue":{"amountMicros":5,"currencyCode":null}`},
		{"a list's default that is a text", `"type":"ARRAY","defaultValue":"'x'"`, 500, `Migration action 'create'`},
		{"a text's default that is a number", `"type":"TEXT","defaultValue":3`, 201, `"defaultValue":3`},
		{"no option value", `"type":"SELECT","options":[{"label":"A","position":0}]`, 400,
			`"message":"Option value is required"`},
		{"an empty option value", `"type":"SELECT","options":[{"label":"A","value":"","position":0}]`, 400,
			`"message":"Option value must be a string of at least one character",` +
				`"userFriendlyMessage":"Option value format not supported"`},
		{"a comma in a label", `"type":"SELECT","options":[{"label":"A,B","value":"A","position":0}]`, 400,
			`"message":"Label must not contain a comma"`},
		{"a default that is no list",
			`"type":"MULTI_SELECT","defaultValue":"'A'","options":[{"label":"A","value":"A","position":0}]`, 400,
			`"userFriendlyMessage":"Multi-select field default value must be an array",` +
				`"message":"Default value for multi-select must be an array got 'A'"`},
		{"a default without a choice",
			`"type":"MULTI_SELECT","defaultValue":[],"options":[{"label":"A","value":"A","position":0}]`, 400,
			`"message":"If defined default value must contain at least one value"`},
		{"a default with a choice twice",
			`"type":"MULTI_SELECT","defaultValue":["'A'","'A'"],"options":[{"label":"A","value":"A","position":0}]`,
			400, `"message":"Default values must be unique"`},
		{"a field of a remote object", `"type":"TEXT","isRemoteCreation":true`, 400,
			`"message":"Remote fields aren't supported"}`},
		{"a field that is off", `"type":"TEXT","isActive":false`, 201, `"isActive":true`},
		{"a field that people do not edit", `"type":"TEXT","isSystem":true,"isUIReadOnly":true`, 201,
			`"isSystem":true,"isUIEditable":false,"isUIReadOnly":true`},
		{"flags that are none", `"type":"TEXT","isSystem":1,"isUIEditable":"x","isUIReadOnly":2`, 400,
			`["isSystem must be a boolean value","isUIEditable must be a boolean value",` +
				`"isUIReadOnly must be a boolean value"]`},
		{"blanks", `"type":"TEXT","label":"  A \t seat ","name":" seat ","defaultValue":"' a  b '"`, 201,
			`"label":"A seat","name":"seat"`},
		{"blanks of a default", `"type":"TEXT","defaultValue":" 'a  b' "`, 201, `"defaultValue":"'a b'"`},
		{"blanks of an option", `"type":"SELECT","options":[{"label":" A  B ","value":" A ","position":0}]`, 201,
			`"label":"A B","value":"A"`},
		{"a default of a composite that is a text", `"type":"CURRENCY","defaultValue":"'x'"`, 201,
			`"defaultValue":null`},
		{"an empty default of an actor", `"type":"ACTOR","defaultValue":{}`, 201, `"defaultValue":null`},
		{"settings of a choice", `"type":"RATING","settings":{"a":1}`, 201, `"options":[`},
		{"no options, and a default", `"type":"SELECT","defaultValue":"'A'"`, 400,
			`"value":[]},{"code":"INVALID_FIELD_INPUT",` +
				`"message":"Default value \"'A'\" must be one of the option values"`},
		{"an option id", `"type":"SELECT","options":[{"id":"x","label":"A","value":"A","position":0}]`, 400,
			`"message":"Option id is invalid","userFriendlyMessage":"Option id is invalid","value":"x"`},
		{"no option id", `"type":"SELECT","options":[{"id":null,"label":"A","value":"A","position":0}]`, 400,
			`"message":"Option id is required","userFriendlyMessage":"Option id is required"},{`},
		{"an option value that is a number", `"type":"SELECT","options":[{"label":"A","value":6,"position":0}]`, 400,
			`"userFriendlyMessage":"Option value format not supported","value":6`},
		{"options that are no list", `"type":"SELECT","options":"A"`, 500, `"options?.map is not a function"`},
		{"options of a text", `"type":"TEXT","options":{}`, 500, `"options?.map is not a function"`},
		{"an option that is null", `"type":"SELECT","options":[null]`, 500,
			`"Cannot read properties of null (reading 'value')"`},
		{"an option that is a text", `"type":"SELECT","options":["A"]`, 400, `"message":"Option value is required"`},
		{"a default that is a number",
			`"type":"SELECT","defaultValue":3,"options":[{"label":"A","value":"A","position":0}]`, 400,
			`"message":"Default value for select must be a string got 3",` +
				`"userFriendlyMessage":"Default value must be a string"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body := company + c.body + `}`
			if strings.Contains(c.body, `"name":`) {
				body = strings.Replace(body, `"name":"seat",`, "", 1)
			}
			status, answer := ask(t, NewServer(t, fake.WithSeed("empty")), Key, "POST /rest/metadata/fields", body)
			if status != c.want || !strings.Contains(answer, c.wantBody) {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
}

// TestARefusedChangeOfTheDataModelLeavesNoTrace checks, with random requests to the data model,
// that an error changes no row of any table.
func TestARefusedChangeOfTheDataModelLeavesNoTrace(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("prefilled"))
	chance := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[chance.IntN(len(of))] }
	objects := []string{"1effed75-5a5e-45da-9c11-a5ec750ce9a4", "0ab0a4cc-f713-4104-9477-156ba3f3362c"}
	objects = append(objects, create(t, srv, "/rest/metadata/objects", rocket))
	refused := 0
	before := rowsOf(t, srv)
	for range 150 {
		name := pick("name", "alpha", "beta", "bad name", "select", "A", "")
		line, body := "POST /rest/metadata/fields",
			fmt.Sprintf(`{"objectMetadataId":"%s","type":"%s","name":"%s","label":"L","isUnique":%s,"defaultValue":%s}`,
				pick(objects...), pick("TEXT", "NUMBER", "SELECT", "ADDRESS", "NUMERIC", "NOPE", "RELATION"), name,
				pick("true", "false"), pick("null", `"x"`, "3", `"'A'"`))
		switch chance.IntN(4) {
		case 0:
			line, body = "POST /rest/metadata/objects", fmt.Sprintf(
				`{"nameSingular":"%s","namePlural":"%ss","labelSingular":"L","labelPlural":"Ls"}`, name, name)
		case 1:
			line, body = "PATCH /rest/metadata/objects/"+
				pick(objects...), fmt.Sprintf(`{"nameSingular":"%s","labelIdentifierFieldMetadataId":%s}`, name,
				pick("null", `"ffffffff-ffff-4fff-8fff-ffffffffffff"`))
		}
		status, _ := ask(t, srv, Key, line, body)
		after := rowsOf(t, srv)
		if status >= 400 && after != before {
			t.Fatalf("%s %s: %d changed something", line, body, status)
		}
		if status >= 400 {
			refused++
		}
		before = after
	}
	if refused < 50 {
		t.Errorf("only %d refusals: the requests are too tame", refused)
	}
}

// rowsOf returns all rows of a world as one text, without the counters that a rejected request may
// advance.
func rowsOf(tb testing.TB, srv *fake.TestServer) string {
	tb.Helper()
	rows := srv.World.Dump()["twenty"]
	delete(rows, "_ids")
	delete(rows, "_numbers")
	text, err := json.Marshal(rows)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func TestAForkHasItsOwnDataModel(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	create(t, srv, "/rest/metadata/objects", rocket)
	fork, err := srv.Server.NewWorld("fork", fake.Settings{LimitsOff: true}, srv.World)
	if err != nil {
		t.Fatal(err)
	}
	create(t, srv, "/rest/metadata/objects", strings.NewReplacer("rocket", "comet", "Rocket", "Comet").Replace(rocket))
	state, err := fork.State("twenty")
	if err != nil {
		t.Fatal(err)
	}
	state.View(func() {
		sch := fake.Of[api](state).tables.Schema()
		if sch.Plural("rockets") == nil || sch.Plural("comets") != nil {
			t.Error("the fork does not have the objects that were there when it was made")
		}
	})
}

func TestAnObjectComesWithARecordPage(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	_, before := ask(t, srv, Key, "GET /rest/metadata/pageLayouts", "")
	id := create(t, srv, "/rest/metadata/objects", rocket)
	_, layouts := ask(t, srv, Key, "GET /rest/metadata/pageLayouts?objectMetadataId="+id, "")
	var made []struct {
		ID, Name, Type string
		Tabs           []struct {
			Title   string
			Widgets []struct{ Type string }
		}
	}
	if err := json.Unmarshal([]byte(layouts), &made); err != nil || len(made) != 1 {
		t.Fatalf("one layout expected: %v %s", err, layouts)
	}
	var got []string
	for _, tab := range made[0].Tabs {
		for _, w := range tab.Widgets {
			got = append(got, tab.Title+" "+w.Type)
		}
	}
	want := []string{"Home FIELDS", "Timeline TIMELINE", "Tasks TASKS", "Notes NOTES", "Files FILES"}
	if diff := cmp.Diff(want, got); diff != "" || made[0].Name != "Default Rocket Layout" ||
		made[0].Type != "RECORD_PAGE" {
		t.Errorf("the record page (-want +got):\n%s%s", diff, layouts)
	}
	if status, answer := ask(t, srv, Key, "DELETE /rest/metadata/objects/"+id, ""); status != 200 {
		t.Fatal(answer)
	}
	if _, after := ask(t, srv, Key, "GET /rest/metadata/pageLayouts", ""); after != before {
		t.Errorf("the layouts of a deleted object stay: %s", after)
	}
}
