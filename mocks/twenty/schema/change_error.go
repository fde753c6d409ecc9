package schema

import "fmt"

// ChangeError is an error of a change of the metadata. It is one of three: a plain error with a code, a
// report of a validation, or a failure of the database (Fault), which the server answers with a
// bare text.
type ChangeError struct {
	Status      int
	Code        string
	Class       string // the name of the error, if unusual
	Message     string
	UserMessage string
	Report      *Report
	BareReport  bool // REST shows the report's message alone
	Fault       string
	Action      string // what GraphQL says where REST shows the message of the database
}

func (r *ChangeError) Error() string {
	return fmt.Sprintf("%d %s %s%s", r.Status, r.Code, r.Message, r.Fault)
}

// Report lists the errors of a validation, by the kind of metadata.
type Report struct {
	Message     string               `json:"message"`
	Errors      map[string][]Failure `json:"errors"`
	Summary     map[string]int       `json:"summary"`
	UserMessage string               `json:"userFriendlyMessage,omitempty"`
}

// Failure is one piece of metadata that is not valid.
type Failure struct {
	Status   string         `json:"status,omitempty"`
	Errors   []Complaint    `json:"errors"`
	Entity   map[string]any `json:"flatEntityMinimalInformation"`
	Metadata string         `json:"metadataName"`
	Type     string         `json:"type"` // create, update or delete
}

// Complaint is one thing that is wrong with it.
type Complaint struct {
	Code        string `json:"code"`
	Message     string `json:"message"`
	UserMessage string `json:"userFriendlyMessage,omitempty"`
	Value       any    `json:"value,omitempty"`
}

// complain returns an error with the same message for people and programs.
func complain(code, message string) Complaint {
	return Complaint{Code: code, Message: message, UserMessage: message}
}

// findings collects the failures of one change.
type findings struct {
	change string // create, update or delete
	found  map[string][]Failure
	count  int
	newID  func() string // of indexes, which have no rows
}

func newFindings(change string) *findings {
	return &findings{change: change, found: map[string][]Failure{}}
}

// add notes a piece of metadata that failed. Without complaints it notes nothing and returns false.
func (f *findings) add(metadata string, entity map[string]any, errors []Complaint) bool {
	if len(errors) == 0 {
		return false
	}
	f.put(Failure{Status: "fail", Errors: errors, Entity: entity, Metadata: metadata, Type: f.change})
	return true
}

func (f *findings) put(failure Failure) {
	f.found[failure.Metadata] = append(f.found[failure.Metadata], failure)
	f.count++
}

// changeError returns the report, or nil without errors. what names the operation: "creating object".
func (f *findings) changeError(what string) error {
	if f.count == 0 {
		return nil
	}
	report := &Report{Message: "Multiple validation errors occurred while " + what, Errors: f.found,
		Summary: map[string]int{"totalErrors": f.count}, UserMessage: "Many validation errors"}
	for metadata, failures := range f.found {
		report.Summary[metadata] = len(failures)
		if f.count == 1 {
			report.UserMessage = failures[0].Errors[0].UserMessage
		}
	}
	return &ChangeError{Status: 400, Report: report}
}

// early returns an error from before the metadata was built: one message about no particular
// entity.
func early(change, message string, c Complaint) error {
	f := newFindings(change)
	f.put(Failure{Errors: []Complaint{c}, Entity: map[string]any{"id": ""}, Metadata: fieldMetadata, Type: change})
	refusal := f.changeError("").(*ChangeError)
	refusal.Report.Message = message
	return refusal
}

// The kinds of metadata, as reports name them.
const (
	fieldMetadata  = "fieldMetadata"
	objectMetadata = "objectMetadata"
)
