package main

import (
	"bytes"
	"fmt"
	"log"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// The node's address on lo, which is also where the API server advertises itself, and the range pods get theirs from.
var (
	nodeIP   = netip.MustParseAddr("10.99.255.254")
	podRange = netip.MustParsePrefix("10.99.0.0/16")
)

// network owns the namespaces, veth pairs and lo addresses of one run. Their names carry mark.
type network struct {
	mark        string
	serviceCIDR netip.Prefix
	mu          sync.Mutex
	last        int
}

type podNetwork struct {
	namespace, veth string
	ip              netip.Addr
}

func (p podNetwork) path() string { return "/run/netns/" + p.namespace }

func ip(args ...string) (string, error) {
	var out, fail bytes.Buffer
	cmd := exec.Command("ip", args...)
	cmd.Stdout, cmd.Stderr = &out, &fail
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(fail.String()))
	}
	return out.String(), nil
}

func (n *network) label() string { return "lo:fg" + n.mark }

// addAddress puts a /32 on lo. An address that is there already belongs to somebody else and stays theirs.
func (n *network) addAddress(a netip.Addr) error {
	_, err := ip("addr", "add", a.String()+"/32", "dev", "lo", "label", n.label())
	if err != nil && !strings.Contains(err.Error(), "File exists") && !strings.Contains(err.Error(), "already assigned") {
		return err
	}
	return nil
}

func (n *network) removeAddress(a netip.Addr) {
	for _, own := range n.ownAddresses() {
		if own == a.String()+"/32" {
			if _, err := ip("addr", "del", own, "dev", "lo"); err != nil {
				log.Print(err)
			}
		}
	}
}

func (n *network) ownAddresses() []string {
	out, err := ip("-4", "-o", "addr", "show", "dev", "lo", "label", n.label())
	if err != nil {
		return nil
	}
	var found []string
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) > 3 && f[2] == "inet" {
			// `ip` leaves the /32 of a host address out.
			found = append(found, strings.TrimSuffix(f[3], "/32")+"/32")
		}
	}
	return found
}

// nextIP counts upwards so that an address is not reused while somebody may still remember its last owner.
func (n *network) nextIP() (int, netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last++
	i := n.last % (250 * 250)
	return n.last, netip.AddrFrom4([4]byte{10, 99, byte(i / 250), byte(i%250 + 2)})
}

// create makes a pod's network: it reaches the node, other pods and services, and nothing beyond the machine.
func (n *network) create() (podNetwork, error) {
	number, address := n.nextIP()
	p := podNetwork{
		namespace: fmt.Sprintf("fg%s-%x", n.mark, number),
		veth:      fmt.Sprintf("fg%sh%x", n.mark, number),
		ip:        address,
	}
	node := nodeIP.String()
	steps := [][]string{
		{"netns", "add", p.namespace},
		{"link", "add", p.veth, "type", "veth", "peer", "name", "eth0", "netns", p.namespace},
		{"-n", p.namespace, "link", "set", "lo", "up"},
		// No link-local IPv6: it would be a second way to the machine.
		{"link", "set", p.veth, "addrgenmode", "none"},
		{"-n", p.namespace, "link", "set", "eth0", "addrgenmode", "none"},
		{"-n", p.namespace, "addr", "add", address.String() + "/32", "dev", "eth0"},
		{"-n", p.namespace, "link", "set", "eth0", "up"},
		{"link", "set", p.veth, "up"},
		{"route", "add", address.String() + "/32", "dev", p.veth, "src", node},
		{"-n", p.namespace, "route", "add", node + "/32", "dev", "eth0"},
		{"-n", p.namespace, "route", "add", podRange.String(), "via", node},
		{"-n", p.namespace, "route", "add", n.serviceCIDR.String(), "via", node},
		// The machine's own network is none of a test pod's business: fail at once instead of leaking packets.
		{"-n", p.namespace, "route", "add", "unreachable", "default"},
	}
	for _, step := range steps {
		if _, err := ip(step...); err != nil {
			n.remove(p)
			return podNetwork{}, err
		}
	}
	// The kernel asks the incoming device whether it may forward, so the machine-wide switch stays as it is.
	err := os.WriteFile("/proc/sys/net/ipv4/conf/"+p.veth+"/forwarding", []byte("1"), 0)
	if err == nil {
		err = inNamespaces(func() error { return writeSysctl("net.ipv4.ip_unprivileged_port_start", "0") }, netNamespace(p.path()))
	}
	if err != nil {
		n.remove(p)
		return podNetwork{}, err
	}
	return p, nil
}

func writeSysctl(name, value string) error {
	return os.WriteFile(filepath.Join("/proc/sys", strings.ReplaceAll(name, ".", "/")), []byte(value), 0)
}

func (n *network) remove(p podNetwork) {
	if p.namespace == "" {
		return
	}
	// Deleting the namespace takes the pair away later; deleting the pair does so now.
	_, _ = ip("link", "del", p.veth)
	if _, err := ip("netns", "del", p.namespace); err != nil {
		log.Print(err)
	}
}

// clean removes what carries the mark, including what a killed run left.
func (n *network) clean() {
	killMarked(initName(n.mark))
	if out, err := ip("-o", "link", "show", "type", "veth"); err == nil {
		for line := range strings.Lines(out) {
			f := strings.Fields(line)
			if len(f) > 1 && strings.HasPrefix(f[1], "fg"+n.mark+"h") {
				name, _, _ := strings.Cut(strings.TrimSuffix(f[1], ":"), "@")
				_, _ = ip("link", "del", name)
			}
		}
	}
	if out, err := ip("netns", "list"); err == nil {
		for line := range strings.Lines(out) {
			if f := strings.Fields(line); len(f) > 0 && strings.HasPrefix(f[0], "fg"+n.mark+"-") {
				_, _ = ip("netns", "del", f[0])
			}
		}
	}
	for _, own := range n.ownAddresses() {
		_, _ = ip("addr", "del", own, "dev", "lo")
	}
}

// killMarked ends processes of an earlier run by their own name; normally they died with their parent.
func killMarked(name string) {
	entries, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, entry := range entries {
		content, err := os.ReadFile(entry)
		if err != nil || !bytes.HasPrefix(content, append([]byte(name), 0)) {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(entry, "/proc/%d/cmdline", &pid); err == nil && pid != os.Getpid() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

type namespace struct {
	path, own string
	kind      int
}

func netNamespace(path string) namespace {
	return namespace{path, "/proc/thread-self/ns/net", unix.CLONE_NEWNET}
}
func pidNamespace(path string) namespace {
	return namespace{path, "/proc/thread-self/ns/pid", unix.CLONE_NEWPID}
}

// inNamespaces runs f on a thread that is in the namespaces, and takes the thread back afterwards.
func inNamespaces(f func() error, targets ...namespace) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, t := range targets {
		back, err := os.Open(t.own)
		if err != nil {
			return err
		}
		defer back.Close()
		to, err := os.Open(t.path)
		if err != nil {
			return err
		}
		defer to.Close()
		if err := unix.Setns(int(to.Fd()), t.kind); err != nil {
			return fmt.Errorf("enter %s: %w", t.path, err)
		}
		defer func() {
			if err := unix.Setns(int(back.Fd()), t.kind); err != nil {
				panic(fmt.Sprintf("leave %s: %v", t.path, err))
			}
		}()
	}
	return f()
}
