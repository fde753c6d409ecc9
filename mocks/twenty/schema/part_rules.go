package schema

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// A partRule is what only one kind of parts checks; either function may be nil.
type partRule struct {
	// require rejects an input before its references are looked up.
	require func(t *Tables, p Part, body map[string]any, create bool) error
	// check validates a row; old is nil for a new one.
	check func(t *Tables, p Part, old *Part) []Complaint
}

var partRules = map[string]partRule{
	"viewField": {check: checkViewField}, "viewFilter": {check: checkViewFilter},
	"viewFilterGroup": {check: checkFilterGroup}, "viewSort": {check: checkViewSort},
	"viewGroup": {require: requireGroupedView, check: checkViewGroup}, "pageLayout": {require: requireName},
	"pageLayoutTab": {require: requireTitle}, "pageLayoutWidget": {require: requireConfiguration, check: checkWidget},
}

// touch counts a change of the metadata that leaves objects and fields as they are.
func (t *Tables) touch() error {
	w := t.Workspace()
	w.MetadataVersion++
	w.UpdatedAt = stamp(t.State.Now())
	return t.Workspaces.Set(w)
}

// below returns the rows that belong to a view, layout or tab.
func (t *Tables) below(id string) (out []Part) {
	for row := range t.Parts.By("parent", id) {
		out = append(out, row.Value)
	}
	return out
}

// shows returns the columns of a view but one, deleted ones too: the server's rules see them all.
func (t *Tables) shows(view, but string) []Part {
	return js.Where(t.below(view), func(p Part) bool { return p.Kind == "viewFields" && p.ID != but })
}

func (t *Tables) labelsView(view, field string) bool {
	v, _ := t.Views.Find(view)
	m := t.Schema().ByID(v.ObjectMetadataID)
	return m != nil && m.LabelIdentifierFieldMetadataID != nil && *m.LabelIdentifierFieldMetadataID == field
}

// checkViewField keeps the column of the field that names records visible and in front of all others.
func checkViewField(t *Tables, p Part, old *Part) (out []Complaint) {
	others, view, field := t.shows(p.ParentID, p.ID), p.ParentID, p.Text("fieldMetadataId")
	inFront := true
	for _, other := range others {
		inFront = inFront && p.number("position") < other.number("position")
	}
	if old == nil && slices.ContainsFunc(others, func(o Part) bool { return o.Get("fieldMetadataId") == field }) {
		out = append(out, Complaint{Code: invalidView, UserMessage: "View field already exists",
			Message: "View field with same fieldMetadataUniversalIdentifier and viewUniversalIdentifier already " +
				"exists"})
	}
	labelled := func(o Part) bool { return t.labelsView(view, o.Text("fieldMetadataId")) }
	switch {
	case labelled(p):
		if !inFront {
			out = append(out, complain(invalidView, "Label identifier view field has to be in the lowest position"))
		}
		if p.Get("isVisible") == false {
			out = append(out, complain(invalidView, "Label identifier view field has to be visible"))
		}
	case old == nil && slices.ContainsFunc(others, labelled) && inFront:
		out = append(out, complain(invalidView,
			"View field position cannot be lower than label identifier view field position"))
	}
	return out
}

// deletable rejects the deletion of the column of the field that names records. A deletion that
// keeps the row is an update to the server.
func (t *Tables) deletable(k *PartKind, p Part, change string) error {
	if k.Metadata != "viewField" || !t.labelsView(p.ParentID, p.Text("fieldMetadataId")) {
		return nil
	}
	seen := newFindings(change)
	failure := Failure{Errors: []Complaint{complain(invalidView, "Label identifier view field cannot be deleted")},
		Entity: t.partEntity(k, p), Metadata: k.Metadata, Type: change}
	if change == "update" {
		failure.Status = "fail"
	}
	seen.put(failure)
	return seen.changeError("deleting view field")
}

