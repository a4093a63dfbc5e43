package main

import (
	"context"
	"log"
	"net"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-streaming/pkg/streaming"
)

// streamer is the side of the server that streams; its methods have the names the CRI gives its requests for a URL.
type streamer struct{ *server }

func (s *server) serveStreaming() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	config := streaming.DefaultConfig
	// The library wants an address, not a listener.
	config.Addr = listener.Addr().String()
	listener.Close()
	if s.streaming, err = streaming.NewServer(config, &streamer{s}); err != nil {
		return err
	}
	go func() {
		if err := s.streaming.Start(true); err != nil {
			log.Printf("streaming server ended: %v", err)
		}
	}()
	return nil
}

func (s *server) Exec(_ context.Context, r *cri.ExecRequest) (*cri.ExecResponse, error) {
	if _, err := s.container(r.GetContainerId()); err != nil {
		return nil, err
	}
	return s.streaming.GetExec(r)
}

func (s *server) Attach(_ context.Context, r *cri.AttachRequest) (*cri.AttachResponse, error) {
	if _, err := s.container(r.GetContainerId()); err != nil {
		return nil, err
	}
	return s.streaming.GetAttach(r)
}

func (s *server) PortForward(_ context.Context, r *cri.PortForwardRequest) (*cri.PortForwardResponse, error) {
	if _, err := s.sandbox(r.GetPodSandboxId()); err != nil {
		return nil, err
	}
	return s.streaming.GetPortForward(r)
}
