package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
)

// table is one result.
type table struct {
	Columns []column    `json:"columns"`
	Rows    [][]*string `json:"rows"`
}

func nothing() table {
	return table{[]column{}, [][]*string{}}
}

func oneCell(text string) table {
	return table{[]column{}, [][]*string{{&text}}}
}

type writer func(value any, kind string) (*string, error)

// each scans into `any`, as a program does that does not know the columns.
func each(rows *sql.Rows, columns []column, write writer, take func([]*string)) error {
	values := make([]any, len(columns))
	places := make([]any, len(columns))
	for index := range values {
		places[index] = &values[index]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		cells := make([]*string, len(columns))
		for index, value := range values {
			text, err := write(value, columns[index].Type)
			if err != nil {
				return err
			}
			cells[index] = text
		}
		take(cells)
	}
	return rows.Err()
}

// readTable has exact cells as a program has them in hand, others as every driver's can be brought to.
func readTable(rows *sql.Rows, exact bool) (table, error) {
	write := cell
	if exact {
		write = exactCell
	}
	columns, err := columnsOf(rows)
	if err != nil {
		return nothing(), err
	}
	read := table{columns, [][]*string{}}
	err = each(rows, columns, write, func(cells []*string) { read.Rows = append(read.Rows, cells) })
	return read, err
}

// sum is how many rows, and the SHA-256 of their cells: `a|b`, one row a line.
type sum struct {
	count  int
	digest hash.Hash
}

func newSum() *sum {
	return &sum{0, sha256.New()}
}

func (s *sum) add(cells []*string) {
	texts := make([]string, len(cells))
	for index, text := range cells {
		if text != nil {
			texts[index] = *text
		}
	}
	s.count++
	_, _ = s.digest.Write([]byte(strings.Join(texts, "|") + "\n"))
}

func (s *sum) table(columns []column) table {
	count, digest := strconv.Itoa(s.count), hex.EncodeToString(s.digest.Sum(nil))
	return table{columns, [][]*string{{&count, &digest}}}
}
