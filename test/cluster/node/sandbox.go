package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-streaming/pkg/streaming"
)

type server struct {
	cri.UnimplementedRuntimeServiceServer
	cri.UnimplementedImageServiceServer
	options    options
	network    *network
	images     *imageStore
	streaming  streaming.Server
	mu         sync.Mutex
	serial     int
	clock      int64
	sandboxes  map[string]*sandbox
	containers map[string]*container
}

// sandbox is a pod: a network, a directory for what its containers share, and perhaps a shared PID namespace.
type sandbox struct {
	id, dir string
	config  *cri.PodSandboxConfig
	net     podNetwork
	created int64
	ready   bool
	pause   *exec.Cmd
}

func newServer(o options, n *network) *server {
	return &server{
		options: o, network: n, images: &imageStore{file: o.images, pulled: map[string]image{}},
		sandboxes: map[string]*sandbox{}, containers: map[string]*container{},
	}
}

// id makes names that differ between runs too, because the kubelet remembers them.
func (s *server) id() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	return fmt.Sprintf("%016x%08x", time.Now().UnixNano(), s.serial)
}

// now never returns the same time twice nor goes back; callers hold the lock.
func (s *server) now() int64 {
	s.clock = max(s.clock+1, time.Now().UnixNano())
	return s.clock
}

func (b *sandbox) namespaces() *cri.NamespaceOption {
	return b.config.GetLinux().GetSecurityContext().GetNamespaceOptions()
}

