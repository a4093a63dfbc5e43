package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	sf "github.com/snowflakedb/gosnowflake/v2"
)

const betweenStatuses = 100 * time.Millisecond

// asynchronous submits, asks for the status until it is final, then fetches by query id.
func asynchronous(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	query, err := submit(ctx, connection, c.text())
	if err != nil {
		return nil, err
	}
	status, err := finalStatus(ctx, connection, query)
	if err != nil {
		return nil, err
	}
	rows, err := connection.QueryContext(sf.WithFetchResultByID(ctx, query), "")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	read, err := readTable(rows, c.Exact)
	given := read.answer()
	given["status"] = status
	return given, err
}

// byID fetches the result of the query id that is the check's text.
func byID(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	rows, err := connection.QueryContext(sf.WithFetchResultByID(ctx, c.text()), "")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	read, err := readTable(rows, c.Exact)
	return read.answer(), err
}

// submit does not close the rows: they fetch the result by themselves, whoever else does.
func submit(ctx context.Context, connection *sql.Conn, text string) (query string, err error) {
	err = connection.Raw(func(own any) error {
		rows, err := own.(driver.QueryerContext).QueryContext(sf.WithAsyncMode(ctx), text, nil)
		if err != nil {
			return err
		}
		query = rows.(sf.SnowflakeRows).GetQueryID()
		return nil
	})
	return query, err
}

// finalStatus is SUCCESS or an error: that it runs, the driver says by an error too.
func finalStatus(ctx context.Context, connection *sql.Conn, query string) (string, error) {
	for {
		err := raw(connection, func(own sf.SnowflakeConnection) error {
			_, err := own.GetQueryStatus(ctx, query)
			return err
		})
		if err == nil {
			return "SUCCESS", nil
		}
		var known *sf.SnowflakeError
		if !errors.As(err, &known) || known.Number != sf.ErrQueryIsRunning {
			return "", err
		}
		time.Sleep(betweenStatuses)
	}
}
