package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Longer lines are cut into parts of this many bytes, marked P; the last part of a line is marked F.
const logPart = 16 * 1024

// containerLog writes a container's output in the CRI log format and copies it to whoever is attached.
type containerLog struct {
	path     string
	mu       sync.Mutex
	file     *os.File
	watchers []*watcher
}

// watcher is one attached client; gone closes when it no longer reads.
type watcher struct {
	out, err io.Writer
	gone     chan struct{}
	once     sync.Once
}

func (w *watcher) leave() { w.once.Do(func() { close(w.gone) }) }

func openLog(path string) (*containerLog, error) {
	l := &containerLog{path: path}
	if path == "" {
		return l, nil
	}
	return l, l.reopen()
}

// reopen starts a new file after the kubelet has moved the old one away.
func (l *containerLog) reopen() error {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.file.Close()
	}
	l.file = f
	return nil
}

func (l *containerLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
	for _, w := range l.watchers {
		w.leave()
	}
	l.watchers = nil
}

func (l *containerLog) watch(w *watcher) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watchers = append(l.watchers, w)
}

// copyFrom reads one stream ("stdout" or "stderr") until it ends.
func (l *containerLog) copyFrom(r io.Reader, stream string) {
	reader := bufio.NewReaderSize(io.TeeReader(r, attached{l, stream}), logPart)
	for {
		line, err := reader.ReadSlice('\n')
		if len(line) > 0 || err == nil {
			tag := "F"
			if errors.Is(err, bufio.ErrBufferFull) {
				tag = "P"
			}
			if n := len(line); n > 0 && line[n-1] == '\n' {
				line = line[:n-1]
			}
			l.write(stream, tag, line)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

func (l *containerLog) write(stream, tag string, line []byte) {
	entry := slices.Concat([]byte(time.Now().UTC().Format(time.RFC3339Nano)+" "+stream+" "+tag+" "), line, []byte("\n"))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_, _ = l.file.Write(entry)
	}
}

// attached is the writer side of a log's watchers; a watcher that fails is dropped.
type attached struct {
	log    *containerLog
	stream string
}

func (a attached) Write(p []byte) (int, error) {
	a.log.mu.Lock()
	defer a.log.mu.Unlock()
	a.log.watchers = slices.DeleteFunc(a.log.watchers, func(w *watcher) bool {
		to := w.out
		if a.stream == "stderr" {
			to = w.err
		}
		if to == nil {
			return false
		}
		if _, err := to.Write(p); err != nil {
			w.leave()
			return true
		}
		return false
	})
	return len(p), nil
}
