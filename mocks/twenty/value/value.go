// Package value parses what clients write into the fields of records and that is more than a text: moments and days,
// links, phone numbers and rich texts. It knows neither objects nor their columns.
package value
