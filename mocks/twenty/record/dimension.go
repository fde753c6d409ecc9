package record

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// dimension is one key that records are grouped by.
type dimension struct {
	column      *Column
	via         hop
	path        string // as requests write it: company.name
	alias       string // as the database calls it: company_name
	granularity string
	zone        *time.Location
	weekStart   time.Weekday
}

var granularities = []string{"DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "DAY_OF_THE_WEEK", "MONTH_OF_THE_YEAR", "QUARTER_OF_THE_YEAR", "NONE"}

// needsZone are the granularities that are cut in a time zone; the others are cut in UTC.
var needsZone = granularities[:5]

func groupError(format string, args ...any) *Error { return refuse(queryInput, "", format, args...) }

// dimensions reads the group_by list: fixtures/twenty/rest_group_by.
func (s *Scope) dimensions(list []any) ([]*dimension, error) {
	var out []*dimension
	for _, item := range list {
		o, ok := item.(*Object)
		if !ok || len(o.Members) == 0 {
			continue
		}
		var chosen []Member
		for _, m := range o.Members {
			if m.Value != false || len(o.Members) == 1 {
				chosen = append(chosen, m)
			}
		}
		if len(chosen) > 1 {
			return nil, groupError("You cannot provide multiple fields in one GroupByInput, split them into multiple GroupByInput")
		}
		for _, m := range chosen {
			d, err := s.dimension(s.Layout(s.Model), m, nil, "")
			if err != nil {
				return nil, err
			}
			d.alias = s.Model.NameSingular + "_" + d.column.DB
			if d.via != nil {
				d.alias = strings.SplitN(d.path, ".", 2)[0] + "_" + d.column.DB
			}
			out = append(out, d)
		}
	}
	return out, nil
}

func (s *Scope) dimension(l *Layout, m Member, via hop, prefix string) (*dimension, error) {
	if c := l.byPath[m.Key]; c != nil && c.Join && via == nil {
		return &dimension{column: c, path: m.Key}, nil
	}
	a := l.Model.Attr(m.Key)
	if a == nil {
		if via != nil {
			return nil, groupError("Nested field %s is not supported in groupBy", quoted(m.Key))
		}
		return nil, groupError("Unidentified field in groupBy: %s", m.Key)
	}
	nested, isObject := m.Value.(*Object)
	switch {
	case a.Relation == schema.ToOne && isObject && via == nil && len(nested.Members) > 0:
		return s.dimension(s.Layout(a.Target), nested.Members[0], s.follow(l, a), m.Key+".")
	case a.Relation != schema.None:
		return nil, groupError("Field %s is not supported in groupBy", quoted(m.Key))
	case a.Composite() && isObject && len(nested.Members) > 0:
		c := l.byPath[m.Key+"."+nested.Members[0].Key]
		if c == nil || c.kind == document {
			return nil, groupError("Nested field %s is not supported in groupBy", quoted(nested.Members[0].Key))
		}
		return &dimension{column: c, via: via, path: prefix + c.Path}, nil
	}
	return plainDimension(l, a, m.Value, via, prefix)
}

func plainDimension(l *Layout, a *schema.Attr, v any, via hop, prefix string) (*dimension, error) {
	c := l.byPath[a.Name]
	if c == nil || !groupable(c) {
		return nil, groupError("Field %s is not supported in groupBy", quoted(a.Name))
	}
	d := &dimension{column: c, via: via, path: prefix + c.Path, weekStart: time.Monday}
	o, ok := v.(*Object)
	if !ok {
		return d, nil
	}
	d.granularity = stringOf(o.Value("granularity"))
	if c.kind != moment && c.kind != day || !slices.Contains(granularities, d.granularity) {
		return nil, groupError("Field %s does not support nested subfields in groupBy", quoted(a.Name))
	}
	if d.granularity == "NONE" {
		d.granularity = ""
		return d, nil
	}
	return d, d.readZone(o)
}

func (d *dimension) readZone(o *Object) error {
	if start := stringOf(o.Value("weekStartDay")); start != "" {
		for day := time.Sunday; day <= time.Saturday; day++ {
			if strings.ToUpper(day.String()) == start {
				d.weekStart = day
			}
		}
	}
	d.zone = time.UTC
	if !slices.Contains(needsZone, d.granularity) {
		return nil
	}
	name := stringOf(o.Value("timeZone"))
	if name == "" {
		if d.column.kind == day {
			return nil
		}
		return groupError("Time zone should be specified for a group by date on Day, Week, Month, Quarter or Year")
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return groupError("Invalid timezone: %s", name)
	}
	if d.zone = zone; d.column.kind == day {
		d.zone = time.UTC
	}
	return nil
}

// calendar are the names that buckets go by, in the order of the calendar; weeks start on Monday.
var calendar = map[string][]string{
	"DAY_OF_THE_WEEK":   {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
	"MONTH_OF_THE_YEAR": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

func (d *dimension) named() bool { return calendar[d.granularity] != nil }

// turn is the place of a name in the calendar.
func (d *dimension) turn(name any) int { return slices.Index(calendar[d.granularity], stringOf(name)) }

func groupable(c *Column) bool {
	switch c.Type {
	case schema.Position, schema.RawJSON, schema.TSVector, schema.Files:
		return false
	}
	return c.Path != "deletedAt"
}

// key is what a record is grouped under, as the database compares it and as answers show it.
func (d *dimension) key(r *Record) any {
	if d.via != nil {
		if r = d.via(r); r == nil {
			return nil
		}
	}
	v := r.values[d.column.at]
	switch v := v.(type) {
	case millis:
		if d.granularity == "" {
			return v.String()
		}
		return d.bucket(v.Time())
	case string:
		if d.column.kind == day && d.granularity != "" {
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
