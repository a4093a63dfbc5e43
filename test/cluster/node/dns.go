package main

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	dnsTTL     = 5 // seconds; endpoints of a headless service change
	udpPayload = 1232
)

// serveDNS answers names of Services at address:53 over UDP and TCP until it is closed.
func serveDNS(address netip.Addr, domain string, table *serviceTable) (func(), error) {
	at := netip.AddrPortFrom(address, 53).String()
	udp, err := net.ListenPacket("udp4", at)
	if err != nil {
		return nil, err
	}
	tcp, err := net.Listen("tcp4", at)
	if err != nil {
		udp.Close()
		return nil, err
	}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, from, err := udp.ReadFrom(buffer)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue
			}
			if reply := answer(buffer[:n], domain, table, udpPayload); reply != nil {
				_, _ = udp.WriteTo(reply, from)
			}
		}
	}()
	go func() {
		for {
			conn, err := tcp.Accept()
			if err != nil {
				return
			}
			go answerTCP(conn, domain, table)
		}
	}()
	return func() { udp.Close(); tcp.Close() }, nil
}

func answerTCP(conn net.Conn, domain string, table *serviceTable) {
	defer conn.Close()
	for {
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		reply := answer(query, domain, table, 65535)
		if reply == nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

// answer builds the reply to one query, or nil where there is nothing to reply to. A reply longer than limit is
// truncated to its header and question, so that the client asks again over TCP.
func answer(query []byte, domain string, table *serviceTable, limit int) []byte {
	var p dnsmessage.Parser
	header, err := p.Start(query)
	if err != nil || header.Response {
		return nil
	}
	q, err := p.Question()
	reply := dnsmessage.Header{ID: header.ID, Response: true, OpCode: header.OpCode, Authoritative: true, RecursionDesired: header.RecursionDesired, RecursionAvailable: true}
	if err != nil || header.OpCode != 0 {
		reply.RCode = dnsmessage.RCodeFormatError
		return build(reply, nil, nil)
	}
	addresses, code := resolve(q, domain, table)
	reply.RCode = code
	out := build(reply, &q, addresses)
	if len(out) > limit {
		reply.Truncated = true
		out = build(reply, &q, nil)
	}
	return out
}

// resolve finds `<service>.<namespace>.svc.<domain>` and endpoint names below it. Search lists turn shorter names into
// that form; nothing else exists, and saying so at once keeps clients from waiting.
func resolve(q dnsmessage.Question, domain string, table *serviceTable) ([]netip.Addr, dnsmessage.RCode) {
	if q.Class != dnsmessage.ClassINET {
		return nil, dnsmessage.RCodeNotImplemented
	}
	name, inCluster := strings.CutSuffix(strings.ToLower(q.Name.String()), ".svc."+strings.ToLower(domain)+".")
	if !inCluster {
		return nil, dnsmessage.RCodeNameError
	}
	addresses, known, synced := table.lookup(name)
	switch {
	case !synced:
		return nil, dnsmessage.RCodeServerFailure
	case !known:
		return nil, dnsmessage.RCodeNameError
	case q.Type != dnsmessage.TypeA && q.Type != dnsmessage.TypeALL:
		return nil, dnsmessage.RCodeSuccess
	}
	return addresses, dnsmessage.RCodeSuccess
}

func build(header dnsmessage.Header, q *dnsmessage.Question, addresses []netip.Addr) []byte {
	b := dnsmessage.NewBuilder(nil, header)
	b.EnableCompression()
	if q != nil {
		_ = b.StartQuestions()
		_ = b.Question(*q)
		_ = b.StartAnswers()
		for _, a := range addresses {
			_ = b.AResource(dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: dnsTTL}, dnsmessage.AResource{A: a.As4()})
		}
	}
	out, err := b.Finish()
	if err != nil {
		return nil
	}
	return out
}
