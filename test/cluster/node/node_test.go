package main

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// A container's stages are this program run again, and in a test this program is the test binary.
func TestMain(m *testing.M) {
	runStage()
	os.Exit(m.Run())
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: makes namespaces and mounts; run as root on a Linux test machine")
	}
}

// needMachine also keeps a node that runs on this machine from sharing its addresses with the test.
func needMachine(t *testing.T) {
	t.Helper()
	needRoot(t)
	lock, err := net.Listen("unix", "@frostgate-node-runtime")
	if err != nil {
		t.Skip("SKIPPED: a node-runtime runs on this machine; stop it and run again")
	}
	t.Cleanup(func() { lock.Close() })
}

func newTestNetwork(t *testing.T, root string) *network {
	t.Helper()
	n := &network{mark: options{root: root}.mark(), serviceCIDR: netip.MustParsePrefix("10.98.0.0/24"), last: 60000}
	t.Cleanup(n.clean)
	return n
}

func newTestNode(t *testing.T, images map[string]image) *server {
	t.Helper()
	root := t.TempDir()
	content, err := json.Marshal(images)
	if err != nil {
		t.Fatal(err)
	}
	o := options{root: root, images: filepath.Join(root, "images.json"), kubeconfig: filepath.Join(root, "kubeconfig"), socket: filepath.Join(root, "cri.sock")}
	if err := os.WriteFile(o.images, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := resetState(root); err != nil {
		t.Fatal(err)
	}
	s := newServer(o, newTestNetwork(t, root))
	t.Cleanup(s.killAll)
	return s
}

var shell = map[string]image{"test/sh": {Command: []string{"/bin/sh", "-c"}, Env: map[string]string{"PATH": "/usr/bin:/bin", "FROM_IMAGE": "1"}, User: 65532}}

// pod runs a sandbox in the machine's own network, which needs no addresses.
func (s *server) pod(t *testing.T, options *cri.NamespaceOption) (string, *cri.PodSandboxConfig) {
	t.Helper()
	config := &cri.PodSandboxConfig{
		Metadata: &cri.PodSandboxMetadata{Name: "p", Namespace: "n", Uid: "u"}, Hostname: "pod-1",
		LogDirectory: filepath.Join(s.options.root, "logs"), DnsConfig: &cri.DNSConfig{Servers: []string{"10.0.0.10"}, Searches: []string{"n.svc.cluster.local"}},
		Linux: &cri.LinuxPodSandboxConfig{SecurityContext: &cri.LinuxSandboxSecurityContext{NamespaceOptions: options}},
	}
	r, err := s.RunPodSandbox(context.Background(), &cri.RunPodSandboxRequest{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	return r.GetPodSandboxId(), config
}

func hostNetwork() *cri.NamespaceOption {
	return &cri.NamespaceOption{Network: cri.NamespaceMode_NODE, Pid: cri.NamespaceMode_CONTAINER}
}

func (s *server) create(t *testing.T, pod string, config *cri.PodSandboxConfig, script string, change func(*cri.ContainerConfig)) *container {
	t.Helper()
	ctx := context.Background()
	c := &cri.ContainerConfig{
		Metadata: &cri.ContainerMetadata{Name: "c"}, Image: &cri.ImageSpec{Image: "test/sh:latest"}, Args: []string{script}, LogPath: s.id() + ".log",
		Linux: &cri.LinuxContainerConfig{SecurityContext: &cri.LinuxContainerSecurityContext{
			NamespaceOptions: config.GetLinux().GetSecurityContext().GetNamespaceOptions(),
		}},
	}
	if change != nil {
		change(c)
	}
	if _, err := s.PullImage(ctx, &cri.PullImageRequest{Image: c.GetImage()}); err != nil {
		t.Fatal(err)
	}
	r, err := s.CreateContainer(ctx, &cri.CreateContainerRequest{PodSandboxId: pod, Config: c, SandboxConfig: config})
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.container(r.GetContainerId())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (s *server) start(t *testing.T, c *container) {
	t.Helper()
	if _, err := s.StartContainer(context.Background(), &cri.StartContainerRequest{ContainerId: c.id}); err != nil {
		t.Fatal(err)
	}
}

// output waits for the end of a container and returns what it wrote, without the log's own fields.
func (s *server) output(t *testing.T, c *container) string {
	t.Helper()
	select {
	case <-c.done:
	case <-time.After(10 * time.Second):
		t.Fatal("the container did not end within 10 s")
	}
	content, err := os.ReadFile(c.log.path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(content)) {
		out.WriteString(strings.SplitN(line, " ", 4)[3])
	}
	return out.String()
}

// run is create, start and output in a pod of its own.
func (s *server) run(t *testing.T, script string, change func(*cri.ContainerConfig)) string {
	t.Helper()
	pod, config := s.pod(t, hostNetwork())
	c := s.create(t, pod, config, script, change)
	s.start(t, c)
	return s.output(t, c)
}

func expect(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("expected %q in:\n%s", part, text)
		}
	}
}

func refuse(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("unexpected %q in:\n%s", part, text)
		}
	}
}
