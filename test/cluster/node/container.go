package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

type container struct {
	id, dir                    string
	sandbox                    *sandbox
	config                     *cri.ContainerConfig
	image                      image
	spec                       containerSpec
	created, started, finished int64
	state                      cri.ContainerState
	exitCode                   int32
	reason, message            string
	log                        *containerLog
	init                       *exec.Cmd
	stdin                      io.WriteCloser
	terminal                   *os.File
	// done closes once, when the container has ended or if it never can start.
	done     chan struct{}
	doneOnce sync.Once
	// starting is held while init starts, so that nobody takes the container for one that never ran.
	starting sync.Mutex
}

// selfCommand runs a stage of this program. Each stage asks to die with its parent itself: os/exec's way compares the
// parent's id across PID namespaces, takes the parent for dead and kills the child.
func selfCommand(name, stage string, args ...string) *exec.Cmd {
	return &exec.Cmd{
		Path: "/proc/self/exe", Args: append([]string{name, stage}, args...), Env: []string{},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
}

func (s *server) CreateContainer(_ context.Context, r *cri.CreateContainerRequest) (*cri.CreateContainerResponse, error) {
	b, err := s.sandbox(r.GetPodSandboxId())
	if err != nil {
		return nil, err
	}
	config := r.GetConfig()
	i, found := s.images.find(config.GetImage().GetImage())
	if !found {
		return nil, status.Errorf(codes.NotFound, "image %q was not pulled", config.GetImage().GetImage())
	}
	id := s.id()
	c := &container{id: id, dir: filepath.Join(s.options.root, "containers", id), sandbox: b, config: config, image: i, done: make(chan struct{})}
	if c.spec, err = s.specOf(c); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "container %s: %v", config.GetMetadata().GetName(), err)
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, err
	}
	logPath := ""
	if r.GetSandboxConfig().GetLogDirectory() != "" && config.GetLogPath() != "" {
		logPath = filepath.Join(r.GetSandboxConfig().GetLogDirectory(), config.GetLogPath())
	}
	if c.log, err = openLog(logPath); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.created = s.now()
	s.containers[id] = c
	return &cri.CreateContainerResponse{ContainerId: id}, nil
}

func (s *server) container(id string) (*container, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.containers[id]; c != nil {
		return c, nil
	}
	return nil, status.Errorf(codes.NotFound, "container %q does not exist", id)
}

func (s *server) StartContainer(_ context.Context, r *cri.StartContainerRequest) (*cri.StartContainerResponse, error) {
	c, err := s.container(r.GetContainerId())
	if err != nil {
		return nil, err
	}
	c.starting.Lock()
	defer c.starting.Unlock()
	s.mu.Lock()
	if c.state != cri.ContainerState_CONTAINER_CREATED || !c.sandbox.ready {
		s.mu.Unlock()
		return nil, status.Errorf(codes.FailedPrecondition, "container %s is not in state created, or its sandbox has stopped", c.id)
	}
	c.started = s.now()
	c.state = cri.ContainerState_CONTAINER_RUNNING
	s.mu.Unlock()
	wait, err := s.startInit(c)
	if err != nil {
		s.ended(c, 128, "StartError", err.Error())
		return nil, status.Errorf(codes.Unknown, "failed to start container: %v", err)
	}
	go func() {
		code := wait()
		reason := "Completed"
		if code != 0 {
			reason = "Error"
		}
		s.ended(c, int32(code), reason, "")
	}()
	return &cri.StartContainerResponse{}, nil
}

func (s *server) ended(c *container, code int32, reason, message string) {
	c.log.close()
	s.mu.Lock()
	c.finished, c.state = s.now(), cri.ContainerState_CONTAINER_EXITED
	c.exitCode, c.reason, c.message = code, reason, message
	s.mu.Unlock()
	c.doneOnce.Do(func() { close(c.done) })
}

