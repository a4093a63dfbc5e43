package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func security(c *cri.ContainerConfig) *cri.LinuxContainerSecurityContext {
	return c.GetLinux().GetSecurityContext()
}

func TestARestrictedContainerHasNoPowerAndCannotWrite(t *testing.T) {
	needRoot(t)
	s := newTestNode(t, shell)
	out := s.run(t, `id; grep -E '^(Cap|NoNewPrivs)' /proc/self/status; for f in /x /tmp/x /etc/x /root/x; do touch $f; done 2>&1`, func(c *cri.ContainerConfig) {
		security(c).ReadonlyRootfs = true
		security(c).NoNewPrivs = true
		security(c).SupplementalGroups = []int64{4242}
		security(c).Capabilities = &cri.Capability{DropCapabilities: []string{"ALL"}}
	})
	expect(t, out, "uid=65532 gid=0(root) groups=0(root),4242", "CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1")
	if strings.Count(out, "Read-only file system") != 4 {
		t.Errorf("expected every write to be refused:\n%s", out)
	}
}

func TestAContainerSeesItsOwnProcessesNamesAndNothingOfTheMachineState(t *testing.T) {
	needRoot(t)
	s := newTestNode(t, shell)
	secret := filepath.Join(s.options.root, "secret")
	if err := os.WriteFile(secret, []byte("s"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := s.run(t, `ls /proc | grep -c '^[0-9]'; hostname; cat /etc/hostname /etc/resolv.conf; env; ls -A /tmp /root /run; ls `+secret+` 2>&1; echo $PPID`, func(c *cri.ContainerConfig) {
		c.Envs = []*cri.KeyValue{{Key: "FROM_POD", Value: "2"}, {Key: "FROM_IMAGE", Value: "3"}}
		security(c).RunAsUser = &cri.Int64Value{Value: 0}
	})
	expect(t, out, "pod-1\npod-1\nsearch n.svc.cluster.local\nnameserver 10.0.0.10\n", "FROM_POD=2", "FROM_IMAGE=3", "HOSTNAME=pod-1", "No such file or directory")
	refuse(t, out, "FROM_IMAGE=1", "HOME=", "GOPATH")
	if processes := strings.SplitN(out, "\n", 2)[0]; len(processes) != 1 {
		t.Errorf("sees %s processes", processes)
	}
	if !strings.HasSuffix(out, "\n1\n") {
		t.Errorf("the parent is not the namespace's first process:\n%s", out)
	}
}

func TestWhatRootWritesStaysInTheContainer(t *testing.T) {
	needRoot(t)
	s := newTestNode(t, shell)
	name := fmt.Sprintf("/frostgate-test-%d", time.Now().UnixNano())
	out := s.run(t, "touch "+name+" && ls "+name+"; mount -t tmpfs x /srv 2>&1; cat /proc/1/environ 2>&1", func(c *cri.ContainerConfig) {
		security(c).RunAsUser = &cri.Int64Value{Value: 0}
	})
	expect(t, out, name+"\n", "ermission denied")
	if _, err := os.Stat(name); err == nil {
		os.Remove(name)
		t.Error("the file reached the machine's root")
	}
}

func TestVolumesAreWhereLinksLeadAndReadOnlyOnesAreReadOnly(t *testing.T) {
	needRoot(t)
	s := newTestNode(t, shell)
	host := t.TempDir()
	for _, d := range []string{"ro", "rw"} {
		if err := os.Mkdir(filepath.Join(host, d), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(host, d, "f"), []byte(d+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		_ = os.Chmod(filepath.Join(host, d), 0o777)
	}
	out := s.run(t, "cat /var/run/secrets/a/f /deep/er/rw/f; touch /var/run/secrets/a/new 2>&1; touch /deep/er/rw/new && echo made", func(c *cri.ContainerConfig) {
		security(c).ReadonlyRootfs = true
		c.Mounts = []*cri.Mount{
			{ContainerPath: "/deep/er/rw", HostPath: filepath.Join(host, "rw")},
			{ContainerPath: "/var/run/secrets/a", HostPath: filepath.Join(host, "ro"), Readonly: true},
			{ContainerPath: "/deep", HostPath: t.TempDir()},
		}
	})
	expect(t, out, "ro\nrw\n", "Read-only file system", "made\n")
	if _, err := os.Stat(filepath.Join(host, "rw", "new")); err != nil {
		t.Error(err)
	}
}

func TestExitCodesAreThoseOfTheProgram(t *testing.T) {
	needRoot(t)
	s := newTestNode(t, shell)
	pod, config := s.pod(t, hostNetwork())
	for script, code := range map[string]int32{"exit 0": 0, "exit 42": 42, "kill -USR1 $$": 138, "kill -9 $$": 137} {
		c := s.create(t, pod, config, script, nil)
		s.start(t, c)
		s.output(t, c)
		if c.exitCode != code || c.finished <= c.started || c.started <= c.created {
			t.Errorf("%q: code %d, want %d; times %d %d %d", script, c.exitCode, code, c.created, c.started, c.finished)
		}
	}
	c := s.create(t, pod, config, "", func(c *cri.ContainerConfig) { c.Command = []string{"does-not-exist"} })
	_, err := s.StartContainer(context.Background(), &cri.StartContainerRequest{ContainerId: c.id})
	if err == nil || c.exitCode != 128 || c.reason != "StartError" {
		t.Errorf("%v, code %d, reason %s", err, c.exitCode, c.reason)
	}
}

func TestStopAsksWithSIGTERMAndKillsAfterTheTimeout(t *testing.T) {
	needRoot(t)
	s := newTestNode(t, shell)
	pod, config := s.pod(t, hostNetwork())
	for script, code := range map[string]int32{
		"sleep 600":                                 143,
		"trap 'exit 7' TERM; sleep 600 & wait":      7,
		"trap '' TERM; while :; do sleep 600; done": 137,
	} {
		c := s.create(t, pod, config, script, nil)
		s.start(t, c)
		time.Sleep(100 * time.Millisecond)
		if _, err := s.StopContainer(context.Background(), &cri.StopContainerRequest{ContainerId: c.id, Timeout: 1}); err != nil {
			t.Fatal(err)
		}
		if c.exitCode != code {
			t.Errorf("%q: code %d, want %d", script, c.exitCode, code)
		}
	}
}

func TestContainersOfAPodShareProcessesIfAsked(t *testing.T) {
	needRoot(t)
	s := newTestNode(t, shell)
	pod, config := s.pod(t, &cri.NamespaceOption{Network: cri.NamespaceMode_NODE, Pid: cri.NamespaceMode_POD})
	first := s.create(t, pod, config, "sleep 601", nil)
	s.start(t, first)
	second := s.create(t, pod, config, "sleep 602 & ps ax", nil)
	s.start(t, second)
	expect(t, s.output(t, second), "sleep 601", stagePause)
	third := s.create(t, pod, config, "ps ax", nil)
	s.start(t, third)
	refuse(t, s.output(t, third), "sleep 602")
	if _, err := s.StopPodSandbox(context.Background(), &cri.StopPodSandboxRequest{PodSandboxId: pod}); err != nil {
		t.Fatal(err)
	}
	if first.state != cri.ContainerState_CONTAINER_EXITED {
		t.Errorf("a container outlived its sandbox: %s", first.state)
	}
}

func TestExecRunsInTheContainerAsItsUser(t *testing.T) {
	needRoot(t)
	s := newTestNode(t, shell)
	pod, config := s.pod(t, hostNetwork())
	c := s.create(t, pod, config, "touch /tmp/mine; sleep 600", nil)
	s.start(t, c)
	time.Sleep(100 * time.Millisecond)
	ctx := context.Background()
	r, err := s.ExecSync(ctx, &cri.ExecSyncRequest{ContainerId: c.id, Cmd: []string{"sh", "-c", "id -u; ls /tmp; hostname; echo oops >&2; exit 3"}, Timeout: 5})
	if err != nil {
		t.Fatal(err)
	}
	if string(r.GetStdout()) != "65532\nmine\npod-1\n" || string(r.GetStderr()) != "oops\n" || r.GetExitCode() != 3 {
		t.Errorf("%q %q %d", r.GetStdout(), r.GetStderr(), r.GetExitCode())
	}
	_, err = s.ExecSync(ctx, &cri.ExecSyncRequest{ContainerId: c.id, Cmd: []string{"sleep", "600"}, Timeout: 1})
	if status.Code(err) != codes.DeadlineExceeded {
		t.Error(err)
	}
	r, err = s.ExecSync(ctx, &cri.ExecSyncRequest{ContainerId: c.id, Cmd: []string{"ps", "ax"}, Timeout: 5})
	if err != nil || strings.Count(string(r.GetStdout()), "sleep") > 2 {
		t.Errorf("the timed-out command still runs: %v\n%s", err, r.GetStdout())
	}
	if _, err := s.ExecSync(ctx, &cri.ExecSyncRequest{ContainerId: c.id, Cmd: []string{"does-not-exist"}}); err == nil {
		t.Error("no error for a command that does not exist")
	}
}

func TestNothingOfAContainerIsMountedOnTheMachine(t *testing.T) {
	needRoot(t)
	s := newTestNode(t, shell)
	pod, config := s.pod(t, hostNetwork())
	c := s.create(t, pod, config, "sleep 600", nil)
	s.start(t, c)
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	refuse(t, string(mounts), s.options.root)
	if _, err := s.RemovePodSandbox(context.Background(), &cri.RemovePodSandboxRequest{PodSandboxId: pod}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range stateDirs(s.options.root) {
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s still has %v", dir, left)
		}
	}
}
