package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	sf "github.com/snowflakedb/gosnowflake/v2"
)

// moments are bound with Snowflake's type before the value, as the driver wants it.
var moments = map[string]struct {
	typed  []byte
	layout string
}{
	"date":              {sf.DataTypeDate, "2006-01-02"},
	"time":              {sf.DataTypeTime, "15:04:05"},
	"timestamp":         {sf.DataTypeTimestampNtz, "2006-01-02 15:04:05"},
	"timestampWithZone": {sf.DataTypeTimestampTz, "2006-01-02 15:04:05 -0700"},
}

func arguments(c check) ([]any, error) {
	args := []any{}
	for index, bound := range c.Binds {
		kind := ""
		if c.BindTypes != nil {
			kind = c.BindTypes[index]
		}
		own, err := argument(bound, kind)
		if err != nil {
			return nil, err
		}
		args = append(args, own...)
	}
	return args, nil
}

func argument(bound any, kind string) ([]any, error) {
	if kind == "binary" {
		bytes, err := hex.DecodeString(fmt.Sprint(bound))
		return []any{sf.DataTypeBinary, bytes}, err
	}
	if moment, known := moments[kind]; known {
		at, err := time.Parse(moment.layout, fmt.Sprint(bound))
		return []any{moment.typed, at}, err
	}
	return []any{value(bound)}, nil
}

// value is an integer where JSON has one: a Go program would not bind a float for it.
func value(bound any) any {
	number, isNumber := bound.(json.Number)
	if !isNumber {
		return bound
	}
	if whole, err := number.Int64(); err == nil {
		return whole
	}
	return realOf(number)
}

func realOf(number json.Number) float64 {
	given, err := number.Float64()
	if err != nil {
		panic(err) // JSON has no other numbers
	}
	return given
}

// many binds each column as an array.
func many(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	arrays := []any{}
	for index := range c.BindRows[0] {
		bound, err := sf.Array(columnAt(c.BindRows, index))
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, bound)
	}
	done, err := connection.ExecContext(ctx, c.text(), arrays...)
	if err != nil {
		return nil, err
	}
	affected, err := done.RowsAffected()
	return oneCell(strconv.FormatInt(affected, 10)).answer(), err
}

// columnAt has one Go type throughout, but for NULLs: the driver takes the type of the last value.
func columnAt(rows [][]any, index int) []any {
	column, isReal := make([]any, len(rows)), false
	for place, row := range rows {
		column[place] = value(row[index])
		_, isFloat := column[place].(float64)
		isReal = isReal || isFloat
	}
	if !isReal {
		return column
	}
	for place, row := range rows {
		if number, isNumber := row[index].(json.Number); isNumber {
			column[place] = realOf(number)
		}
	}
	return column
}
