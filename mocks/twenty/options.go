package twenty

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// Company is a company for [WithCompanies]. Its fields have the names and shapes of the API; empty
// ones get the defaults of a new record.
type Company struct {
	ID             string    `json:"id,omitempty"`
	Name           string    `json:"name,omitempty"`
	DomainName     *Links    `json:"domainName,omitempty"`
	LinkedinLink   *Links    `json:"linkedinLink,omitempty"`
	Address        *Address  `json:"address,omitempty"`
	AnnualRevenue  *Currency `json:"annualRevenue,omitempty"`
	AccountOwnerID string    `json:"accountOwnerId,omitempty"` // a workspace member
	Custom         Values    `json:"-"`                        // fields of [WithFields], by name
}

// Person is a person for [WithPeople]; see [Company].
type Person struct {
	ID           string    `json:"id,omitempty"`
	Name         *FullName `json:"name,omitempty"`
	Emails       *Emails   `json:"emails,omitempty"`
	Phones       *Phones   `json:"phones,omitempty"`
	LinkedinLink *Links    `json:"linkedinLink,omitempty"`
	JobTitle     string    `json:"jobTitle,omitempty"`
	CompanyID    string    `json:"companyId,omitempty"`
	Custom       Values    `json:"-"`
}

// Opportunity is an opportunity for [WithOpportunities]; see [Company].
type Opportunity struct {
	ID               string    `json:"id,omitempty"`
	Name             string    `json:"name,omitempty"`
	Amount           *Currency `json:"amount,omitempty"`
	CloseDate        string    `json:"closeDate,omitempty"` // RFC 3339
	Stage            string    `json:"stage,omitempty"`     // NEW, SCREENING, MEETING, PROPOSAL or CUSTOMER
	CompanyID        string    `json:"companyId,omitempty"`
	PointOfContactID string    `json:"pointOfContactId,omitempty"`
	OwnerID          string    `json:"ownerId,omitempty"`
	Custom           Values    `json:"-"`
}

// Values are the fields of a record by name, in the shapes of the API.
type Values map[string]any

// FullName is a person's name.
type FullName struct {
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// Emails are e-mail addresses.
type Emails struct {
	PrimaryEmail     string   `json:"primaryEmail"`
	AdditionalEmails []string `json:"additionalEmails,omitempty"`
}

// Phones is a phone number.
type Phones struct {
	PrimaryPhoneNumber      string `json:"primaryPhoneNumber"`
	PrimaryPhoneCountryCode string `json:"primaryPhoneCountryCode,omitempty"` // GB
	PrimaryPhoneCallingCode string `json:"primaryPhoneCallingCode,omitempty"` // +44
}

// Links is a link.
type Links struct {
	PrimaryLinkURL   string `json:"primaryLinkUrl"`
	PrimaryLinkLabel string `json:"primaryLinkLabel,omitempty"`
}

// Currency is an amount of money in millionths.
type Currency struct {
	AmountMicros int64  `json:"amountMicros"`
	CurrencyCode string `json:"currencyCode"`
}

// Address is a postal address.
type Address struct {
	AddressStreet1  string `json:"addressStreet1,omitempty"`
	AddressStreet2  string `json:"addressStreet2,omitempty"`
	AddressCity     string `json:"addressCity,omitempty"`
	AddressState    string `json:"addressState,omitempty"`
	AddressPostcode string `json:"addressPostcode,omitempty"`
	AddressCountry  string `json:"addressCountry,omitempty"`
}

// Object is a custom object for [WithObjects].
type Object struct {
	NameSingular, NamePlural   string // in camel case: rocket, rockets
	LabelSingular, LabelPlural string // default: the names with a capital
	Fields                     []Field
}

// Field is a custom field of an object.
type Field struct {
	Name    string      // in camel case
	Label   string      // default: the name with a capital
	Type    schema.Type // default: [schema.Text]
	Options []string    // the values of a [schema.Select] or [schema.MultiSelect], in capitals
	Unique  bool
	// RelatesTo is the singular name of the object that a relation leads to. The other object gets
	// a list named like the plural of this one.
	RelatesTo string
}

// WithCompanies adds companies to the seed, without events or webhooks.
func WithCompanies(rows ...Company) fake.Option {
	return withTyped("company", rows, func(c Company) Values { return c.Custom })
}

// WithPeople adds people to the seed; see [WithCompanies].
func WithPeople(rows ...Person) fake.Option {
	return withTyped("person", rows, func(p Person) Values { return p.Custom })
}

// WithOpportunities adds opportunities to the seed; see [WithCompanies].
func WithOpportunities(rows ...Opportunity) fake.Option {
	return withTyped("opportunity", rows, func(o Opportunity) Values { return o.Custom })
}

// WithRecords adds records of any object, named by its singular, to the seed: of a standard one,
// such as note, or of one of [WithObjects], which has to precede it. A field that the object lacks
// is an error.
func WithRecords(object string, records ...Values) fake.Option {
	return fake.WithState(func(s *fake.State) error {
		for _, values := range records {
			if err := fake.Of[api](s).addRecord(object, values); err != nil {
				return fmt.Errorf("a record of %s: %w", object, err)
			}
		}
		return nil
	})
}

// WithObjects creates custom objects, as a client of the metadata API does, by the same rules.
func WithObjects(objects ...Object) fake.Option {
	return fake.WithState(func(s *fake.State) error {
		a := fake.Of[api](s)
		for _, o := range objects {
			made, err := a.tables.CreateObject(schema.ReadObject(map[string]any{
				"nameSingular": o.NameSingular, "labelSingular": labelOf(o.LabelSingular, o.NameSingular),
				"namePlural": o.NamePlural, "labelPlural": labelOf(o.LabelPlural, o.NamePlural)}))
			if err == nil {
				err = a.addFields(made.NameSingular, o.Fields)
			}
			if err != nil {
				return fmt.Errorf("object %q: %w", o.NameSingular, metadataError(err))
			}
		}
		return nil
	})
}

// WithFields creates custom fields of an object, named by its singular.
func WithFields(object string, fields ...Field) fake.Option {
	return fake.WithState(func(s *fake.State) error {
		return metadataError(fake.Of[api](s).addFields(object, fields))
	})
}

// withTyped adds rows of a typed option.
func withTyped[T any](object string, rows []T, custom func(T) Values) fake.Option {
	records := make([]Values, len(rows))
	for i, row := range rows {
		text, err := json.Marshal(row)
		if err == nil {
			err = json.Unmarshal(text, &records[i])
		}
		if err != nil {
			return fake.WithState(func(*fake.State) error { return err })
		}
		maps.Copy(records[i], custom(row))
	}
	return WithRecords(object, records...)
}

// addRecord stores a record as a seed does.
func (a *api) addRecord(object string, values Values) error {
	m := a.tables.Schema().Singular(object)
	if m == nil {
		return a.noObject(object)
	}
	names := js.Map(m.Attrs, func(attr *schema.Attr) string { return cmp.Or(attr.JoinColumn, attr.Name) })
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("%s has no field %q%s", object, name, fake.Hint(name, names))
		}
	}
	text, err := json.Marshal(values)
	if err == nil {
		err = write.Add(a.records, m, text)
	}
	return err
}

