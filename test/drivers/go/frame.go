package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	sf "github.com/snowflakedb/gosnowflake/v2"
	"github.com/snowflakedb/gosnowflake/v2/arrowbatches"
)

// frame fetches Arrow batches. With higher precision a decimal stays one; without, it is a float.
func frame(ctx context.Context, connection *sql.Conn, c check) (given answer, err error) {
	columnar := arrowbatches.WithArrowBatches(sf.WithHigherPrecision(ctx))
	err = connection.Raw(func(own any) error {
		rows, err := own.(driver.QueryerContext).QueryContext(columnar, c.text(), nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		batches, err := arrowbatches.GetArrowBatches(rows.(sf.SnowflakeRows))
		if err != nil {
			return err
		}
		read, err := sumOf(batches)
		given = read.answer()
		return err
	})
	return given, err
}

func sumOf(batches []*arrowbatches.ArrowBatch) (table, error) {
	total, columns := newSum(), []column{}
	for _, batch := range batches {
		records, err := batch.Fetch()
		if err != nil {
			return nothing(), err
		}
		columns = columns[:0]
		scales := []int64{}
		for _, about := range batch.GetRowTypes() {
			columns = append(columns, column{about.Name, strings.ToLower(about.Type)})
			scales = append(scales, about.Scale)
		}
		for _, record := range *records {
			add(total, record, columns, scales)
			record.Release()
		}
	}
	return total.table(columns), nil
}

func add(total *sum, record arrow.Record, columns []column, scales []int64) {
	for row := range int(record.NumRows()) {
		cells := make([]*string, record.NumCols())
		for index := range cells {
			cells[index] = valueAt(record.Column(index), row, columns[index], scales[index])
		}
		total.add(cells)
	}
}

// valueAt is a cell of a batch. A fixed column of small integers keeps its scale in the metadata.
func valueAt(values arrow.Array, row int, about column, scale int64) *string {
	if values.IsNull(row) {
		return nil
	}
	text := values.ValueStr(row)
	if about.Type == "fixed" {
		if _, decimal := values.(*array.Decimal128); !decimal {
			text = withPoint(text, int(scale))
		}
		text = trimmed(text)
	}
	return &text
}

func withPoint(digits string, scale int) string {
	if scale == 0 {
		return digits
	}
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for len(digits) <= scale {
		digits = "0" + digits
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}
