package main

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

var documents = map[string]bool{"variant": true, "object": true, "array": true}

var numbers = map[string]bool{"fixed": true, "real": true}

// cell is the driver's value as text that every driver's values can be brought to: numbers without
// trailing zeros, times in UTC, JSON with sorted keys; nil for NULL.
func cell(value any, kind string) (*string, error) {
	var text string
	switch given := value.(type) {
	case nil:
		return nil, nil
	case []byte:
		text = strings.ToUpper(hex.EncodeToString(given))
	case bool:
		text = strconv.FormatBool(given)
	case float64:
		text = strconv.FormatFloat(given, 'f', -1, 64)
	case time.Time:
		text = moment(given, kind)
	default:
		text = fmt.Sprint(given)
		if documents[kind] {
			return canonical(text)
		}
		if numbers[kind] {
			text = trimmed(text)
		}
	}
	return &text, nil
}

// exactCell has the Go type and every digit, and the zone of a time.
func exactCell(value any, _ string) (*string, error) {
	if value == nil {
		return nil, nil
	}
	text := fmt.Sprintf("%T %v", value, value)
	if moment, isTime := value.(time.Time); isTime {
		text = fmt.Sprintf("%T %s", value, moment.Format("2006-01-02T15:04:05.000000000Z07:00 MST"))
	}
	return &text, nil
}

func trimmed(number string) string {
	if !strings.Contains(number, ".") {
		return number
	}
	return strings.TrimRight(strings.TrimRight(number, "0"), ".")
}

func moment(value time.Time, kind string) string {
	switch kind {
	case "date":
		return value.Format("2006-01-02")
	case "time":
		return value.Format("15:04:05")
	}
	return value.UTC().Format("2006-01-02T15:04:05.000Z")
}

func canonical(document string) (*string, error) {
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.UseNumber()
	var parsed any
	if err := decoder.Decode(&parsed); err != nil {
		return nil, err
	}
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(parsed); err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(written.String(), "\n")
	return &text, nil
}

type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func columnsOf(rows *sql.Rows) ([]column, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	columns := make([]column, len(types))
	for index, given := range types {
		columns[index] = column{given.Name(), strings.ToLower(given.DatabaseTypeName())}
	}
	return columns, nil
}
