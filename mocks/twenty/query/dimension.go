package query

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// dimension is one key that records are grouped by.
type dimension struct {
	column      *record.Column
	relation    relationPath
	path        string // as requests write it: company.name
	alias       string // as the database calls it: company_name
	granularity string
	zone        *time.Location
	weekStart   time.Weekday
}

var granularities = []string{"DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "DAY_OF_THE_WEEK", "MONTH_OF_THE_YEAR",
	"QUARTER_OF_THE_YEAR", "NONE"}

// needsZone are the granularities that are cut in a time zone; the others are cut in UTC.
var needsZone = granularities[:5]

func groupError(format string, args ...any) *reject.Error { return reject.Query("", format, args...) }

// dimensions parses the group_by list: fixtures/twenty/rest_group_by; its other errors are known
// from the vendor's public source.
func (s *Scope) dimensions(list []any) ([]*dimension, error) {
	var out []*dimension
	for _, item := range list {
		if item == nil {
			return nil, reject.Crash("TypeError", "Cannot convert undefined or null to object")
		}
		members := js.Entries(item)
		if len(members) > 1 {
			return nil, groupError(
				"You cannot provide multiple fields in one GroupByInput, split them into multiple GroupByInput")
		}
		for _, m := range members {
			d, err := s.dimension(m)
			if err != nil {
				return nil, err
			}
			if d == nil {
				continue
			}
			d.alias = s.Model.NameSingular + "_" + d.column.DB
			if d.relation != nil {
				d.alias = strings.SplitN(d.path, ".", 2)[0] + "_" + d.column.DB
			}
			if d.granularity != "" {
				d.alias += "_" + d.granularity
			}
			out = append(out, d)
		}
	}
	return out, nil
}

// dimension reads one of them, nil for a composite field without a part: {"stage": true},
// {"address": {"addressCity": true}}, {"company": {"name": true}}.
func (s *Scope) dimension(m js.Member) (*dimension, error) {
	l := s.Layout(s.Model)
	a, join := s.Model.Attr(m.Key), false
	if c := l.Column(m.Key); c != nil && c.Join {
		a, join = c.Attr, true
	}
	nested, isObject := m.Value.(*js.Object)
	switch {
	case a == nil:
		return nil, groupError("Unidentified field in groupBy: %s", m.Key)
	case !groupable(a):
		return nil, groupError(`Field "%s" is not supported in groupBy`, m.Key)
	case join && m.Value == true: // the id of the record that is there: none of one in the trash
		return &dimension{column: s.Layout(a.Target).Column("id"), relation: s.follow(l, a), path: m.Key}, nil
	case a.Relation != schema.None && isObject && granularityOf(nested) == "":
		return s.targetDimension(l, a, m.Key, nested)
	}
	if granularity := granularityOf(m.Value); granularity != "" && isDate(a) {
		d := &dimension{column: l.Column(a.Name), path: a.Name, granularity: granularity}
		return d, d.readZone(nested)
	}
	switch {
	case m.Value == true:
		return s.ownDimension(l, a)
	case isObject && !a.Composite():
		return nil, groupError(`Field "%s" does not support nested subfields in groupBy`, m.Key)
	case isObject:
		return partDimension(l, a, nested)
	}
	return nil, groupError(`Invalid groupBy definition for field "%s"`, m.Key)
}

// ownDimension groups by a column of the object itself. Composite fields and relations have none of their
// name, which only the database notices.
func (s *Scope) ownDimension(l *record.Layout, a *schema.Attr) (*dimension, error) {
	c := l.Column(a.Name)
	if c == nil {
		return nil, reject.SQL("column %s.%s does not exist", s.Model.NameSingular, a.Name)
	}
	return &dimension{column: c, path: a.Name}, nil
}

// partDimension groups by a part of a composite field.
func partDimension(l *record.Layout, a *schema.Attr, parts *js.Object) (*dimension, error) {
	if len(parts.Members) > 1 {
		return nil, groupError(
			"You cannot provide multiple subfields in one GroupByInput, split them into multiple GroupByInput")
	}
	if len(parts.Members) == 0 {
		return nil, nil // fixtures/twenty/kind_groupby 31
	}
	part := parts.Members[0]
	c := l.Column(a.Name + "." + part.Key)
	if c == nil || c.Kind == record.Document {
		return nil, noPart(a, part.Key)
	}
	if part.Value != true {
		return nil, groupError(`Composite subfield "%s" must be set to true in groupBy for "%s"`, part.Key, a.Name)
	}
	return &dimension{column: c, path: c.Path}, nil
}

func noPart(a *schema.Attr, key string) error {
	return groupError(`Composite subfield "%s" is not supported in groupBy for "%s"`, key, a.Name)
}

// firstMember returns the first member of an object. An empty object, or nil, has a member with the name undefined.
func firstMember(o *js.Object) js.Member {
	if o == nil || len(o.Members) == 0 {
		return js.Member{Key: "undefined"}
	}
	return o.Members[0]
}

