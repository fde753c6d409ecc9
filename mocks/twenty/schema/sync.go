package schema

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"
)

// sync brings the metadata of an application in line with its manifest. It first plans all actions, as the
// server prints
// them, and does nothing if one of them is not in this fake.
type sync struct {
	*Tables
	app       Application
	universal string
	now       string
	actions   []any
	do        []func() error // the actions
}

type node = map[string]any

// Sync brings an application in line with a manifest, and returns what that takes. With dry it does nothing.
func (t *Tables) Sync(manifest node, dry bool) (universal string, actions []any, err error) {
	app, ok := manifest["application"].(node)
	if !ok {
		return "", nil, &ChangeError{Status: 500,
			Fault: "Cannot read properties of undefined (reading 'universalIdentifier')"}
	}
	if err := t.compatible(word(app["requiredServerVersionRange"])); err != nil {
		return "", nil, err
	}
	s := &sync{Tables: t, universal: word(app["universalIdentifier"]), now: stamp(t.State.Now()), actions: []any{}}
	if s.app, err = t.Application("", s.universal); err != nil && !dry {
		return "", nil, err // inferred
	}
	for _, kind := range slices.Sorted(maps.Keys(manifest)) {
		if kind != "objects" && kind != "roles" && len(rows(manifest[kind])) > 0 {
			return "", nil, &Missing{What: "syncApplication with " + kind}
		}
	}
	if err := s.objects(rows(manifest["objects"])); err != nil {
		return "", nil, err
	}
	if err := s.roles(rows(manifest["roles"]), word(app["defaultRoleUniversalIdentifier"])); err != nil || dry {
		return s.universal, s.actions, err
	}
	for _, do := range s.do {
		if err := do(); err != nil {
			return "", nil, err
		}
	}
	return s.universal, s.actions, nil
}

func word(v any) string {
	s, _ := v.(string)
	return s
}

func rows(v any) (out []node) {
	list, _ := v.([]any)
	for _, item := range list {
		row, _ := item.(node)
		out = append(out, row)
	}
	return out
}

func (s *sync) objects(wanted []node) error {
	known := map[string]bool{}
	for _, in := range wanted {
		id := word(in["universalIdentifier"])
		known[id] = true
		var there *Model
		for _, m := range s.Schema().Models {
			if m.UniversalIdentifier == id {
				there = m
			}
		}
		var err error
		switch {
		case there == nil:
			err = s.newObject(in)
		case there.ApplicationID != s.app.ID:
			err = &Missing{What: "syncApplication with an object of another application"}
		default:
			err = s.fields(there, in)
		}
		if err != nil {
			return err
		}
	}
	for _, m := range s.Schema().Models {
		if m.ApplicationID == s.app.ID && s.app.ID != "" && !known[m.UniversalIdentifier] {
			return &Missing{What: "syncApplication that takes an object away"}
		}
	}
	return nil
}

// newObject plans an object with its fields: those of the manifest, then those that every object has.
func (s *sync) newObject(in node) error {
	d := &draft{t: s.Tables, sch: s.Schema(), seen: newFindings("create")}
	d.object = Object{ID: s.State.NewID(), UniversalIdentifier: word(in["universalIdentifier"]),
		ApplicationID: s.app.ID, WorkspaceID: s.Workspace().ID,
		NameSingular: word(in["nameSingular"]), NamePlural: word(in["namePlural"]),
		LabelSingular: word(in["labelSingular"]),
		LabelPlural:   word(in["labelPlural"]), Description: textAt(in, "description"), Icon: textAt(in,
			"icon"), IsActive: true, IsUIEditable: true,
		IsUICreatable: true, IsSearchable: true, CreatedAt: s.now, UpdatedAt: s.now}
	if found := s.Schema().objectComplaints(d.object, ""); len(found) > 0 {
		return &Missing{What: "syncApplication with an object that is not valid (" + found[0].Message + ")"}
	}
	for _, f := range rows(in["fields"]) {
		field, err := s.newField(d.object, f)
		if err != nil {
			return err
		}
		d.own = append(d.own, field)
	}
	given := len(d.own)
	d.defaults(true)
	ids, flat, label := node{}, []any{}, &d.own[given] // the id, where no field is named
	for i := range d.own {
		f := &d.own[i]
		if i >= given {
			f.UniversalIdentifier = uuid5(s.universal, "fieldMetadata:"+d.object.UniversalIdentifier+":"+f.Name)
		}
		if f.UniversalIdentifier == word(in["labelIdentifierFieldMetadataUniversalIdentifier"]) {
			label = f
		}
		ids[f.UniversalIdentifier] = f.ID
		flat = append(flat, s.flatField(*f, d.object.UniversalIdentifier))
	}
	d.object.LabelIdentifierFieldMetadataID = &label.ID
	s.create(d, flat, ids)
	return nil
}

