// Command node-runtime plays a node's container runtime, service proxy and cluster DNS for a real kubelet on a
// machine that cannot start containers. It serves the Container Runtime Interface; a container is a process in
// namespaces of its own. It is a test tool: see README.md for what it does not confine.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"google.golang.org/grpc"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/klog/v2"
)

// The stages a container process goes through: each is this program run again, named by its first argument.
const (
	stageInit   = "init"
	stagePause  = "pause"
	stageEnter  = "enter"
	stageLaunch = "launch"
)

// runStage does not return if this process was started as a stage.
func runStage() {
	if len(os.Args) < 2 {
		return
	}
	if slices.Contains([]string{stageInit, stagePause, stageEnter}, os.Args[1]) {
		dieWithParent()
	}
	switch os.Args[1] {
	case stageInit:
		os.Exit(runInit(os.Args[2]))
	case stagePause:
		os.Exit(runPause())
	case stageEnter:
		os.Exit(runEnter(os.Args[2]))
	case stageLaunch:
		os.Exit(runLaunch())
	}
}

type options struct {
	socket, root, images, kubeconfig string
	serviceCIDR                      netip.Prefix
	clusterDNS                       netip.Addr
	clusterDomain                    string
	hide                             []string
}

// Overlay mount options are separated by commas and colons, and state paths end up in them.
var plainPath = regexp.MustCompile(`^/[A-Za-z0-9._/-]+$`)

func parseOptions(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("node-runtime", flag.ContinueOnError)
	f.StringVar(&o.socket, "socket", "", "CRI `socket` to listen on")
	f.StringVar(&o.root, "root", "", "`directory` for state; names what an earlier run left behind")
	f.StringVar(&o.images, "images", "", "JSON `file` that maps image references to commands")
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "`file` with access to Services and EndpointSlices")
	cidr := f.String("service-cidr", "10.0.0.0/24", "the API server's --service-cluster-ip-range")
	dns := f.String("cluster-dns", "10.0.0.10", "`address` of the cluster DNS, as in the kubelet's clusterDNS")
	f.StringVar(&o.clusterDomain, "cluster-domain", "cluster.local", "the kubelet's clusterDomain")
	f.Func("hide", "`path` of the machine that containers do not see (repeatable)", func(v string) error {
		o.hide = append(o.hide, v)
		return nil
	})
	if err := f.Parse(args); err != nil {
		return o, err
	}
	for name, value := range map[string]string{"socket": o.socket, "root": o.root, "images": o.images, "kubeconfig": o.kubeconfig} {
		if !plainPath.MatchString(value) {
			return o, fmt.Errorf("--%s: %q is not an absolute path of letters, digits, '.', '_' and '-'", name, value)
		}
	}
	var err error
	if o.serviceCIDR, err = netip.ParsePrefix(*cidr); err != nil {
		return o, fmt.Errorf("--service-cidr: %w", err)
	}
	if o.clusterDNS, err = netip.ParseAddr(*dns); err != nil {
		return o, fmt.Errorf("--cluster-dns: %w", err)
	}
	o.root = filepath.Clean(o.root)
	return o, nil
}

// mark names everything this run creates on the machine, so that the next run with the same root finds it.
func (o options) mark() string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(o.root)))[:6]
}

func main() {
	runStage()
	o, err := parseOptions(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err == nil {
		err = run(o)
	}
	if err != nil {
		log.Fatalf("node-runtime: %v", err)
	}
}

func run(o options) error {
	if os.Geteuid() != 0 {
		return errors.New("needs root: it makes namespaces, mounts and network devices; run it as root on a test machine")
	}
	// An abstract socket is free again the moment its holder dies, unlike a file.
	lock, err := net.Listen("unix", "@frostgate-node-runtime")
	if err != nil {
		return fmt.Errorf("another node-runtime runs on this machine and holds %s: stop it first (%w)", podRange, err)
	}
	defer lock.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	klog.SetOutput(os.Stderr)

	network := &network{mark: o.mark(), serviceCIDR: o.serviceCIDR}
	network.clean()
	if err := resetState(o.root); err != nil {
		return err
	}
	defer func() {
		network.clean()
		_ = removeState(o.root)
	}()
	for _, a := range []netip.Addr{nodeIP, o.clusterDNS} {
		if err := network.addAddress(a); err != nil {
			return err
		}
	}

	table := &serviceTable{}
	closeDNS, err := serveDNS(o.clusterDNS, o.clusterDomain, table)
	if err != nil {
		return fmt.Errorf("cluster DNS: %w", err)
	}
	defer closeDNS()
	proxy := newProxy(network, o.clusterDNS)
	defer proxy.close()
	if err := watchServices(ctx, o.kubeconfig, table, proxy); err != nil {
		return fmt.Errorf("services: %w", err)
	}

	s := newServer(o, network)
	defer s.killAll()
	if err := s.serveStreaming(); err != nil {
		return fmt.Errorf("streaming server: %w", err)
	}
	defer s.streaming.Stop()
	_ = os.Remove(o.socket)
	listener, err := net.Listen("unix", o.socket)
	if err != nil {
		return fmt.Errorf("--socket: %w", err)
	}
	g := grpc.NewServer(grpc.MaxRecvMsgSize(16 << 20))
	cri.RegisterRuntimeServiceServer(g, s)
	cri.RegisterImageServiceServer(g, s)
	go func() { <-ctx.Done(); g.Stop() }()
	fmt.Println("ready")
	if err := g.Serve(listener); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

func stateDirs(root string) []string {
	return []string{filepath.Join(root, "sandboxes"), filepath.Join(root, "containers")}
}

// removeState deletes what earlier sandboxes and containers left; their mounts lived in namespaces that are gone.
func removeState(root string) error {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for _, dir := range stateDirs(root) {
		if strings.Contains(string(mounts), " "+dir+"/") {
			return fmt.Errorf("something is mounted below %s, which this program never does: unmount it first", dir)
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

func resetState(root string) error {
	if err := removeState(root); err != nil {
		return err
	}
	for _, dir := range stateDirs(root) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	return nil
}
