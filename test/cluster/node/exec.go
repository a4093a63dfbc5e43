package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// startWithStatus starts a stage and waits until the program it leads to runs; what went wrong on the way is the error.
func startWithStatus(cmd *exec.Cmd, join []namespace) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	cmd.ExtraFiles = append(cmd.ExtraFiles, w)
	err = inNamespaces(cmd.Start, join...)
	w.Close()
	if err != nil {
		return err
	}
	message, err := io.ReadAll(r)
	if err != nil {
		_ = cmd.Process.Kill()
	} else if len(message) > 0 {
		// The stage that reports ends by itself, and so do those above it.
		err = errors.New(string(message))
	}
	if err != nil {
		_ = cmd.Wait()
	}
	return err
}

func waitCode(cmd *exec.Cmd) int {
	_ = cmd.Wait()
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok {
		return exitCode(unix.WaitStatus(ws))
	}
	return 128
}

// execIn runs argv in a running container as the container's user and returns its exit code.
func (s *server) execIn(ctx context.Context, id string, argv []string, in io.Reader, out, fail io.Writer, tty bool, resize <-chan remotecommand.TerminalSize) (int, error) {
	c, err := s.container(id)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	running, init := c.state == cri.ContainerState_CONTAINER_RUNNING, c.init
	s.mu.Unlock()
	if !running || init == nil {
		return 0, status.Errorf(codes.FailedPrecondition, "container %s does not run", id)
	}
	if len(argv) == 0 {
		return 0, status.Error(codes.InvalidArgument, "exec needs a command")
	}
	p := c.spec.Process
	p.Argv, p.Terminal, p.Env = argv, tty, slices.Clone(p.Env)
	if tty && !slices.ContainsFunc(p.Env, func(e string) bool { return strings.HasPrefix(e, "TERM=") }) {
		p.Env = append(p.Env, "TERM=xterm")
	}
	spec, specWriter, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer spec.Close()
	go func() {
		_ = json.NewEncoder(specWriter).Encode(p)
		specWriter.Close()
	}()
	cmd := selfCommand("node-runtime", stageEnter, strconv.Itoa(init.Process.Pid))
	cmd.ExtraFiles = []*os.File{spec}
	st, err := connect(cmd, tty, in != nil, fmt.Sprintf("/proc/%d/root/dev/pts", init.Process.Pid))
	if err != nil {
		return 0, err
	}
	err = startWithStatus(cmd, nil)
	st.closeChild()
	if err != nil {
		st.closeOwn()
		return 0, fmt.Errorf("exec in container: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(unix.SIGTERM) })
	defer stop()
	go followSize(st.terminal, resize)
	if in != nil {
		go func() {
			_, _ = io.Copy(st.stdin, in)
			if !tty {
				st.stdin.Close()
			}
		}()
	}
	var copies sync.WaitGroup
	copies.Go(func() { _, _ = io.Copy(out, st.stdout) })
	if st.stderr != nil {
		copies.Go(func() { _, _ = io.Copy(fail, st.stderr) })
	}
	code := waitCode(cmd)
	st.drain(&copies)
	return code, ctx.Err()
}

func (s *server) ExecSync(ctx context.Context, r *cri.ExecSyncRequest) (*cri.ExecSyncResponse, error) {
	if r.GetTimeout() > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(r.GetTimeout())*time.Second)
		defer cancel()
	}
	var out, fail bytes.Buffer
	code, err := s.execIn(ctx, r.GetContainerId(), r.GetCmd(), nil, &out, &fail, false, nil)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, status.Errorf(codes.DeadlineExceeded, "command %q timed out after %d s", r.GetCmd(), r.GetTimeout())
	}
	if err != nil {
		return nil, err
	}
	return &cri.ExecSyncResponse{Stdout: out.Bytes(), Stderr: fail.Bytes(), ExitCode: int32(code)}, nil
}

// Exec serves the API server's exec stream.
func (s *streamer) Exec(ctx context.Context, id string, argv []string, in io.Reader, out, fail io.WriteCloser, tty bool, resize <-chan remotecommand.TerminalSize) error {
	stdout, stderr := io.Writer(io.Discard), io.Writer(io.Discard)
	if out != nil {
		stdout = out
	}
	if fail != nil {
		stderr = fail
	}
	code, err := s.execIn(ctx, id, argv, in, stdout, stderr, tty, resize)
	if err == nil && code != 0 {
		err = utilexec.CodeExitError{Err: fmt.Errorf("command terminated with exit code %d", code), Code: code}
	}
	return err
}

// Attach joins a running container's own streams until either side leaves.
func (s *streamer) Attach(ctx context.Context, id string, in io.Reader, out, fail io.WriteCloser, _ bool, resize <-chan remotecommand.TerminalSize) error {
	c, err := s.container(id)
	if err != nil {
		return err
	}
	w := &watcher{gone: make(chan struct{})}
	if out != nil {
		w.out = out
	}
	if fail != nil {
		w.err = fail
	}
	c.log.watch(w)
	defer w.leave()
	go followSize(c.terminal, resize)
	if in != nil && c.stdin != nil {
		go func() {
			_, _ = io.Copy(c.stdin, in)
			if c.config.GetStdinOnce() && c.terminal == nil {
				c.stdin.Close()
			}
		}()
	}
	select {
	case <-c.done:
	case <-w.gone:
	case <-ctx.Done():
	}
	return nil
}

// PortForward connects a stream to a port on the pod's loopback address.
func (s *streamer) PortForward(ctx context.Context, id string, port int32, stream io.ReadWriteCloser) error {
	b, err := s.sandbox(id)
	if err != nil {
		return err
	}
	var join []namespace
	if b.net.namespace != "" {
		join = append(join, netNamespace(b.net.path()))
	}
	var conn net.Conn
	err = inNamespaces(func() (err error) {
		// One literal address: the socket is made on this thread.
		conn, err = net.DialTimeout("tcp4", fmt.Sprintf("127.0.0.1:%d", port), 5*time.Second)
		return err
	}, join...)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	relay(conn.(*net.TCPConn), stream)
	return nil
}

// relay copies both ways until both are done, and passes the end of either direction on.
func relay(conn *net.TCPConn, other io.ReadWriteCloser) {
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(conn, other); _ = conn.CloseWrite() })
	both.Go(func() {
		_, _ = io.Copy(other, conn)
		if half, ok := other.(*net.TCPConn); ok {
			_ = half.CloseWrite()
		} else {
			_ = other.Close()
		}
	})
	both.Wait()
	_ = conn.Close()
	_ = other.Close()
}