// create plans the actions that make an object: it is searched by its label and has an index for that.
func (s *sync) create(d *draft, flat []any, ids node) {
	label, vector := d.own[0], d.own[len(d.own)-1]
	for _, f := range d.own {
		if f.ID == *d.object.LabelIdentifierFieldMetadataID {
			label = f
		}
	}
	of := d.object.UniversalIdentifier
	s.actions = append(s.actions, node{"type": "create", "metadataName": "searchFieldMetadata", "flatEntity": node{
		"universalIdentifier": uuid5(s.universal,
			"searchFieldMetadata:"+label.UniversalIdentifier), "createdAt": s.now, "updatedAt": s.now,
		"position": 0, "isSystemSideEffect": true, "applicationUniversalIdentifier": s.universal,
		"objectMetadataUniversalIdentifier":        of,
		"fieldMetadataUniversalIdentifier":         label.UniversalIdentifier,
		"tsVectorFieldMetadataUniversalIdentifier": vector.UniversalIdentifier}})
	o := d.object
	s.actions = append(s.actions, node{"type": "create", "metadataName": "objectMetadata",
		"universalFlatFieldMetadatas": flat, "id": o.ID,
		"fieldIdByUniversalIdentifier": ids, "flatEntity": node{"universalIdentifier": of,
			"applicationUniversalIdentifier": s.universal,
			"nameSingular":                   o.NameSingular, "namePlural": o.NamePlural,
			"labelSingular": o.LabelSingular, "labelPlural": o.LabelPlural,
			"color": nil, "description": o.Description, "icon": o.Icon, "overrides": nil,
			"targetTableName": "DEPRECATED", "isRemote": false,
			"isActive": true, "isSystem": false, "isUIEditable": true, "isUICreatable": true,
			"isAuditLogged": true, "isSearchable": true,
			"duplicateCriteria": nil, "shortcut": nil, "isLabelSyncedWithName": false,
			"labelIdentifierFieldMetadataUniversalIdentifier": label.UniversalIdentifier,
			"imageIdentifierFieldMetadataUniversalIdentifier": nil, "createdAt": s.now, "updatedAt": s.now}})
	name := indexName(o.databaseTable(true), vector.Name, false)
	index := uuid5(s.universal, "index:"+of+":"+name)
	s.actions = append(s.actions, node{"type": "create", "metadataName": "index",
		"flatEntity": node{"universalFlatIndexFieldMetadatas": []any{
			node{"createdAt": s.now, "fieldMetadataUniversalIdentifier": vector.UniversalIdentifier, "order": 0,
				"subFieldName": nil, "updatedAt": s.now, "indexMetadataUniversalIdentifier": index}},
			"createdAt": s.now, "indexType": "GIN", "indexWhereClause": nil, "isCustom": false,
			"isUnique": false, "isSystemSideEffect": true, "objectMetadataUniversalIdentifier": of, "updatedAt": s.now,
			"applicationUniversalIdentifier": s.universal, "name": name,
			"universalIdentifier": index}})
	s.do = append(s.do, func() error {
		if err := d.store(); err != nil {
			return err
		}
		return s.Records.ObjectMade(s.Schema().ByID(o.ID))
	})
}

// newField reads a field of the manifest.
func (s *sync) newField(o Object, in node) (f Field, err error) {
	f = Field{ID: s.State.NewID(), UniversalIdentifier: word(in["universalIdentifier"]),
		ApplicationID: s.app.ID, WorkspaceID: s.Workspace().ID,
		ObjectMetadataID: o.ID, Type: Type(word(in["type"])), Name: word(in["name"]), Label: word(in["label"]),
		Description: textAt(in, "description"), Icon: textAt(in, "icon"), IsActive: true, IsUIEditable: true,
		IsNullable: in["isNullable"] != false, IsUnique: in["isUnique"] == true,
		DefaultValue: in["defaultValue"], Settings: in["universalSettings"], CreatedAt: s.now, UpdatedAt: s.now}
	if raw, err := json.Marshal(in["options"]); err == nil && in["options"] != nil && json.Unmarshal(raw,
		&f.Options) != nil {
		return f, &Missing{What: "syncApplication with options that are not valid"}
	}
	found := append(checkName(f.Name, badField), checkLabel(f.Label, badField)...)
	switch {
	case f.Type == Relation || f.Type == MorphRelation || !slices.Contains(Types, f.Type):
		return f, &Missing{What: "syncApplication with a field of type " + string(f.Type)}
	case len(found) > 0:
		return f, &Missing{What: "syncApplication with a field that is not valid (" + found[0].Message + ")"}
	}
	return f, nil
}