// noObject is the error for the name of an object that does not exist.
func (a *api) noObject(name string) error {
	names := js.Map(slices.Collect(a.tables.Objects.All()), func(o schema.Object) string { return o.NameSingular })
	return fmt.Errorf("no object %q%s", name, fake.Hint(name, names))
}

// addFields creates fields of an object.
func (a *api) addFields(object string, fields []Field) error {
	for _, f := range fields {
		m := a.tables.Schema().Singular(object)
		if m == nil {
			return a.noObject(object)
		}
		body := map[string]any{"objectMetadataId": m.ID, "name": f.Name, "label": labelOf(f.Label, f.Name),
			"type": string(f.Type), "isUnique": f.Unique}
		if f.Type == "" {
			body["type"] = string(schema.Text)
		}
		if f.RelatesTo != "" {
			target := a.tables.Schema().Singular(f.RelatesTo)
			if target == nil {
				return a.noObject(f.RelatesTo)
			}
			body["type"] = string(schema.Relation)
			body["relationCreationPayload"] = map[string]any{"type": string(schema.ToOne),
				"targetFieldIcon": "IconList", "targetObjectMetadataId": target.ID, "targetFieldLabel": m.LabelPlural}
		}
		var options []any
		for i, value := range f.Options {
			options = append(options, map[string]any{"value": value, "label": labelOf("", strings.ToLower(value)),
				"position": i, "color": "gray"})
		}
		if options != nil {
			body["options"] = options
		}
		if wrong := schema.FieldForm.Complaints(body); wrong != nil {
			return fmt.Errorf("field %q of %s: %s", f.Name, object, strings.Join(wrong, "; "))
		}
		if _, err := a.tables.CreateField(schema.ReadField(body)); err != nil {
			return fmt.Errorf("field %q of %s: %w", f.Name, object, metadataError(err))
		}
	}
	return nil
}

// labelOf returns label, or the name with a capital if it is empty.
func labelOf(label, name string) string {
	if label != "" || name == "" {
		return label
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// metadataError returns the first thing that a validation found, in place of its summary.
func metadataError(err error) error {
	changed, ok := err.(*schema.ChangeError)
	if !ok || changed.Report == nil {
		return err
	}
	found := changed.Report.Errors
	for _, failure := range slices.Concat(found["objectMetadata"], found["fieldMetadata"]) {
		return fmt.Errorf("%s: %s", failure.Errors[0].Code, failure.Errors[0].Message)
	}
	return err
}
