package main

import (
	"context"
	"database/sql"
	"time"
)

// cancel ends the statement's context after a time, in another goroutine.
func cancel(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	cancellable, stop := context.WithCancel(ctx)
	defer stop()
	timer := time.AfterFunc(c.duration(), stop)
	defer timer.Stop()
	return queryRows(cancellable, connection, c)
}

// timeout gives the statement's context a deadline.
func timeout(ctx context.Context, connection *sql.Conn, c check) (answer, error) {
	limited, stop := context.WithTimeout(ctx, c.duration())
	defer stop()
	return queryRows(limited, connection, c)
}
