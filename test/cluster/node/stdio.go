package main

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// streams are the runtime's ends of a program's standard descriptors.
type streams struct {
	stdin          io.WriteCloser
	stdout, stderr io.Reader
	terminal       *os.File
	child, own     []*os.File
}

func (s *streams) closeChild() { closeFiles(s.child) }
func (s *streams) closeOwn()   { closeFiles(s.own) }

// drain waits for the copies of a program that has ended, but not for what it left running with its output open.
func (s *streams) drain(copies *sync.WaitGroup) {
	late := time.AfterFunc(2*time.Second, s.closeOwn)
	copies.Wait()
	late.Stop()
	s.closeOwn()
}

func closeFiles(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// connect gives cmd a terminal from a devpts directory, or pipes.
func connect(cmd *exec.Cmd, tty, stdin bool, devpts string) (*streams, error) {
	s := &streams{}
	if tty {
		master, slave, err := openTerminal(devpts)
		if err != nil {
			return nil, err
		}
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		s.stdin, s.stdout, s.terminal = master, master, master
		s.child, s.own = []*os.File{slave}, []*os.File{master}
		return s, nil
	}
	pipe := func() (r, w *os.File) {
		r, w, err := os.Pipe()
		if err != nil {
			// Only a full descriptor table makes this fail, and nothing would work then.
			panic(err)
		}
		return r, w
	}
	out, outChild := pipe()
	fail, failChild := pipe()
	s.stdout, s.stderr = out, fail
	cmd.Stdout, cmd.Stderr = outChild, failChild
	s.own, s.child = []*os.File{out, fail}, []*os.File{outChild, failChild}
	if stdin {
		inChild, in := pipe()
		cmd.Stdin, s.stdin = inChild, in
		s.own, s.child = append(s.own, in), append(s.child, inChild)
	}
	return s, nil
}

func openTerminal(devpts string) (master, slave *os.File, err error) {
	if master, err = os.OpenFile(devpts+"/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0); err != nil {
		return nil, nil, err
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		slave, err = os.OpenFile(devpts+"/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		master.Close()
		return nil, nil, err
	}
	return master, slave, nil
}

func followSize(terminal *os.File, resize <-chan remotecommand.TerminalSize) {
	for size := range resize {
		if terminal != nil {
			_ = unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: size.Height, Col: size.Width})
		}
	}
}