// The operands that filters of a field may have. Recorded for TEXT; the server's public source has the others.
var (
	emptiness   = []string{"IS_EMPTY", "IS_NOT_EMPTY"}
	containment = append([]string{"CONTAINS", "DOES_NOT_CONTAIN"}, emptiness...)
	identity    = append([]string{"IS", "IS_NOT"}, emptiness...)
	magnitude   = append([]string{"GREATER_THAN_OR_EQUAL", "LESS_THAN_OR_EQUAL"}, emptiness...)
	comparison  = append([]string{"IS", "IS_NOT", "GREATER_THAN_OR_EQUAL", "LESS_THAN_OR_EQUAL"}, emptiness...)
	instants    = append([]string{"IS", "IS_RELATIVE", "IS_IN_PAST", "IS_IN_FUTURE", "IS_TODAY", "IS_BEFORE",
		"IS_AFTER"}, emptiness...)

	filterOperands = map[Type][]string{
		Text: containment, Emails: containment, FullName: containment, Address: containment, Links: containment,
		Phones: containment, RawJSON: containment, Files: containment, MultiSelect: containment, Actor: containment,
		Array: containment, Currency: magnitude, Number: comparison, Rating: comparison, DateTime: instants,
		Date: instants, Relation: identity, Select: identity, UUID: identity, Boolean: {"IS"},
		TSVector: {"VECTOR_SEARCH"},
	}
	subFieldOperands = map[string][]string{"currencyCode": identity,
		"amountMicros": append(slices.Clone(magnitude[:2]), identity...)}
)

func checkViewFilter(t *Tables, p Part, _ *Part) []Complaint {
	a := t.Schema().Attr(p.Text("fieldMetadataId"))
	if target := t.Schema().Attr(p.Text("relationTargetFieldMetadataId")); target != nil {
		a = target
	}
	allowed, known := filterOperands[a.Type]
	if of := subFieldOperands[p.Text("subFieldName")]; of != nil && a.Type == Currency {
		allowed = of
	}
	if !known || slices.Contains(allowed, p.Text("operand")) {
		return nil
	}
	return []Complaint{{Code: "INVALID_VIEW_FILTER_DATA",
		UserMessage: "Filter operand is not supported for this field type",
		Message: `Operand "` + js.Text(p.Get("operand")) + `" is not supported on field type "` + string(a.Type) +
			`". Supported operands: ` + strings.Join(allowed, ", ") + "."}}
}

// checkFilterGroup keeps filter groups two levels deep at most, and no group above itself.
func checkFilterGroup(t *Tables, p Part, _ *Part) []Complaint {
	depth := 1
	for id := p.Text("parentViewFilterGroupId"); id != ""; depth++ {
		parent, _ := t.Parts.Find(id)
		switch {
		case id == p.ID && depth == 1:
			return []Complaint{complain("CIRCULAR_DEPENDENCY", "View filter group cannot be its own parent")}
		case id == p.ID:
			return []Complaint{complain("CIRCULAR_DEPENDENCY",
				"Circular dependency detected in view filter group hierarchy")}
		case depth >= 2:
			return []Complaint{complain("MAX_DEPTH_EXCEEDED", "View filter group hierarchy exceeds maximum depth of 2")}
		}
		id = parent.Text("parentViewFilterGroupId")
	}
	return nil
}

func checkViewSort(_ *Tables, p Part, old *Part) []Complaint {
	if p.Get("direction") == "ASC" || p.Get("direction") == "DESC" {
		return nil
	}
	if old != nil {
		return []Complaint{complain("INVALID_VIEW_SORT_DATA", "Correct direction is required")}
	}
	return []Complaint{{Code: "INVALID_VIEW_SORT_DATA", Message: "View sort with invalid direction",
		UserMessage: "View sort with invalid direction, should be ASC or DESC"}}
}

// sortedAlready reports whether the view has another sort for the field.
func (t *Tables) sortedAlready(p Part) bool {
	return slices.ContainsFunc(t.below(p.ParentID), func(o Part) bool {
		return o.Kind == p.Kind && o.ID != p.ID && o.DeletedAt == nil &&
			o.Get("fieldMetadataId") == p.Get("fieldMetadataId")
	})
}