// flatField is a field that is made, as the server prints it.
func (s *sync) flatField(f Field, object string) node {
	return node{"universalIdentifier": f.UniversalIdentifier, "applicationUniversalIdentifier": s.universal,
		"type": f.Type, "name": f.Name,
		"label": f.Label, "description": f.Description, "icon": f.Icon, "overrides": nil,
		"options":      optionsOrNone(f.Options),
		"defaultValue": f.DefaultValue, "universalSettings": f.Settings, "isActive": true,
		"isSystem": f.IsSystem, "isSystemSideEffect": f.IsSystem,
		"isUIEditable": f.IsUIEditable, "isNullable": f.IsNullable, "isUnique": f.IsUnique || f.IsSystem &&
			f.Name == "id",
		"isLabelSyncedWithName": false, "morphId": nil, "objectMetadataUniversalIdentifier": object,
		"relationTargetFieldMetadataUniversalIdentifier": nil, "relationTargetObjectMetadataUniversalIdentifier": nil,
		"createdAt": f.CreatedAt, "updatedAt": f.UpdatedAt}
}

func optionsOrNone(options []Option) any {
	if options == nil {
		return nil
	}
	return options
}

// storedField is a field that is there, as the server prints it. Objects of applications have no views here.
func (s *sync) storedField(f Field, object string) node {
	out := s.flatField(f, object)
	maps.Copy(out, node{"id": f.ID, "workspaceId": f.WorkspaceID, "applicationId": f.ApplicationID,
		"settings": f.Settings, "objectMetadataId": f.ObjectMetadataID, "relationTargetFieldMetadataId": nil,
		"relationTargetObjectMetadataId": nil})
	for _, of := range []string{"kanbanAggregateOperationView", "calendarView", "mainGroupByFieldMetadataView",
		"viewField", "viewFilter", "fieldPermission", "viewSort", "searchFieldMetadata"} {
		out[of+"Ids"], out[of+"UniversalIdentifiers"] = []any{}, []any{}
	}
	return out
}

// fields plans what it takes to bring the fields of an object in line: some go, some come, some change their texts.
func (s *sync) fields(m *Model, in node) error {
	if word(in["labelSingular"]) != m.LabelSingular || word(in["labelPlural"]) != m.LabelPlural ||
		word(in["nameSingular"]) != m.NameSingular ||
		word(in["namePlural"]) != m.NamePlural || !reflect.DeepEqual(textAt(in, "icon"), m.Icon) ||
		!reflect.DeepEqual(textAt(in, "description"), m.Description) {
		return &Missing{What: "syncApplication that changes an object"}
	}
	there, wanted := map[string]*Attr{}, map[string]bool{}
	for _, a := range m.Attrs {
		there[a.UniversalIdentifier] = a
	}
	var changes []func() error
	var made, updated []any
	for _, given := range rows(in["fields"]) {
		f, err := s.newField(m.Object, given)
		if err != nil {
			return err
		}
		wanted[f.UniversalIdentifier] = true
		if a := there[f.UniversalIdentifier]; a != nil {
			action, do, err := s.change(m, a, f)
			if err != nil {
				return err
			}
			if action != nil {
				updated, changes = append(updated, action), append(changes, do)
			}
			continue
		}
		made = append(made, node{"type": "create", "metadataName": "fieldMetadata", "id": f.ID,
			"flatEntity": s.flatField(f, m.UniversalIdentifier)})
		changes = append(changes, func() error { return s.storeFields([]Field{f}) })
	}
	for _, a := range m.Attrs {
		if !a.IsSystem && a.Relation == None && !wanted[a.UniversalIdentifier] {
			s.actions = append(s.actions, node{"type": "delete", "metadataName": "fieldMetadata",
				"universalIdentifier": a.UniversalIdentifier,
				"flatEntity":          s.storedField(a.Field, m.UniversalIdentifier)})
			s.do = append(s.do, func() error { return s.dropFields(a) })
		}
	}
	s.actions = append(append(s.actions, made...), updated...)
	s.do = append(s.do, changes...)
	return nil
}

