package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTheLogMarksLinesAndPartsOfLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "0.log")
	l, err := openLog(path)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", logPart+5)
	var seen bytes.Buffer
	l.watch(&watcher{out: &seen, gone: make(chan struct{})})
	input := "one\n\n" + long + "\nlast"
	l.copyFrom(strings.NewReader(input), "stdout")
	l.close()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	stamp := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z `)
	for line := range strings.Lines(string(content)) {
		if !stamp.MatchString(line) {
			t.Errorf("no time stamp: %.60q", line)
		}
		got = append(got, stamp.ReplaceAllString(line, ""))
	}
	want := []string{"stdout F one\n", "stdout F \n", "stdout P " + long[:logPart] + "\n", "stdout F xxxxx\n", "stdout F last\n"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%.200q", got)
	}
	if seen.String() != input {
		t.Error("an attached client saw something else than the program wrote")
	}
}

func TestAReopenedLogIsANewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "0.log")
	l, err := openLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	l.write("stdout", "F", []byte("old"))
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := l.reopen(); err != nil {
		t.Fatal(err)
	}
	l.write("stderr", "F", []byte("new"))
	content, err := os.ReadFile(path)
	if err != nil || !strings.HasSuffix(string(content), " stderr F new\n") || strings.Contains(string(content), "old") {
		t.Errorf("%q %v", content, err)
	}
}