// targetDimension groups by a field of the record that a relation leads to. Its times are cut in UTC,
// whatever zone is asked for.
func (s *Scope) targetDimension(l *record.Layout, a *schema.Attr, name string, nested *js.Object) (*dimension, error) {
	if len(nested.Members) > 1 {
		return nil, groupError("You cannot provide multiple nested fields in one relation GroupByInput, " +
			"split them into multiple GroupByInput")
	}
	first := firstMember(nested)
	key, value := first.Key, first.Value
	b := a.Target.Attr(key)
	switch {
	case b == nil:
		return nil, groupError(`Nested field "%s" not found in target object "%s"`, key, a.Target.NameSingular)
	case b.Name != "id" && !groupable(b):
		return nil, groupError(`Nested field "%s" is not supported in groupBy`, key)
	case b.Relation != schema.None:
		return nil, groupError("Cannot group by a relation field of the relation field: "+
			`"%s" is a relation field of "%s"`, key, a.Target.NameSingular)
	}
	target, d := s.Layout(a.Target), &dimension{relation: s.follow(l, a), path: name + "." + key}
	if granularity := granularityOf(value); granularity != "" && isDate(b) {
		d.column, d.granularity = target.Column(key), granularity
		return d, d.readZone(value.(*js.Object))
	}
	if b.Composite() {
		c, err := targetPart(target, b, value)
		if err != nil {
			return nil, err
		}
		d.column, d.path = c, name+"."+c.Path
		return d, nil
	}
	if value != true {
		return nil, groupError(`Invalid groupBy definition for nested field "%s"`, d.path)
	}
	d.column = target.Column(key)
	return d, nil
}

// targetPart finds the part of a composite field of a relation's target.
func targetPart(l *record.Layout, b *schema.Attr, value any) (*record.Column, error) {
	parts, ok := value.(*js.Object)
	switch {
	case !ok:
		return nil, groupError(`Composite field "%s" requires a subfield to be specified`, b.Name)
	case len(parts.Members) > 1:
		return nil, groupError("You cannot provide multiple composite subfields in one GroupByInput, " +
			"split them into multiple GroupByInput")
	}
	part := firstMember(parts)
	c := l.Column(b.Name + "." + part.Key)
	if c == nil || c.Kind == record.Document || part.Value != true {
		return nil, noPart(b, part.Key)
	}
	return c, nil
}

// granularityOf returns the granularity that a definition asks for, "" if it names none that there is.
func granularityOf(v any) string {
	if o, ok := v.(*js.Object); ok && slices.Contains(granularities, js.StringOf(o.Value("granularity"))) {
		return js.StringOf(o.Value("granularity"))
	}
	return ""
}

func isDate(a *schema.Attr) bool { return a.Type == schema.DateTime || a.Type == schema.Date }

// readZone reads how periods are cut. A zone is asked for only of the times of the object itself, and weeks
// begin on a Monday, Saturday or Sunday.
func (d *dimension) readZone(o *js.Object) error {
	d.zone, d.weekStart = time.UTC, time.Monday
	switch js.StringOf(o.Value("weekStartDay")) {
	case "SUNDAY":
		d.weekStart = time.Sunday
	case "SATURDAY":
		d.weekStart = time.Saturday
	}
	if d.relation != nil || d.column.Kind != record.Moment || !slices.Contains(needsZone, d.granularity) {
		return nil
	}
	name := js.StringOf(o.Value("timeZone"))
	if name == "" {
		return reject.With("MISSING_TIMEZONE_FOR_DATE_GROUP_BY", "",
			"Time zone should be specified for a group by date on Day, Week, Month, Quarter or Year")
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return groupError("Invalid timezone: %s", name)
	}
	d.zone = zone
	return nil
}

// calendar are the names that buckets go by, in the order of the calendar; weeks start on Monday.
var calendar = map[string][]string{
	"DAY_OF_THE_WEEK": {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
	"MONTH_OF_THE_YEAR": {"January", "February", "March", "April", "May", "June", "July", "August", "September",
		"October", "November", "December"},
}

func (d *dimension) named() bool { return calendar[d.granularity] != nil }

// turn is the place of a name in the calendar.
func (d *dimension) turn(name any) int {
	return slices.Index(calendar[d.granularity], js.StringOf(name))
}

// groupable reports whether records can be grouped by a field: not by system fields, except for the
// times of every record, as the input types of GraphQL show
// (fixtures/twenty/graphql_introspection).
func groupable(a *schema.Attr) bool {
	switch {
	case a.Name == "createdAt" || a.Name == "updatedAt":
		return isDate(a)
	case a.Name == "id" || a.Name == "deletedAt" || a.Name == "createdBy" || a.Name == "searchVector" || a.IsSystem ||
		a.Relation == schema.Many:
		return false
	}
	return a.Type != schema.Position && a.Type != schema.RawJSON && a.Type != schema.TSVector && a.Type != schema.Files
}

// key is the group key of a record, as the database compares it and as answers show it.
func (d *dimension) key(r *record.Record) any {
	if d.relation != nil {
		if r = d.relation(r); r == nil {
			return nil
		}
	}
	v := r.At(d.column)
	switch v := v.(type) {
	case value.Moment:
		if d.granularity == "" || d.granularity == "NONE" {
			return v.String()
		}
		return d.bucket(v.Time())
	case string:
		if d.column.Kind == record.Day && d.granularity != "" && d.granularity != "NONE" {
			t, _ := time.Parse("2006-01-02", v)
			return d.bucket(t)
		}
	}
	return v
}

// bucket is the first day of the period that a time falls into, or its name.
func (d *dimension) bucket(t time.Time) string {
	t = t.In(d.zone)
	y, m, day := t.Date()
	switch d.granularity {
	case "DAY_OF_THE_WEEK":
		return t.Weekday().String()
	case "MONTH_OF_THE_YEAR":
		return m.String()
	case "QUARTER_OF_THE_YEAR":
		return fmt.Sprintf("Q%d", (m+2)/3)
	case "WEEK":
		day -= (int(t.Weekday()) - int(d.weekStart) + 7) % 7
	case "MONTH":
		day = 1
	case "QUARTER":
		m, day = (m-1)/3*3+1, 1
	case "YEAR":
		m, day = 1, 1
	}
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Format("2006-01-02")
}