func (s *server) RunPodSandbox(_ context.Context, r *cri.RunPodSandboxRequest) (*cri.RunPodSandboxResponse, error) {
	id := s.id()
	b := &sandbox{id: id, dir: filepath.Join(s.options.root, "sandboxes", id), config: r.GetConfig(), ready: true}
	if err := s.setUp(b); err != nil {
		s.tearDown(b)
		_ = os.RemoveAll(b.dir)
		return nil, status.Errorf(codes.Unknown, "sandbox of pod %s: %v", r.GetConfig().GetMetadata().GetName(), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b.created = s.now()
	s.sandboxes[id] = b
	return &cri.RunPodSandboxResponse{PodSandboxId: id}, nil
}

func (s *server) setUp(b *sandbox) error {
	shm := filepath.Join(b.dir, "shm")
	if err := os.MkdirAll(shm, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(shm, 0o1777|os.ModeSticky); err != nil {
		return err
	}
	for name, content := range map[string]string{"resolv.conf": resolvConf(b.config.GetDnsConfig()), "hostname": b.hostname() + "\n"} {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	var err error
	if b.namespaces().GetNetwork() == cri.NamespaceMode_POD {
		if b.net, err = s.network.create(); err != nil {
			return err
		}
		for name, value := range b.config.GetLinux().GetSysctls() {
			if !strings.HasPrefix(name, "net.") {
				return fmt.Errorf("sysctl %s: only those of the network namespace can be set here", name)
			}
			if err := inNamespaces(func() error { return writeSysctl(name, value) }, netNamespace(b.net.path())); err != nil {
				return fmt.Errorf("sysctl %s: %w", name, err)
			}
		}
	}
	if b.namespaces().GetPid() == cri.NamespaceMode_POD {
		b.pause = selfCommand(initName(s.network.mark), stagePause)
		b.pause.SysProcAttr.Cloneflags = syscall.CLONE_NEWPID
		return b.pause.Start()
	}
	return nil
}

func (b *sandbox) hostname() string {
	if b.config.GetHostname() != "" {
		return b.config.GetHostname()
	}
	name, _ := os.Hostname()
	return name
}

func resolvConf(d *cri.DNSConfig) string {
	var out strings.Builder
	if len(d.GetSearches()) > 0 {
		fmt.Fprintf(&out, "search %s\n", strings.Join(d.GetSearches(), " "))
	}
	for _, server := range d.GetServers() {
		fmt.Fprintf(&out, "nameserver %s\n", server)
	}
	if len(d.GetOptions()) > 0 {
		fmt.Fprintf(&out, "options %s\n", strings.Join(d.GetOptions(), " "))
	}
	return out.String()
}

// tearDown ends everything in the sandbox; it may be called again.
func (s *server) tearDown(b *sandbox) {
	for _, c := range s.containersOf(b.id) {
		c.kill()
		<-c.done
	}
	if b.pause != nil && b.pause.Process != nil {
		_ = b.pause.Process.Kill()
		_ = b.pause.Wait()
		b.pause = nil
	}
	s.network.remove(b.net)
	b.net.namespace = ""
}

func (s *server) containersOf(id string) []*container {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*container
	for _, c := range s.containers {
		if c.sandbox.id == id {
			found = append(found, c)
		}
	}
	return found
}

func (s *server) sandbox(id string) (*sandbox, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.sandboxes[id]; b != nil {
		return b, nil
	}
	return nil, status.Errorf(codes.NotFound, "pod sandbox %q does not exist", id)
}

func (s *server) StopPodSandbox(_ context.Context, r *cri.StopPodSandboxRequest) (*cri.StopPodSandboxResponse, error) {
	if b, err := s.sandbox(r.GetPodSandboxId()); err == nil {
		s.mu.Lock()
		wasReady := b.ready
		b.ready = false
		s.mu.Unlock()
		if wasReady {
			s.tearDown(b)
		}
	}
	return &cri.StopPodSandboxResponse{}, nil
}

func (s *server) RemovePodSandbox(ctx context.Context, r *cri.RemovePodSandboxRequest) (*cri.RemovePodSandboxResponse, error) {
	b, err := s.sandbox(r.GetPodSandboxId())
	if err != nil {
		return &cri.RemovePodSandboxResponse{}, nil
	}
	_, _ = s.StopPodSandbox(ctx, &cri.StopPodSandboxRequest{PodSandboxId: b.id})
	for _, c := range s.containersOf(b.id) {
		s.removeContainer(c)
	}
	s.mu.Lock()
	delete(s.sandboxes, b.id)
	s.mu.Unlock()
	return &cri.RemovePodSandboxResponse{}, os.RemoveAll(b.dir)
}

func (b *sandbox) state() cri.PodSandboxState {
	if b.ready {
		return cri.PodSandboxState_SANDBOX_READY
	}
	return cri.PodSandboxState_SANDBOX_NOTREADY
}

func (s *server) PodSandboxStatus(_ context.Context, r *cri.PodSandboxStatusRequest) (*cri.PodSandboxStatusResponse, error) {
	b, err := s.sandbox(r.GetPodSandboxId())
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	address := ""
	if b.net.ip.IsValid() {
		address = b.net.ip.String()
	}
	return &cri.PodSandboxStatusResponse{Status: &cri.PodSandboxStatus{
		Id: b.id, Metadata: b.config.GetMetadata(), State: b.state(), CreatedAt: b.created,
		Network: &cri.PodSandboxNetworkStatus{Ip: address}, Labels: b.config.GetLabels(), Annotations: b.config.GetAnnotations(),
		Linux: &cri.LinuxPodSandboxStatus{Namespaces: &cri.Namespace{Options: b.namespaces()}},
	}}, nil
}

func matches(labels, selector map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return true
}

func (s *server) ListPodSandbox(_ context.Context, r *cri.ListPodSandboxRequest) (*cri.ListPodSandboxResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, f := &cri.ListPodSandboxResponse{}, r.GetFilter()
	for _, b := range s.sandboxes {
		if f.GetId() != "" && f.GetId() != b.id || f.GetState() != nil && f.GetState().GetState() != b.state() ||
			!matches(b.config.GetLabels(), f.GetLabelSelector()) {
			continue
		}
		out.Items = append(out.Items, &cri.PodSandbox{Id: b.id, Metadata: b.config.GetMetadata(), State: b.state(),
			CreatedAt: b.created, Labels: b.config.GetLabels(), Annotations: b.config.GetAnnotations()})
	}
	return out, nil
}

// killAll ends what this run started; the network goes with network.clean.
func (s *server) killAll() {
	s.mu.Lock()
	var all []*sandbox
	for _, b := range s.sandboxes {
		all = append(all, b)
	}
	s.mu.Unlock()
	for _, b := range all {
		s.tearDown(b)
	}
	log.Printf("ended %d pods", len(all))
}