func requireGroupedView(t *Tables, p Part, _ map[string]any, create bool) error {
	if v, _ := t.Views.Find(p.ParentID); create && v.MainGroupByFieldMetadataID == nil {
		return &ChangeError{Status: 400, Code: "MISSING_MAIN_GROUP_BY_FIELD_METADATA_ID",
			UserMessage: "A view group error occurred.",
			Message:     "The associated view is not a grouped view: mainGroupByFieldMetadataId is missing."}
	}
	return nil
}

func checkViewGroup(_ *Tables, p Part, _ *Part) []Complaint {
	if p.Get("fieldValue") != nil {
		return nil
	}
	return []Complaint{complain(invalidView, "Field value is required")}
}

// RequireParent rejects a list of tabs or widgets without a parent.
func (k *PartKind) RequireParent(id string) error {
	names := map[string]string{"pageLayoutTab": "Page layout ID", "pageLayoutWidget": "Page layout tab ID"}
	if name := names[k.Metadata]; name != "" && id == "" {
		return k.required(name)
	}
	return nil
}

func (k *PartKind) required(name string) *ChangeError {
	return &ChangeError{Status: 400, Code: "INVALID_" + k.Code + "_DATA", Message: name + " is required",
		UserMessage: "Invalid " + strings.ToLower(k.Name) + " data."}
}

func requireName(_ *Tables, p Part, _ map[string]any, create bool) error {
	if create && p.Text("name") == "" {
		return KindOfPart(p.Kind).required("Page layout name")
	}
	return nil
}

func requireTitle(_ *Tables, p Part, _ map[string]any, create bool) error {
	switch {
	case create && p.Get("title") == nil:
		return KindOfPart(p.Kind).required("Page layout tab title")
	case create && p.ParentID == "":
		return KindOfPart(p.Kind).required("Page layout ID")
	}
	return nil
}

// UniversalConfiguration returns a widget's configuration with universal identifiers instead of the
// workspace's. A widget of a single field keeps the key under which it names the field.
func (t *Tables) UniversalConfiguration(p Part) any {
	conf := t.universally(p.Get("configuration"))
	if out, ok := conf.(map[string]any); ok && out["configurationType"] == "FIELD" {
		key := universalKey("fieldMetadataId")
		out["fieldMetadataId"] = out[key]
		delete(out, key)
	}
	return conf
}

func (t *Tables) universally(value any) any {
	switch v := value.(type) {
	case []any:
		return js.Map(v, t.universally)
	case map[string]any:
		out := map[string]any{}
		for key, one := range v {
			id, _ := one.(string)
			switch {
			case key == "viewId":
				out[universalKey(key)] = t.universal("view", id)
			case strings.HasSuffix(strings.ToLower(key), "fieldmetadataid"):
				out[universalKey(key)] = t.universal(fieldMetadata, id)
			default:
				out[key] = t.universally(one)
			}
		}
		return out
	}
	return value
}

// groupBy gives a view one group for each option of the field that it is grouped by, and one for no value if the
// field may have none.
func (t *Tables) groupBy(v View) error {
	t.Parts.DeleteIf(func(p Part) bool { return p.Kind == "viewGroups" && p.ParentID == v.ID })
	if v.MainGroupByFieldMetadataID == nil {
		return nil
	}
	a := t.Schema().Attr(*v.MainGroupByFieldMetadataID)
	if a == nil || a.Type != Select {
		return nil
	}
	values := js.Map(a.Sorted(), func(o Option) string { return o.Value })
	if a.IsNullable {
		values = append(values, "")
	}
	for i, value := range values {
		p := Part{ID: t.State.NewID(), WorkspaceID: v.WorkspaceID, ApplicationID: v.ApplicationID,
			UniversalIdentifier: t.State.NewID(), Kind: "viewGroups",
			ParentID: v.ID, Says: map[string]any{"fieldValue": value, "position": float64(i)}, CreatedAt: v.UpdatedAt,
			UpdatedAt: v.UpdatedAt}
		if _, err := t.Parts.Insert(p); err != nil {
			return err
		}
	}
	return nil
}
