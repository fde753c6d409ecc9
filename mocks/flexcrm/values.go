package flexcrm

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	oneLineLimit = 120
	textLimit    = 10_000
)

// read converts what a client wrote into the read form of a column. An empty text clears the value.
func (a *api) read(c *column, text string) (Cell, error) {
	if text == "" {
		return Cell{Key: c.key, kind: c.kind}, nil
	}
	cell := Cell{Key: c.key, Text: text, kind: c.kind}
	var err error
	switch c.field.Type {
	case OneLine:
		err = atMost(c, text, oneLineLimit)
	case Text:
		err = atMost(c, text, textLimit)
	case Number:
		return readNumber(c, text)
	case Select:
		cell.Text, err = readOptions(c, text)
	case Date:
		date, ok := readDate(text)
		if !ok {
			err = refuse("%s is a date, not %q", c.key, text)
		}
		cell.Text = date
	case Address:
		return readAddress(c, text)
	case UserField:
		return a.readUser(c, text)
	case Relation:
		err = a.checkRelation(c, text)
	}
	return cell, err
}

// atMost counts characters, not bytes.
func atMost(c *column, text string, most int) error {
	if n := utf8.RuneCountInString(text); n > most {
		return stated(refuse("%s has %d characters; %d at most", c.key, n, most))
	}
	return nil
}

// readNumber accepts at most ten digits before the point. Assumed: exponents and signs other than
// minus are a 400, and redundant zeros are dropped.
func readNumber(c *column, text string) (Cell, error) {
	text = strings.TrimSpace(text)
	if !isDecimal(text) {
		return Cell{}, refuse("%s is a number, not %q", c.key, text)
	}
	text = plainDecimal(text)
	whole, _, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if len(whole) > 10 || exact(text).Cmp(largestNumber) > 0 || exact(text).Cmp(smallestNumber) < 0 {
		return Cell{}, stated(refuse("%s is at most 9999999999, not %s", c.key, text))
	}
	return numberCell(c.key, text), nil
}

var largestNumber, smallestNumber = exact("9999999999"), exact("-9999999999")

func exact(digits string) *big.Rat {
	r, _ := new(big.Rat).SetString(digits)
	return r
}

// plainDecimal drops redundant zeros from a number.
func plainDecimal(text string) string {
	minus := strings.HasPrefix(text, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		whole += "." + fraction
	}
	if minus && whole != "0" {
		return "-" + whole
	}
	return whole
}

// readOptions accepts option ids joined with commas; several only for a checkbox.
func readOptions(c *column, text string) (string, error) {
	ids := splitIDs(text)
	for i, id := range ids {
		if _, ok := c.field.option(id); !ok {
			return "", refuse("%s has no option %q", c.key, id)
		}
		if slices.Contains(ids[:i], id) {
			return "", refuse("%s names option %q twice", c.key, id)
		}
	}
	if len(ids) > 1 && c.field.Form != "checkbox" {
		return "", refuse("%s takes one option, not %d", c.key, len(ids))
	}
	return strings.Join(ids, ","), nil
}

func splitIDs(text string) []string {
	ids := strings.Split(text, ",")
	for i := range ids {
		ids[i] = strings.TrimSpace(ids[i])
	}
	return ids
}

// prefectures in the order of their national codes, 1 to 47.
var prefectures = strings.Fields("北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 " +
	"新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 " +
	"鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県")

// prefecture returns the name of a code, or "".
func prefecture(n int) string {
	if n < 1 || n > len(prefectures) {
		return ""
	}
	return prefectures[n-1]
}

// readAddress reads one of the four parts: the prefecture is written by name and read as its
// number. Assumed: its number is accepted too; a postal code has up to seven digits, with or
// without the hyphen, and is read back as a number without leading zeros.
func readAddress(c *column, text string) (Cell, error) {
	switch c.part {
	case "zip":
		code := strings.Replace(strings.TrimSpace(text), "-", "", 1)
		if !digits(code) || len(code) > 7 {
			return Cell{}, refuse("%s is a postal code of seven digits, not %q", c.key, text)
		}
		return numberCell(c.key, plainDecimal(code)), nil
	case "state":
		n := slices.Index(prefectures, strings.TrimSpace(text)) + 1
		if n == 0 && digits(text) && len(text) <= 2 {
			n, _ = strconv.Atoi(text)
		}
		if prefecture(n) == "" {
			return Cell{}, refuse("%s is the name of a prefecture, not %q", c.key, text)
		}
		return numberCell(c.key, strconv.Itoa(n)), nil
	}
	return Cell{Key: c.key, Text: text}, nil
}

// readUser accepts the record number of a user. Assumed: the user must exist.
func (a *api) readUser(c *column, text string) (Cell, error) {
	row, err := rowAt(a.users, strings.TrimSpace(text))
	if err != nil {
		return Cell{}, err
	}
	return numberCell(c.key, strconv.FormatInt(row.Value.ID, 10)), nil
}

// checkRelation accepts the primary-key value of a record. Assumed: the record must exist.
func (a *api) checkRelation(c *column, text string) error {
	if _, ok := a.target(c.field.Table, text); !ok {
		return refuse("%s: table %s has no record %q", c.key, c.field.Table, text)
	}
	return nil
}

// target returns the record with a primary-key value.
func (a *api) target(table, value string) (Record, bool) {
	t, ok := a.tables.Find(strings.ToLower(table))
	if !ok {
		return Record{}, false
	}
	row := a.byPrimaryKey(t, value)
	if row == nil {
		return Record{}, false
	}
	return row.Value, true
}
