package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A status pipe is inherited as descriptor 3 by init, and as 4 (after the process) by enter and launch.
const initStatusFD = 3

func initName(mark string) string { return "frostgate-init-" + mark }

// dieWithParent makes the kernel kill this process when the one that started it ends in whatever way.
func dieWithParent() {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		panic(err)
	}
}

// runInit is a container's first process: it builds the root, starts the program, forwards signals, reaps, and exits
// with the program's code. The kernel ends everything else in a PID namespace when its first process ends.
func runInit(specPath string) int {
	runtime.LockOSThread()
	status := os.NewFile(initStatusFD, "status")
	unix.CloseOnExec(initStatusFD)
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	pid, err := startMain(specPath, status)
	if err != nil {
		_, _ = status.WriteString(err.Error())
		return 127
	}
	status.Close()
	go func() {
		for s := range signals {
			switch s {
			case unix.SIGCHLD, unix.SIGURG, unix.SIGPIPE, unix.SIGTTIN, unix.SIGTTOU:
			default:
				_ = unix.Kill(pid, s.(syscall.Signal))
			}
		}
	}()
	code := reapUntil(pid)
	if os.Getpid() != 1 {
		killDescendants()
	}
	return code
}

func startMain(specPath string, status *os.File) (int, error) {
	content, err := os.ReadFile(specPath)
	if err != nil {
		return 0, err
	}
	var spec containerSpec
	if err := json.Unmarshal(content, &spec); err != nil {
		return 0, err
	}
	// Where a pod shares its PID namespace, orphans come to this process instead of the namespace's first.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return 0, err
	}
	if err := unix.Sethostname([]byte(spec.Hostname)); err != nil {
		return 0, fmt.Errorf("hostname: %w", err)
	}
	if err := spec.buildRoot(); err != nil {
		return 0, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	go func() {
		_ = json.NewEncoder(w).Encode(spec.Process)
		w.Close()
	}()
	defer r.Close()
	return fork(stageLaunch, r.Fd(), status.Fd())
}

// fork runs another stage with the standard descriptors, the process to become as 3 and the status pipe as 4.
func fork(stage string, spec, status uintptr) (int, error) {
	return syscall.ForkExec("/proc/self/exe", []string{"node-runtime", stage}, &syscall.ProcAttr{
		Files: []uintptr{0, 1, 2, spec, status},
		Env:   []string{},
	})
}

// reapUntil collects children until the given one has ended, and returns its exit code as a shell would.
func reapUntil(pid int) int {
	for {
		var ws unix.WaitStatus
		got, err := unix.Wait4(-1, &ws, 0, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 128
		}
		if got == pid && (ws.Exited() || ws.Signaled()) {
			return exitCode(ws)
		}
	}
}

func exitCode(ws unix.WaitStatus) int {
	if ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}

// killDescendants ends what the program left; each killed parent hands its children to this subreaper.
func killDescendants() {
	for {
		for _, child := range children("self") {
			_ = unix.Kill(child, unix.SIGKILL)
		}
		var ws unix.WaitStatus
		if _, err := unix.Wait4(-1, &ws, 0, nil); err != nil && err != unix.EINTR {
			return
		}
	}
}

// children lists the children of a process, as /proc of the caller's PID namespace numbers them.
func children(pid string) []int {
	tasks, _ := os.ReadDir("/proc/" + pid + "/task")
	var found []int
	for _, task := range tasks {
		content, _ := os.ReadFile("/proc/" + pid + "/task/" + task.Name() + "/children")
		for _, f := range strings.Fields(string(content)) {
			if child, err := strconv.Atoi(f); err == nil {
				found = append(found, child)
			}
		}
	}
	return found
}

// runPause is the first process of a PID namespace that a pod's containers share: it only reaps.
func runPause() int {
	for {
		var ws unix.WaitStatus
		if _, err := unix.Wait4(-1, &ws, 0, nil); err == unix.ECHILD {
			// Nothing to reap: sleep until a child of somebody who died arrives.
			waitForChild()
		}
	}
}

func waitForChild() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGCHLD)
	if len(children("self")) == 0 {
		<-signals
	}
	signal.Stop(signals)
}

// runEnter joins the namespaces of a container's init and launches a process there. On SIGTERM it kills the process and
// still reaps it: left to the machine's first process, it could hold up the end of the container's PID namespace.
func runEnter(pid string) int {
	// Changing the mount namespace needs a thread that shares its root and working directory with no other.
	runtime.LockOSThread()
	unix.CloseOnExec(3)
	unix.CloseOnExec(4)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGTERM)
	status := os.NewFile(4, "status")
	err := unix.Unshare(unix.CLONE_FS)
	var handles []*os.File
	for _, name := range []string{"net", "uts", "ipc", "pid", "mnt"} {
		if err != nil {
			break
		}
		var f *os.File
		f, err = os.Open("/proc/" + pid + "/ns/" + name)
		handles = append(handles, f)
	}
	for _, f := range handles {
		if err == nil {
			err = unix.Setns(int(f.Fd()), 0)
		}
	}
	var child int
	if err == nil {
		child, err = fork(stageLaunch, 3, 4)
	}
	if err != nil {
		_, _ = status.WriteString("enter the container: " + err.Error())
		return 127
	}
	status.Close()
	os.NewFile(3, "spec").Close()
	go func() {
		<-signals
		_ = unix.Kill(child, unix.SIGKILL)
	}()
	return reapUntil(child)
}
