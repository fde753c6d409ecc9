package schema

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

var goodName = regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)

const longestName = 63

// reserved names cannot be given to objects or fields. The list is the vendor's documentation; the
// recordings have plan and plans.
var reserved = words(`approvedAccessDomain approvedAccessDomains appToken appTokens billingCustomer billingCustomers
	billingEntitlement billingEntitlements billingMeter billingMeters billingProduct billingProducts billingSubscription
	billingSubscriptions billingSubscriptionItem billingSubscriptionItems featureFlag featureFlags keyValuePair ` +
	`keyValuePairs
	postgresCredential postgresCredentials twoFactorMethod twoFactorMethods user users userWorkspace userWorkspaces ` +
	`workspace
	workspaces role roles userWorkspaceRole userWorkspaceRoles plan plans event events field fields link links ` +
	`currency currencies
	fullName fullNames address addresses type types object objects index relation relations positions aggregate search
	searches job jobs pageLayout pageLayouts pageLayoutTab pageLayoutTabs pageLayoutWidget pageLayoutWidgets`)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}

// checkName returns what is wrong with a name: fixtures/twenty/metadata_errors. Each error has the
// code of invalid input for the kind of metadata.
func checkName(name, code string) (out []Complaint) {
	add := func(message string) {
		c := complain(code, message)
		c.Value = name
		out = append(out, c)
	}
	if utf16len(name) > longestName {
		add("Name is too long")
	}
	if name == "" {
		add("Name is too short")
	}
	if !goodName.MatchString(name) {
		add("Name is not valid: it must start with lowercase letter and contain only alphanumeric letters")
	}
	if reserved[name] {
		add(`This name is reserved. Use a different name or the system will add "Custom" suffix.`)
	}
	return out
}

// checkLabel returns what is wrong with an object's label (known from the vendor's public source).
func checkLabel(label, code string) (out []Complaint) {
	add := func(message string) {
		out = append(out, Complaint{Code: code, Message: message, UserMessage: message, Value: label})
	}
	switch {
	case label == "":
		add("Object label is too short")
	case utf16len(label) > longestName:
		add("Object label is too long")
	}
	return out
}

// nameOf is the name that belongs to a label: its words in camel case, letters and digits apart.
func nameOf(label string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn))), label)
	if err != nil {
		plain = label
	}
	if plain != "" && plain[0] >= '0' && plain[0] <= '9' {
		plain = "n" + plain
	}
	var name strings.Builder
	for _, word := range wordsOf.FindAllString(strings.ToLower(plain), -1) {
		if name.Len() > 0 {
			word = Capital(word)
		}
		name.WriteString(word)
	}
	return name.String()
}

// syncedName is the name that a field has while it follows its label; a reserved one gets a suffix.
func syncedName(label string) string {
	if name := nameOf(label); !reserved[name] {
		return name
	}
	return nameOf(label) + "Custom"
}

var wordsOf = regexp.MustCompile(`[a-z]+|[0-9]+`)

// Capital returns a name or label with an upper-case first letter.
func Capital(name string) string {
	_, first := utf8.DecodeRuneInString(name)
	return strings.ToUpper(name[:first]) + name[first:]
}

// derived returns the identifier of a piece of metadata, computed from its owner and name: a UUID
// of version 5 over the joined parts.
func derived(parts ...string) string {
	sum := sha1.Sum([]byte(strings.Join(parts, "|")))
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x50, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[0:4], id[4:6], id[6:8], id[8:10], id[10:16])
}

// RowID returns a UUID of version 4 for a row that the fake keeps in no table, the same whenever it is asked for.
func RowID(parts ...string) string {
	id := []byte(derived(parts...))
	id[14] = '4'
	return string(id)
}

// DerivedID returns the identifier that a piece of metadata of the same parts has everywhere.
func DerivedID(parts ...string) string { return derived(parts...) }

// Constraint is how the vendor's database layer names the constraints of a table: PK for its key, FK for a reference.
func Constraint(kind, table, column string) string {
	sum := sha1.Sum([]byte(table + "_" + column))
	return kind + "_" + hex.EncodeToString(sum[:])[:27]
}

// ForeignKey is the name of the constraint of a relation with a column.
func (a *Attr) ForeignKey() string { return Constraint("FK", a.Model.DatabaseTable(), a.JoinColumn) }

// badID is the database's message about the identifier of a new row, or "".
func badID(table, id string, taken bool) string {
	switch {
	case !IsUUID(id):
		return badUUID(id)
	case taken:
		return `duplicate key value violates unique constraint "` + Constraint("PK", table, "id") + `"`
	}
	return ""
}

// alreadyThere is the error about metadata whose identifier is that of others everywhere.
func alreadyThere(id string) *ChangeError {
	return &ChangeError{Status: 500, Fault: "addFlatEntityToFlatEntityMapsThroughMutationOrThrow: " +
		"flat entity to add already exists (universalIdentifier: " + id + ")"}
}

// Index is one index of an object's database table.
type Index struct {
	Name   string
	Unique bool
	Type   string // BTREE or GIN
	Attrs  []*Attr
}

// indexName is how the server names indexes: fixtures/twenty/metadata_errors, metadata_graphql_read.
func indexName(table, column string, unique bool) string {
	sum := sha256.Sum256([]byte(table + column))
	name := hex.EncodeToString(sum[:])[:27]
	if unique {
		return "IDX_UNIQUE_" + name
	}
	return "IDX_" + name
}

// Indexes returns the indexes of the object's table: one for each to-one relation, unique field and search vector.
func (m *Model) Indexes() []Index {
	var out []Index
	for _, a := range m.Attrs {
		switch {
		case a.JoinColumn != "":
			out = append(out, Index{indexName(m.DatabaseTable(), a.JoinColumn, a.IsUnique), a.IsUnique, "BTREE",
				[]*Attr{a}})
		case a.IsUnique:
			out = append(out, Index{indexName(m.DatabaseTable(), a.Name, true), true, "BTREE", []*Attr{a}})
		case a.Type == TSVector:
			out = append(out, Index{indexName(m.DatabaseTable(), a.Name, false), false, "GIN", []*Attr{a}})
		}
	}
	return out
}

// index returns whether any object has an index of that name.
func (s *Schema) hasIndex(name string) bool {
	for _, m := range s.Models {
		for _, ix := range m.Indexes() {
			if ix.Name == name {
				return true
			}
		}
	}
	return false
}
