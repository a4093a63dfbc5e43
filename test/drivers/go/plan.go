package main

import (
	"encoding/json"
	"os"
	"time"
)

// plan is what to do: the servers' address, and for each login its statements.
type plan struct {
	Host   string
	Port   int
	Logins []login
}

// login says in By how the token is handed over: a key of ways.
type login struct {
	Name, By, Token, TokenFile string
	Checks                     []check
}

// check has in SQL one text, or a list where the operation takes several.
type check struct {
	Name, Operation string
	SQL             json.RawMessage
	Binds           []any
	BindTypes       []string
	BindRows        [][]any
	Statements      int
	Seconds         float64
	Exact           bool
}

func (c check) text() string {
	var text string
	_ = json.Unmarshal(c.SQL, &text)
	return text
}

func (c check) texts() []string {
	var texts []string
	_ = json.Unmarshal(c.SQL, &texts)
	return texts
}

func (c check) duration() time.Duration {
	return time.Duration(c.Seconds * float64(time.Second))
}

func readPlan(path string) (plan, error) {
	var read plan
	file, err := os.Open(path)
	if err != nil {
		return read, err
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.UseNumber()
	err = decoder.Decode(&read)
	return read, err
}