// startInit runs the container's init and returns once its program runs; wait returns the exit code after all output.
func (s *server) startInit(c *container) (wait func() int, err error) {
	for i := range c.spec.Mounts {
		// Links on the machine lead elsewhere once the machine's root has moved, so they are followed now.
		if c.spec.Mounts[i].Source, err = filepath.EvalSymlinks(c.spec.Mounts[i].Source); err != nil {
			return nil, fmt.Errorf("volume for %s: %w", c.spec.Mounts[i].Target, err)
		}
	}
	specFile := filepath.Join(c.dir, "..", c.id+".json")
	content, err := json.Marshal(c.spec)
	if err == nil {
		err = os.WriteFile(specFile, content, 0o600)
	}
	if err != nil {
		return nil, err
	}
	defer os.Remove(specFile)
	cmd := selfCommand(initName(s.network.mark), stageInit, specFile)
	cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC
	var join []namespace
	if c.sandbox.net.namespace != "" {
		join = append(join, netNamespace(c.sandbox.net.path()))
	}
	switch options := c.config.GetLinux().GetSecurityContext().GetNamespaceOptions(); options.GetPid() {
	case cri.NamespaceMode_CONTAINER:
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWPID
	case cri.NamespaceMode_POD:
		if c.sandbox.pause == nil {
			return nil, errors.New("the pod has no shared PID namespace")
		}
		join = append(join, pidNamespace(fmt.Sprintf("/proc/%d/ns/pid", c.sandbox.pause.Process.Pid)))
	case cri.NamespaceMode_TARGET:
		target, err := s.container(options.GetTargetId())
		if err != nil {
			return nil, err
		}
		if target.init == nil {
			return nil, fmt.Errorf("target container %s does not run", target.id)
		}
		join = append(join, pidNamespace(fmt.Sprintf("/proc/%d/ns/pid", target.init.Process.Pid)))
	}
	streams, err := connect(cmd, c.config.GetTty(), c.config.GetStdin(), "/dev/pts")
	if err != nil {
		return nil, err
	}
	err = startWithStatus(cmd, join)
	streams.closeChild()
	if err != nil {
		streams.closeOwn()
		return nil, err
	}
	s.mu.Lock()
	c.init, c.stdin, c.terminal = cmd, streams.stdin, streams.terminal
	s.mu.Unlock()
	var copies sync.WaitGroup
	for name, r := range map[string]io.Reader{"stdout": streams.stdout, "stderr": streams.stderr} {
		if r != nil {
			copies.Go(func() { c.log.copyFrom(r, name) })
		}
	}
	return func() int {
		code := waitCode(cmd)
		streams.drain(&copies)
		return code
	}, nil
}

// kill ends the program at once; init then reaps, ends the rest and exits with 137.
func (c *container) kill() {
	c.starting.Lock()
	defer c.starting.Unlock()
	if c.init == nil {
		c.doneOnce.Do(func() { close(c.done) })
		return
	}
	for _, pid := range children(fmt.Sprint(c.init.Process.Pid)) {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	select {
	case <-c.done:
	case <-time.After(2 * time.Second):
		_ = c.init.Process.Kill()
	}
}

func (s *server) StopContainer(ctx context.Context, r *cri.StopContainerRequest) (*cri.StopContainerResponse, error) {
	c, err := s.container(r.GetContainerId())
	if err != nil {
		return &cri.StopContainerResponse{}, nil
	}
	s.mu.Lock()
	running, init := c.state == cri.ContainerState_CONTAINER_RUNNING, c.init
	s.mu.Unlock()
	if !running || init == nil {
		return &cri.StopContainerResponse{}, nil
	}
	stop := unix.SignalNum(c.config.GetStopSignal().String())
	if stop == 0 {
		stop = unix.SIGTERM
	}
	_ = init.Process.Signal(stop)
	select {
	case <-c.done:
	case <-time.After(time.Duration(r.GetTimeout()) * time.Second):
		c.kill()
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	<-c.done
	return &cri.StopContainerResponse{}, nil
}

func (s *server) removeContainer(c *container) {
	c.kill()
	<-c.done
	c.log.close()
	s.mu.Lock()
	delete(s.containers, c.id)
	s.mu.Unlock()
	if err := os.RemoveAll(c.dir); err != nil {
		log.Print(err)
	}
}
