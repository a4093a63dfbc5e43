package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	sf "github.com/snowflakedb/gosnowflake/v2"
)

type operation func(context.Context, *sql.Conn, check) (answer, error)

var operations = map[string]operation{
	"rows":        queryRows,
	"file":        queryRows,
	"checksum":    queryChecksum,
	"describe":    describe,
	"prepare":     prepare,
	"wait":        wait,
	"several":     several,
	"many":        many,
	"transaction": transaction,
	"async":       asynchronous,
	"frame":       frame,
	"cancel":      cancel,
	"timeout":     timeout,
	"ping":        ping,
	"byId":        byID,
	"replay":      replay,
	"metadata": func(context.Context, *sql.Conn, check) (answer, error) {
		return nil, unsupported("database/sql has no metadata of databases and tables")
	},
}

// run does one check as its operation says.
func run(connection *sql.Conn, c check) (answer, error) {
	do, known := operations[c.Operation]
	if !known {
		return nil, unsupported("this client has no " + c.Operation)
	}
	return do(context.Background(), connection, c)
}

func queryRows(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	args, err := arguments(c)
	if err != nil {
		return nil, err
	}
	rows, err := connection.QueryContext(ctx, c.text(), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	read, err := readTable(rows, c.Exact)
	return read.answer(), err
}

func queryChecksum(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	rows, err := connection.QueryContext(ctx, c.text())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := columnsOf(rows)
	if err != nil {
		return nil, err
	}
	total := newSum()
	err = each(rows, columns, cell, total.add)
	return total.table(columns).answer(), err
}

func describe(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	return queryRows(sf.WithDescribeOnly(ctx), connection, c)
}

// prepare runs a prepared statement: the driver does not describe it before.
func prepare(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	statement, err := connection.PrepareContext(ctx, c.text())
	if err != nil {
		return nil, err
	}
	defer statement.Close()
	args, err := arguments(c)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	read, err := readTable(rows, c.Exact)
	return read.answer(), err
}

func wait(_ context.Context, _ *sql.Conn, c check) (answer, error) {
	time.Sleep(c.duration())
	return nothing().answer(), nil
}

func several(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	rows, err := connection.QueryContext(sf.WithMultiStatement(ctx, c.Statements), c.text())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	results := []table{}
	for more := true; more; more = rows.NextResultSet() {
		read, err := readTable(rows, c.Exact)
		if err != nil {
			return nil, err
		}
		results = append(results, read)
	}
	return answer{"results": results}, rows.Err()
}

// transaction answers with the last of its statements.
func transaction(ctx context.Context, connection *sql.Conn, c check) (given answer, err error) {
	begun, err := connection.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, begun.Rollback()) }()
	return lastOf(ctx, begun, c)
}

// replay answers with the last of its statements: all of them have one request id.
func replay(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	return lastOf(sf.WithRequestID(ctx, sf.NewUUID()), connection, c)
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// lastOf runs the statements of a check in turn, and answers with the last of them.
func lastOf(ctx context.Context, by querier, c check) (given answer, err error) {
	for _, text := range c.texts() {
		rows, err := by.QueryContext(ctx, text)
		if err != nil {
			return nil, err
		}
		last, err := readTable(rows, c.Exact)
		if err = errors.Join(err, rows.Close()); err != nil {
			return nil, err
		}
		given = last.answer()
	}
	return given, nil
}

// ping is what a pool asks; the driver runs SELECT 1.
func ping(ctx context.Context, connection *sql.Conn, _ check) (answer, error) {
	return oneCell("true").answer(), connection.PingContext(ctx)
}
