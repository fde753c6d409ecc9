package schema

import (
	"fmt"
	"strings"
)

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
	Status   string
	Errors   []Complaint
	Entity   map[string]any // its minimal information
	Metadata string
	Type     string // create, update or delete
}

// Complaint is one thing that is wrong with it.
type Complaint struct {
	Code        string
	Message     string
	UserMessage string
	Value       any
}

// MarshalJSON writes the refused value where the rule has put it: second for a name that is taken, last for most
// others. Recorded: fixtures/twenty/corpus_metadata_101, corpus_metadata_102 and kind_metadata_fields.
func (c Complaint) MarshalJSON() ([]byte, error) {
	keys := "code message userFriendlyMessage value"
	switch {
	case c.Code == "NOT_AVAILABLE":
		keys = "code value message userFriendlyMessage"
	case strings.HasPrefix(c.Message, "Field type "):
		keys = "code message value userFriendlyMessage"
	case strings.HasPrefix(c.Message, "Default value for multi-select "):
		keys = "code userFriendlyMessage message value"
	}
	return inOrder(keys, map[string]any{"code": c.Code, "message": c.Message, "userFriendlyMessage": c.UserMessage,
		"value": c.Value})
}

// MarshalJSON writes a failure in the order of what found it: the form of the input, the names of indexes, or the rules
// of the metadata. Recorded: fixtures/twenty/corpus_metadata_101.
func (f Failure) MarshalJSON() ([]byte, error) {
	keys := "status errors flatEntityMinimalInformation metadataName type"
	switch {
	case f.Status == "" && f.Metadata == fieldMetadata:
		keys = "errors type metadataName flatEntityMinimalInformation"
	case f.Metadata == "index" && f.Type == "update":
		keys = "status type errors flatEntityMinimalInformation metadataName"
	}
	return inOrder(keys, map[string]any{"status": f.Status, "errors": f.Errors, "metadataName": f.Metadata,
		"flatEntityMinimalInformation": f.Entity, "type": f.Type})
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
	rejection := f.changeError("").(*ChangeError)
	rejection.Report.Message = message
	return rejection
}

// The kinds of metadata, as reports name them.
const (
	fieldMetadata  = "fieldMetadata"
	objectMetadata = "objectMetadata"
)
