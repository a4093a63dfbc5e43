package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// serviceTable is what the Services and EndpointSlices of the cluster amount to at one moment.
type serviceTable struct {
	mu      sync.Mutex
	synced  bool
	names   map[string][]netip.Addr // "<service>.<namespace>" and "<host>.<service>.<namespace>"
	forward map[netip.AddrPort][]string
	vips    map[netip.Addr]bool
}

func (t *serviceTable) lookup(name string) (addresses []netip.Addr, known, synced bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	addresses, known = t.names[name]
	return addresses, known, t.synced
}

// tabulate computes names, forwards and cluster addresses; it has no side effects.
func tabulate(services []*core.Service, slices []*discovery.EndpointSlice) *serviceTable {
	t := &serviceTable{synced: true, names: map[string][]netip.Addr{}, forward: map[netip.AddrPort][]string{}, vips: map[netip.Addr]bool{}}
	owned := map[string][]*discovery.EndpointSlice{}
	for _, s := range slices {
		key := s.Labels[discovery.LabelServiceName] + "." + s.Namespace
		owned[key] = append(owned[key], s)
	}
	for _, service := range services {
		name := service.Name + "." + service.Namespace
		vip, err := netip.ParseAddr(service.Spec.ClusterIP)
		if err == nil {
			t.names[name] = []netip.Addr{vip}
			t.vips[vip] = true
		} else if service.Spec.ClusterIP == core.ClusterIPNone {
			t.names[name] = nil
		}
		for _, slice := range owned[name] {
			t.addSlice(service, name, vip, slice)
		}
	}
	return t
}

func (t *serviceTable) addSlice(service *core.Service, name string, vip netip.Addr, slice *discovery.EndpointSlice) {
	for _, e := range slice.Endpoints {
		ready := e.Conditions.Ready == nil || *e.Conditions.Ready || service.Spec.PublishNotReadyAddresses
		if !ready || slice.AddressType != discovery.AddressTypeIPv4 || len(e.Addresses) == 0 {
			continue
		}
		address, err := netip.ParseAddr(e.Addresses[0])
		if err != nil {
			continue
		}
		if service.Spec.ClusterIP == core.ClusterIPNone {
			t.names[name] = append(t.names[name], address)
		}
		if e.Hostname != nil && *e.Hostname != "" {
			t.names[*e.Hostname+"."+name] = append(t.names[*e.Hostname+"."+name], address)
		}
		if !vip.IsValid() {
			continue
		}
		for _, target := range slice.Ports {
			for _, port := range service.Spec.Ports {
				if target.Port == nil || target.Name == nil || *target.Name != port.Name || port.Protocol != core.ProtocolTCP && port.Protocol != "" {
					continue
				}
				at := netip.AddrPortFrom(vip, uint16(port.Port))
				t.forward[at] = append(t.forward[at], netip.AddrPortFrom(address, uint16(*target.Port)).String())
			}
		}
	}
}

// watchServices keeps the table and the proxy up to date until ctx ends. The API server may start later than this.
func watchServices(ctx context.Context, kubeconfig string, table *serviceTable, p *proxy) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	services, slices := factory.Core().V1().Services(), factory.Discovery().V1().EndpointSlices()
	changed := make(chan struct{}, 1)
	wake := func(any) {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	handler := cache.ResourceEventHandlerFuncs{AddFunc: wake, UpdateFunc: func(_, o any) { wake(o) }, DeleteFunc: wake}
	for _, i := range []cache.SharedIndexInformer{services.Informer(), slices.Informer()} {
		if _, err := i.AddEventHandler(handler); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	go func() {
		factory.WaitForCacheSync(ctx.Done())
		wake(nil)
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
			if !services.Informer().HasSynced() || !slices.Informer().HasSynced() {
				continue
			}
			all, _ := services.Lister().List(labels.Everything())
			endpoints, _ := slices.Lister().List(labels.Everything())
			next := tabulate(all, endpoints)
			p.apply(next)
			table.mu.Lock()
			table.synced, table.names = true, next.names
			table.mu.Unlock()
		}
	}()
	return nil
}

// proxy forwards cluster addresses in user space. A port with no ready endpoint is closed, so clients are refused.
type proxy struct {
	network   *network
	dns       netip.Addr
	mu        sync.Mutex
	closed    bool
	vips      map[netip.Addr]bool
	listeners map[netip.AddrPort]*forwarder
}

type forwarder struct {
	net.Listener
	targets atomic.Pointer[[]string]
	turn    atomic.Uint64
}

func newProxy(n *network, dns netip.Addr) *proxy {
	return &proxy{network: n, dns: dns, vips: map[netip.Addr]bool{}, listeners: map[netip.AddrPort]*forwarder{}}
}

func (p *proxy) apply(t *serviceTable) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	for at, f := range p.listeners {
		if len(t.forward[at]) == 0 {
			f.Close()
			delete(p.listeners, at)
		}
	}
	for vip := range p.vips {
		if !t.vips[vip] {
			p.network.removeAddress(vip)
			delete(p.vips, vip)
		}
	}
	for vip := range t.vips {
		// The cluster DNS serves its own address even if a Service has it too.
		if vip != p.dns && !p.vips[vip] && p.network.serviceCIDR.Contains(vip) {
			if err := p.network.addAddress(vip); err != nil {
				log.Print(err)
				continue
			}
			p.vips[vip] = true
		}
	}
	for at, targets := range t.forward {
		if !p.vips[at.Addr()] {
			continue
		}
		slices.Sort(targets)
		if f := p.listeners[at]; f != nil {
			f.targets.Store(&targets)
		} else if err := p.listen(at, targets); err != nil {
			log.Printf("service %s: %v", at, err)
		}
	}
}

func (p *proxy) listen(at netip.AddrPort, targets []string) error {
	l, err := net.Listen("tcp4", at.String())
	if err != nil {
		return err
	}
	f := &forwarder{Listener: l}
	f.targets.Store(&targets)
	p.listeners[at] = f
	go f.serve()
	return nil
}

func (f *forwarder) serve() {
	for {
		conn, err := f.Accept()
		if err != nil {
			return
		}
		go func() {
			to, err := f.dial()
			if err != nil {
				log.Printf("service %s: %v", f.Addr(), err)
				// Reset, so that the client sees a refusal and not an empty answer.
				_ = conn.(*net.TCPConn).SetLinger(0)
				conn.Close()
				return
			}
			relay(to, conn)
		}()
	}
}

// dial takes endpoints in turn and goes on to the next where one does not answer.
func (f *forwarder) dial() (*net.TCPConn, error) {
	targets := *f.targets.Load()
	first := int(f.turn.Add(1))
	var failed []string
	for i := range targets {
		conn, err := net.DialTimeout("tcp4", targets[(first+i)%len(targets)], 3*time.Second)
		if err == nil {
			return conn.(*net.TCPConn), nil
		}
		failed = append(failed, err.Error())
	}
	return nil, fmt.Errorf("no endpoint answers: %s", strings.Join(failed, "; "))
}

func (p *proxy) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, f := range p.listeners {
		f.Close()
	}
}
