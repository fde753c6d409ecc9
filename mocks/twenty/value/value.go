// Package value parses what clients write into the fields of records and that is more than a text: moments and days,
// links and phone numbers. It knows neither objects nor their columns.
package value
