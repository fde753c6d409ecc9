package flexcrm

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// Category is the category of a schedule entry.
type Category struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Schedule is an entry of the calendar. The category is written as a number and read as its name.
type Schedule struct {
	ID         int64  `json:"id"`
	StartDate  string `json:"start_date"`
	EndDate    string `json:"end_date"`
	CategoryID int64  `json:"category_id"`
	AlldayFlg  int64  `json:"allday_flg"` // 1 = all day
	Title      string `json:"title"`
	Remarks    string `json:"remarks"`
	Private    int64  `json:"private"` // 0 public, 1 private, 2 public without details
	Timestamps
	Participants []Participant `json:"participants"`
}

// Participant is a user who takes part.
type Participant struct {
	ID     int64 `json:"id"`
	Type   int64 `json:"type"`
	UserID int64 `json:"user_id"`
}

// scheduleView is a Schedule as answers show it.
type scheduleView struct {
	ID         int64  `json:"id"`
	StartDate  string `json:"start_date"`
	EndDate    string `json:"end_date"`
	CategoryID string `json:"category_id"`
	Schedule
}

func fillSchedule(a *api) func(*Schedule) {
	return func(s *Schedule) {
		s.ID = a.Number("schedules", s.ID)
		s.Participants = slices.Clone(s.Participants)
		if s.Participants == nil {
			s.Participants = []Participant{}
		}
		for i := range s.Participants {
			s.Participants[i].ID = a.Number("participants", s.Participants[i].ID)
		}
		s.Timestamps.fill(a.Now())
	}
}

func (a *api) scheduleOps() fake.Ops {
	return fake.Ops{
		"listSchedules":  a.listSchedules,
		"getSchedule":    a.getSchedule,
		"createSchedule": a.createSchedule,
		"updateSchedule": a.updateSchedule,
	}
}

func (a *api) viewSchedule(s Schedule) scheduleView {
	category, _ := a.categories.Find(rowKey(s.CategoryID))
	return scheduleView{s.ID, s.StartDate, s.EndDate, category.Name, s}
}

// listSchedules answers without any counter. A key sees private entries too (assumed).
func (a *api) listSchedules(r *fake.Request) (any, error) {
	p, err := pageOf(r)
	if err != nil {
		return nil, err
	}
	wanted, err := scheduleFilter(r)
	if err != nil {
		return nil, err
	}
	var found []Schedule
	for row := range table.Nth(a.schedules, 0) {
		if wanted(row.Value) {
			found = append(found, row.Value)
		}
	}
	list := []scheduleView{}
	for _, s := range cut(found, p) {
		list = append(list, a.viewSchedule(s))
	}
	return struct {
		Status       string         `json:"status"`
		ScheduleList []scheduleView `json:"scheduleList"`
	}{success, list}, nil
}

// scheduleFilter parses start_date, end_date and participant. Assumed: an entry is listed if it
// overlaps the window, which includes the whole last day if that has no time; of several
// participants one suffices.
func scheduleFilter(r *fake.Request) (func(Schedule) bool, error) {
	q := r.QueryValues()
	from, until := last(q, "start_date"), last(q, "end_date")
	for _, date := range []*string{&from, &until} {
		if *date == "" {
			continue
		}
		read, ok := readDate(*date)
		if !ok {
			return nil, refuse("start_date and end_date are dates, not %q", *date)
		}
		if date == &until && len(strings.TrimSpace(until)) == len("2006-01-02") {
			read = read[:10] + " 23:59:59"
		}
		*date = read
	}
	var users []int64
	if text := last(q, "participant"); text != "" {
		for _, id := range splitIDs(text) {
			n, ok := rowNumber(id)
			if !ok {
				return nil, refuse("participant is the number of a user, not %q", id)
			}
			users = append(users, n)
		}
	}
	return func(s Schedule) bool {
		return (from == "" || s.EndDate >= from) && (until == "" || s.StartDate != "" && s.StartDate <= until) &&
			(users == nil || slices.ContainsFunc(s.Participants,
				func(p Participant) bool { return slices.Contains(users, p.UserID) }))
	}, nil
}

func (a *api) getSchedule(r *fake.Request) (any, error) {
	row, err := rowOf(r, a.schedules, "record_id")
	if err != nil {
		return nil, err
	}
	return struct {
		Status       string       `json:"status"`
		ScheduleInfo scheduleView `json:"scheduleInfo"`
	}{success, a.viewSchedule(row.Value)}, nil
}

