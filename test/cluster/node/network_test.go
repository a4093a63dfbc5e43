package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dialFrom connects out of a pod's network.
func dialFrom(p podNetwork, address string) (conn net.Conn, err error) {
	err = inNamespaces(func() (err error) {
		conn, err = net.DialTimeout("tcp4", address, 2*time.Second)
		return err
	}, netNamespace(p.path()))
	return conn, err
}

func listenIn(t *testing.T, p podNetwork, address string) net.Listener {
	t.Helper()
	var l net.Listener
	err := inNamespaces(func() (err error) {
		l, err = net.Listen("tcp4", address)
		return err
	}, netNamespace(p.path()))
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
			fmt.Fprintf(conn, "%s", conn.RemoteAddr())
			conn.Close()
		}
	}()
	return l
}

func TestPodsReachEachOtherAndTheNodeAndNothingBeyond(t *testing.T) {
	needMachine(t)
	n := newTestNetwork(t, t.TempDir())
	if err := n.addAddress(nodeIP); err != nil {
		t.Fatal(err)
	}
	a, err := n.create()
	if err != nil {
		t.Fatal(err)
	}
	b, err := n.create()
	if err != nil {
		t.Fatal(err)
	}
	listenIn(t, b, b.ip.String()+":8080")
	conn, err := dialFrom(a, b.ip.String()+":8080")
	if err != nil {
		t.Fatal(err)
	}
	from, _ := io.ReadAll(conn)
	conn.Close()
	if !strings.HasPrefix(string(from), a.ip.String()+":") {
		t.Errorf("the other pod sees %s", from)
	}
	if conn, err := net.DialTimeout("tcp4", b.ip.String()+":8080", time.Second); err != nil {
		t.Errorf("from the node: %v", err)
	} else {
		conn.Close()
	}
	node, err := net.Listen("tcp4", nodeIP.String()+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	if conn, err := dialFrom(a, node.Addr().String()); err != nil {
		t.Errorf("to the node: %v", err)
	} else {
		conn.Close()
	}
	started := time.Now()
	if _, err := dialFrom(a, "192.0.2.200:80"); err == nil || time.Since(started) > time.Second {
		t.Errorf("beyond the machine: %v after %s", err, time.Since(started))
	}
}

func TestCleaningFindsWhatAKilledRunLeftAndNothingElse(t *testing.T) {
	needMachine(t)
	root, other := t.TempDir(), newTestNetwork(t, t.TempDir())
	other.last += 100
	if err := other.addAddress(nodeIP); err != nil {
		t.Fatal(err)
	}
	kept, err := other.create()
	if err != nil {
		t.Fatal(err)
	}
	killed := newTestNetwork(t, root)
	lost, err := killed.create()
	if err != nil {
		t.Fatal(err)
	}
	orphan := selfCommand(initName(killed.mark), stagePause)
	orphan.SysProcAttr.Cloneflags = syscall.CLONE_NEWPID
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	defer orphan.Process.Kill()
	newTestNetwork(t, root).clean()
	ended := make(chan struct{})
	go func() { _ = orphan.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(2 * time.Second):
		t.Error("a process of the killed run remains")
	}
	if _, err := os.Stat(lost.path()); err == nil {
		t.Error("its namespace remains")
	}
	if _, err := net.InterfaceByName(lost.veth); err == nil {
		t.Error("its device remains")
	}
	if _, err := os.Stat(kept.path()); err != nil {
		t.Error("another run's namespace is gone")
	}
	if len(other.ownAddresses()) == 0 {
		t.Log("the node's address was there before and is somebody else's")
	}
}
