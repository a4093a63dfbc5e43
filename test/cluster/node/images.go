package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// image is what a reference stands for: a command on this machine instead of layers.
type image struct {
	// Command is the entry point; Args follow it unless the pod names its own command or arguments.
	Command    []string          `json:"command"`
	Args       []string          `json:"args,omitempty"`
	Env        map[string]string `json:"env,omitempty"`
	WorkingDir string            `json:"workingDir,omitempty"`
	User       int               `json:"user,omitempty"`
	Group      int               `json:"group,omitempty"`
	// Paths of the machine the command needs that containers do not see otherwise; bound read-only.
	Paths []string `json:"paths,omitempty"`

	id, reference string
}

// imageStore answers from a file that is read at every pull, so that a test can add images while the node runs.
type imageStore struct {
	file   string
	mu     sync.Mutex
	pulled map[string]image
}

// The kubelet appends the default tag to a reference that has neither tag nor digest.
func withTag(reference string) string {
	name := reference[strings.LastIndex(reference, "/")+1:]
	if strings.ContainsAny(name, ":@") {
		return reference
	}
	return reference + ":latest"
}

func (s *imageStore) pull(reference string) (image, error) {
	content, err := os.ReadFile(s.file)
	if err != nil {
		return image{}, status.Errorf(codes.Unavailable, "images file: %v", err)
	}
	var known map[string]image
	if err := json.Unmarshal(content, &known); err != nil {
		return image{}, status.Errorf(codes.Internal, "images file %s: %v", s.file, err)
	}
	for name, i := range known {
		if withTag(name) != withTag(reference) {
			continue
		}
		if len(i.Command) == 0 {
			return image{}, status.Errorf(codes.InvalidArgument, "image %q in %s has no command", name, s.file)
		}
		body, _ := json.Marshal(i)
		i.reference = withTag(reference)
		i.id = fmt.Sprintf("sha256:%x", sha256.Sum256(append([]byte(i.reference+"\n"), body...)))
		s.mu.Lock()
		s.pulled[i.reference] = i
		s.mu.Unlock()
		return i, nil
	}
	return image{}, status.Errorf(codes.NotFound, "failed to pull image %q: failed to resolve reference %q: not found", reference, reference)
}

// find looks an image up by reference or id among those that were pulled.
func (s *imageStore) find(reference string) (image, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, i := range s.pulled {
		if name == withTag(reference) || i.id == reference {
			return i, true
		}
	}
	return image{}, false
}

func (i image) describe() *cri.Image {
	out := &cri.Image{Id: i.id, Size: 1, Uid: &cri.Int64Value{Value: int64(i.User)}, Spec: &cri.ImageSpec{Image: i.reference}}
	name, _, digest := strings.Cut(i.reference, "@")
	if digest {
		out.RepoDigests = []string{i.reference}
	} else {
		out.RepoTags = []string{i.reference}
		out.RepoDigests = []string{name[:strings.LastIndex(name, ":")] + "@" + i.id}
	}
	return out
}

func (i image) environment() []string {
	var env []string
	for k, v := range i.Env {
		env = append(env, k+"="+v)
	}
	sort.Strings(env)
	return env
}

// argv combines the image's command with the pod's: a command in the pod replaces both of the image's parts.
func (i image) argv(command, args []string) []string {
	switch {
	case len(command) > 0:
		return append(append([]string{}, command...), args...)
	case len(args) > 0:
		return append(append([]string{}, i.Command...), args...)
	default:
		return append(append([]string{}, i.Command...), i.Args...)
	}
}

func (s *server) ListImages(_ context.Context, r *cri.ListImagesRequest) (*cri.ListImagesResponse, error) {
	out := &cri.ListImagesResponse{}
	wanted := r.GetFilter().GetImage().GetImage()
	s.images.mu.Lock()
	defer s.images.mu.Unlock()
	for _, i := range s.images.pulled {
		if wanted == "" || i.reference == withTag(wanted) || i.id == wanted {
			out.Images = append(out.Images, i.describe())
		}
	}
	return out, nil
}

func (s *server) ImageStatus(_ context.Context, r *cri.ImageStatusRequest) (*cri.ImageStatusResponse, error) {
	i, found := s.images.find(r.GetImage().GetImage())
	if !found {
		return &cri.ImageStatusResponse{}, nil
	}
	return &cri.ImageStatusResponse{Image: i.describe()}, nil
}

func (s *server) PullImage(_ context.Context, r *cri.PullImageRequest) (*cri.PullImageResponse, error) {
	i, err := s.images.pull(r.GetImage().GetImage())
	if err != nil {
		return nil, err
	}
	return &cri.PullImageResponse{ImageRef: i.id}, nil
}

func (s *server) RemoveImage(_ context.Context, r *cri.RemoveImageRequest) (*cri.RemoveImageResponse, error) {
	if i, found := s.images.find(r.GetImage().GetImage()); found {
		s.images.mu.Lock()
		delete(s.images.pulled, i.reference)
		s.images.mu.Unlock()
	}
	return &cri.RemoveImageResponse{}, nil
}
