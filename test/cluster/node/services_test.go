package main

import (
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func pointer[T any](v T) *T { return &v }

func service(name, ip string) *core.Service {
	return &core.Service{ObjectMeta: meta.ObjectMeta{Name: name, Namespace: "ns"}, Spec: core.ServiceSpec{
		ClusterIP: ip, Ports: []core.ServicePort{{Name: "http", Port: 80, Protocol: core.ProtocolTCP}, {Name: "udp", Port: 81, Protocol: core.ProtocolUDP}},
	}}
}

func endpointSlice(of string, port int32, endpoints ...discovery.Endpoint) *discovery.EndpointSlice {
	return &discovery.EndpointSlice{
		ObjectMeta:  meta.ObjectMeta{Name: of + "-1", Namespace: "ns", Labels: map[string]string{discovery.LabelServiceName: of}},
		AddressType: discovery.AddressTypeIPv4, Endpoints: endpoints,
		Ports: []discovery.EndpointPort{{Name: pointer("http"), Port: pointer(port)}, {Name: pointer("udp"), Port: pointer(port)}},
	}
}

func endpoint(ip string, ready bool) discovery.Endpoint {
	return discovery.Endpoint{Addresses: []string{ip}, Conditions: discovery.EndpointConditions{Ready: pointer(ready)}}
}

func table() *serviceTable {
	named := endpoint("10.99.0.4", true)
	named.Hostname = pointer("db-0")
	return tabulate([]*core.Service{service("web", "10.98.0.5"), service("db", core.ClusterIPNone), service("idle", "10.98.0.6")}, []*discovery.EndpointSlice{
		endpointSlice("web", 8080, endpoint("10.99.0.2", true), endpoint("10.99.0.3", false)), endpointSlice("db", 1, named),
	})
}

func TestOnlyReadyEndpointsOfTCPPortsAreForwarded(t *testing.T) {
	got := table()
	if len(got.forward) != 1 || len(got.vips) != 2 {
		t.Fatalf("%v %v", got.forward, got.vips)
	}
	if to := got.forward[netip.MustParseAddrPort("10.98.0.5:80")]; len(to) != 1 || to[0] != "10.99.0.2:8080" {
		t.Errorf("%v", to)
	}
}

func ask(t *testing.T, table *serviceTable, name string, kind dnsmessage.Type, limit int) dnsmessage.Message {
	t.Helper()
	query := dnsmessage.Message{Header: dnsmessage.Header{ID: 7, RecursionDesired: true}, Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}}}
	packed, err := query.Pack()
	if err != nil {
		t.Fatal(err)
	}
	var reply dnsmessage.Message
	if err := reply.Unpack(answer(packed, "cluster.local", table, limit)); err != nil {
		t.Fatal(err)
	}
	if reply.ID != 7 || !reply.Response {
		t.Errorf("not a reply to the query: %+v", reply.Header)
	}
	return reply
}

func TestTheDNSKnowsServicesAndDeniesTheRestAtOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		kind dnsmessage.Type
		code dnsmessage.RCode
		want string
	}{
		{"web.ns.svc.cluster.local.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "10.98.0.5"},
		{"WEB.ns.svc.Cluster.local.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "10.98.0.5"},
		{"db.ns.svc.cluster.local.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "10.99.0.4"},
		{"db-0.db.ns.svc.cluster.local.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "10.99.0.4"},
		{"web.ns.svc.cluster.local.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, ""},
		{"web.other.svc.cluster.local.", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""},
		{"web.ns.", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""},
		{"example.com.", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""},
	} {
		reply := ask(t, table(), c.name, c.kind, udpPayload)
		got := ""
		for _, a := range reply.Answers {
			got += netip.AddrFrom4(a.Body.(*dnsmessage.AResource).A).String()
		}
		if reply.RCode != c.code || got != c.want {
			t.Errorf("%s %s: %s %q", c.name, c.kind, reply.RCode, got)
		}
	}
	if code := ask(t, &serviceTable{}, "web.ns.svc.cluster.local.", dnsmessage.TypeA, udpPayload).RCode; code != dnsmessage.RCodeServerFailure {
		t.Errorf("before the services are known: %s", code)
	}
	if cut := ask(t, table(), "web.ns.svc.cluster.local.", dnsmessage.TypeA, 20); !cut.Truncated || len(cut.Answers) > 0 {
		t.Errorf("%+v", cut)
	}
	for _, bad := range [][]byte{nil, {1, 2, 3}, make([]byte, 12)} {
		answer(bad, "cluster.local", table(), udpPayload)
	}
}

func echoName(t *testing.T, name string) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, name)
			conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestTheProxyTakesEndpointsInTurnAndRefusesWithoutAny(t *testing.T) {
	needRoot(t)
	n := newTestNetwork(t, t.TempDir())
	p := newProxy(n, netip.MustParseAddr("10.98.0.10"))
	t.Cleanup(p.close)
	vip := netip.MustParseAddr("10.98.0.5")
	at := netip.AddrPortFrom(vip, 80)
	dead, _ := net.Listen("tcp4", "127.0.0.1:0")
	dead.Close()
	forward := map[netip.AddrPort][]string{at: {echoName(t, "a"), echoName(t, "b"), dead.Addr().String()}}
	p.apply(&serviceTable{vips: map[netip.Addr]bool{vip: true}, forward: forward})
	seen := map[string]int{}
	for range 12 {
		conn, err := net.DialTimeout("tcp4", at.String(), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(conn)
		conn.Close()
		seen[string(content)]++
	}
	if seen["a"] < 4 || seen["b"] < 4 || seen[""] > 0 {
		t.Errorf("%v", seen)
	}
	p.apply(&serviceTable{vips: map[netip.Addr]bool{vip: true}})
	if conn, err := net.DialTimeout("tcp4", at.String(), time.Second); err == nil {
		conn.Close()
		t.Error("a service without endpoints accepts connections")
	}
	p.apply(&serviceTable{})
	if left := n.ownAddresses(); len(left) > 0 {
		t.Errorf("the address of a deleted service remains: %v", left)
	}
}