// change plans the change of a field's texts. The row that the server prints has the new texts and the old time.
func (s *sync) change(m *Model, a *Attr, f Field) (action any, do func() error, err error) {
	now, update, diff := a.Field, node{}, node{}
	for key, of := range map[string][2]any{"label": {a.Label, f.Label}, "description": {a.Description,
		f.Description}, "icon": {a.Icon, f.Icon}} {
		if !reflect.DeepEqual(of[0], of[1]) {
			update[key], diff[key] = of[1], node{"before": of[0], "after": of[1]}
		}
	}
	now.Label, now.Description, now.Icon = f.Label, f.Description, f.Icon
	f.ID, f.CreatedAt, f.UpdatedAt = now.ID, now.CreatedAt, now.UpdatedAt
	switch {
	case !same(now, f):
		return nil, nil, &Missing{What: "syncApplication that changes more of a field than its texts"}
	case len(update) == 0:
		return nil, nil, nil
	}
	action = node{"type": "update", "metadataName": "fieldMetadata",
		"universalIdentifier": a.UniversalIdentifier, "update": update,
		"flatEntity": s.storedField(now, m.UniversalIdentifier), "diff": diff}
	return action, func() error {
		now.UpdatedAt = stamp(s.State.Now().Add(time.Millisecond)) // after what is made: surface_app_sync 44
		if err := s.Fields.Set(now); err != nil {
			return err
		}
		return s.Changed()
	}, nil
}

func (s *sync) roles(wanted []node, standard string) error {
	for _, in := range wanted {
		r := Role{ID: s.State.NewID(), UniversalIdentifier: word(in["universalIdentifier"]),
			ApplicationID: s.app.ID, Label: word(in["label"]),
			Description: textAt(in, "description"), Icon: textAt(in, "icon"), IsEditable: true,
			CanUpdateAllSettings:          in["canUpdateAllSettings"] == true,
			CanAccessAllTools:             in["canAccessAllTools"] == true,
			CanReadAllObjectRecords:       in["canReadAllObjectRecords"] == true,
			CanUpdateAllObjectRecords:     in["canUpdateAllObjectRecords"] == true,
			CanSoftDeleteAllObjectRecords: in["canSoftDeleteAllObjectRecords"] == true,
			CanDestroyAllObjectRecords:    in["canDestroyAllObjectRecords"] == true,
			CanBeAssignedToUsers:          true, CanBeAssignedToAgents: true, CanBeAssignedToAPIKeys: true}
		for _, kind := range []string{"objectPermissions", "fieldPermissions",
			"permissionFlagUniversalIdentifiers", "rowLevelPermissionPredicates"} {
			if len(rows(in[kind])) > 0 {
				return &Missing{What: "syncApplication with " + kind}
			}
		}
		there := slices.IndexFunc(slices.Collect(s.Roles.All()),
			func(o Role) bool { return o.UniversalIdentifier == r.UniversalIdentifier })
		if there >= 0 {
			was := slices.Collect(s.Roles.All())[there]
			if r.ID = was.ID; !reflect.DeepEqual(r, was) {
				return &Missing{What: "syncApplication that changes a role"}
			}
			continue
		}
		s.actions = append(s.actions, node{"type": "create", "metadataName": "role", "flatEntity": s.flatRole(r)})
		s.do = append(s.do, func() error {
			if r.UniversalIdentifier == standard {
				s.app.DefaultRoleID = r.ID
				if err := s.Applications.Set(s.app); err != nil {
					return err
				}
			}
			_, err := s.Roles.Insert(r)
			return err
		})
	}
	return nil
}

func (s *sync) flatRole(r Role) node {
	return node{"universalIdentifier": r.UniversalIdentifier, "applicationUniversalIdentifier": s.universal,
		"label": r.Label, "description": r.Description, "icon": r.Icon, "canUpdateAllSettings": r.CanUpdateAllSettings,
		"canAccessAllTools": r.CanAccessAllTools, "canReadAllObjectRecords": r.CanReadAllObjectRecords,
		"canUpdateAllObjectRecords":     r.CanUpdateAllObjectRecords,
		"canSoftDeleteAllObjectRecords": r.CanSoftDeleteAllObjectRecords,
		"canDestroyAllObjectRecords":    r.CanDestroyAllObjectRecords,
		"isEditable":                    true, "canBeAssignedToUsers": true, "canBeAssignedToAgents": true,
		"canBeAssignedToApiKeys": true, "createdAt": s.now, "updatedAt": s.now}
}
