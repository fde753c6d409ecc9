package schema

// Type is the type of a field.
type Type string

// The types of fields, in the vendor's order.
const (
	Actor         Type = "ACTOR"
	Address       Type = "ADDRESS"
	Array         Type = "ARRAY"
	Boolean       Type = "BOOLEAN"
	Currency      Type = "CURRENCY"
	Date          Type = "DATE"
	DateTime      Type = "DATE_TIME"
	Emails        Type = "EMAILS"
	Files         Type = "FILES"
	FullName      Type = "FULL_NAME"
	Links         Type = "LINKS"
	MorphRelation Type = "MORPH_RELATION"
	MultiSelect   Type = "MULTI_SELECT"
	Number        Type = "NUMBER"
	Numeric       Type = "NUMERIC"
	Phones        Type = "PHONES"
	Position      Type = "POSITION"
	Rating        Type = "RATING"
	RawJSON       Type = "RAW_JSON"
	Relation      Type = "RELATION"
	RichText      Type = "RICH_TEXT"
	Select        Type = "SELECT"
	Text          Type = "TEXT"
	TSVector      Type = "TS_VECTOR"
	UUID          Type = "UUID"
)

// Types are all types of fields, in the vendor's order.
var Types = []Type{Actor, Address, Array, Boolean, Currency, Date, DateTime, Emails, Files, FullName, Links,
	MorphRelation,
	MultiSelect, Number, Numeric, Phones, Position, Rating, RawJSON, Relation, RichText, Select, Text, TSVector, UUID}

// SubField is one part of a composite field.
type SubField struct {
	Name   string
	Type   Type
	Unique bool     // belongs to the unique constraint of a unique field
	Values []string // of a SELECT
}

// ActorSources are the sources that createdBy and updatedBy know.
var ActorSources = []string{"EMAIL", "CALENDAR", "WORKFLOW", "AGENT", "API", "IMPORT", "MANUAL", "SYSTEM", "WEBHOOK",
	"APPLICATION"}

// Composites are the sub fields of composite types, in the order of answers.
var Composites = map[Type][]SubField{
	FullName: {{Name: "firstName", Type: Text}, {Name: "lastName", Type: Text}},
	Emails:   {{Name: "primaryEmail", Type: Text, Unique: true}, {Name: "additionalEmails", Type: RawJSON}},
	Phones: {{Name: "primaryPhoneNumber", Type: Text, Unique: true},
		{Name: "primaryPhoneCountryCode", Type: Text, Unique: true},
		{Name: "primaryPhoneCallingCode", Type: Text, Unique: true}, {Name: "additionalPhones", Type: RawJSON}},
	Links: {{Name: "primaryLinkLabel", Type: Text}, {Name: "primaryLinkUrl", Type: Text, Unique: true},
		{Name: "secondaryLinks", Type: RawJSON}},
	Currency: {{Name: "amountMicros", Type: Numeric}, {Name: "currencyCode", Type: Text}},
	Address: {{Name: "addressStreet1", Type: Text}, {Name: "addressStreet2", Type: Text},
		{Name: "addressCity", Type: Text},
		{Name: "addressPostcode", Type: Text}, {Name: "addressState", Type: Text}, {Name: "addressCountry", Type: Text},
		{Name: "addressLat", Type: Numeric}, {Name: "addressLng", Type: Numeric}},
	Actor: {{Name: "source", Type: Select, Values: ActorSources}, {Name: "workspaceMemberId", Type: UUID},
		{Name: "name", Type: Text}, {Name: "context", Type: RawJSON}},
	RichText: {{Name: "blocknote", Type: Text}, {Name: "markdown", Type: Text}},
}
