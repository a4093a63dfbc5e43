// Runs the statements of a plan with gosnowflake, as any program would.
//
//	go-client PLAN.json
//
// Prints one JSON line for each login and each statement. It judges nothing.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	sf "github.com/snowflakedb/gosnowflake/v2"
)

// unsupported is what the driver's API lacks, in one clause.
type unsupported string

func (lack unsupported) Error() string { return string(lack) }

// answer is what the driver made of one check, as fields of the line that is printed of it.
type answer map[string]any

func (t table) answer() answer {
	return answer{"columns": t.Columns, "rows": t.Rows}
}

func failure(err error) answer {
	var lack unsupported
	if errors.As(err, &lack) {
		return answer{"unsupported": string(lack)}
	}
	about := map[string]any{
		"type": typeName(err), "code": nil, "sqlState": nil, "message": err.Error(),
	}
	var known *sf.SnowflakeError
	if errors.As(err, &known) {
		about["type"], about["code"], about["sqlState"] = typeName(known), known.Number, known.SQLState
	}
	return answer{"error": about}
}

// typeName is without package: SnowflakeError, whichever of the driver's packages declares it.
func typeName(err error) string {
	name := reflect.TypeOf(err).String()
	return name[strings.LastIndex(name, ".")+1:]
}

func report(check string, step func() (answer, error)) error {
	started := time.Now()
	given, err := step()
	if err != nil {
		given = failure(err)
	}
	given["check"], given["milliseconds"] = check, time.Since(started).Milliseconds()
	if given["unsupported"] != nil {
		given["milliseconds"] = 0
	}
	line, broken := json.Marshal(given)
	if broken != nil {
		panic(broken)
	}
	fmt.Println(string(line))
	return err
}

func follow(p plan, l login) {
	var s session
	if report(l.Name, func() (given answer, err error) {
		s, err = connect(p, l)
		return nothing().answer(), err
	}) != nil {
		return
	}
	for _, c := range l.Checks {
		_ = report(c.Name, func() (answer, error) { return run(s.connection, c) })
	}
	_ = report(l.Name+": close", func() (answer, error) {
		return nothing().answer(), s.close()
	})
}

func main() {
	p, err := readPlan(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, l := range p.Logins {
		follow(p, l)
	}
}