func (a *api) createSchedule(r *fake.Request) (any, error) {
	var s Schedule
	s.UpdateUserID = caller(r)
	if err := a.readSchedule(r, &s); err != nil {
		return nil, err
	}
	s.Timestamps.by(s.UpdateUserID, r.Now())
	s, err := a.schedules.Insert(s)
	return createdID(r, s.ID), err
}

func (a *api) updateSchedule(r *fake.Request) (any, error) {
	row, err := rowOf(r, a.schedules, "record_id")
	if err != nil {
		return nil, err
	}
	s := row.Value
	s.UpdateUserID = caller(r)
	if err := a.readSchedule(r, &s); err != nil {
		return nil, err
	}
	for i := range s.Participants {
		s.Participants[i].ID = a.Number("participants", s.Participants[i].ID)
	}
	s.Timestamps.by(s.UpdateUserID, r.Now())
	return done, a.schedules.Set(s)
}

// readSchedule reads a body. user_id is the author's record number.
func (a *api) readSchedule(r *fake.Request, s *Schedule) error {
	f := readForm(r)
	f.date("start_date", &s.StartDate)
	f.date("end_date", &s.EndDate)
	f.number("category_id", &s.CategoryID)
	f.among("allday_flg", &s.AlldayFlg, 0, 1)
	f.among("private", &s.Private, 0, 1, 2)
	f.text("title", &s.Title)
	f.text("remarks", &s.Remarks)
	f.number("user_id", &s.UpdateUserID)
	if f.err != nil {
		return f.err
	}
	if err := a.readParticipants(f, s); err != nil {
		return err
	}
	return a.checkSchedule(*s)
}

// checkSchedule validates an entry. Assumed: the people and the category must exist, and an entry
// must not end before it begins.
func (a *api) checkSchedule(s Schedule) error {
	users := []int64{s.UpdateUserID}
	for _, p := range s.Participants {
		users = append(users, p.UserID)
	}
	for _, id := range users {
		if a.users.Row(rowKey(id)) == nil {
			return refuse("there is no user %d", id)
		}
	}
	if s.CategoryID != 0 && a.categories.Row(rowKey(s.CategoryID)) == nil {
		return refuse("there is no category %d", s.CategoryID)
	}
	if s.StartDate != "" && s.EndDate != "" && s.EndDate < s.StartDate {
		return refuse("end_date %s is before start_date %s", s.EndDate, s.StartDate)
	}
	return nil
}

var participantKey = regexp.MustCompile(`^participants\[(\d{1,4})\]\[(type|user_id)\]$`)

// readParticipants accepts a JSON text, participants[0][user_id]=.. keys, or user numbers separated
// by commas. Existing participants keep their numbers.
func (a *api) readParticipants(f *form, s *Schedule) error {
	text, sent := f.values["participants"]
	list, err := bracketed(f)
	if err != nil || !sent && list == nil {
		return err
	}
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return refuse("participants is a list of type and user_id: %v", err)
		}
	} else if text != "" {
		for _, id := range splitIDs(text) {
			n, ok := rowNumber(id)
			if !ok {
				return refuse("participants: %q is no user", firstRunes(id, utf8.UTFMax))
			}
			list = append(list, Participant{UserID: n})
		}
	}
	for i := range list {
		list[i].ID = 0
		for _, old := range s.Participants {
			if old.UserID == list[i].UserID && old.Type == list[i].Type {
				list[i].ID = old.ID
			}
		}
	}
	s.Participants = list
	if list == nil {
		s.Participants = []Participant{}
	}
	return nil
}

func bracketed(f *form) ([]Participant, error) {
	found := map[int]Participant{}
	var places []int
	for key, value := range f.values {
		m := participantKey.FindStringSubmatch(key)
		if m == nil {
			continue
		}
		at, _ := strconv.Atoi(m[1])
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, refuse("%s is a number, not %q", key, value)
		}
		p, seen := found[at]
		if !seen {
			places = append(places, at)
		}
		if m[2] == "type" {
			p.Type = n
		} else {
			p.UserID = n
		}
		found[at] = p
	}
	slices.Sort(places)
	var list []Participant
	for _, at := range places {
		list = append(list, found[at])
	}
	return list, nil
}
