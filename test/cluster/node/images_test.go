package main

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestAnImageExistsOnceItIsPulled(t *testing.T) {
	s := newServer(options{images: t.TempDir() + "/none"}, nil)
	ctx := context.Background()
	if _, err := s.PullImage(ctx, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: "a"}}); status.Code(err) != codes.Unavailable {
		t.Error(err)
	}
	s = newTestNode(t, map[string]image{"registry.test/app:1": {Command: []string{"/app"}, User: 7}, "registry.test:5000/plain": {Command: []string{"/p"}}, "empty:1": {}})
	spec := &cri.ImageSpec{Image: "registry.test/app:1"}
	before, err := s.ImageStatus(ctx, &cri.ImageStatusRequest{Image: spec})
	if err != nil || before.GetImage() != nil {
		t.Errorf("before the pull: %v %v", before, err)
	}
	pulled, err := s.PullImage(ctx, &cri.PullImageRequest{Image: spec})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{spec.GetImage(), pulled.GetImageRef()} {
		after, err := s.ImageStatus(ctx, &cri.ImageStatusRequest{Image: &cri.ImageSpec{Image: name}})
		if err != nil || after.GetImage().GetUid().GetValue() != 7 {
			t.Errorf("%s: %v %v", name, after, err)
		}
	}
	if _, err := s.PullImage(ctx, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: "registry.test:5000/plain:latest"}}); err != nil {
		t.Errorf("the default tag: %v", err)
	}
	if _, err := s.PullImage(ctx, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: "registry.test/app:2"}}); status.Code(err) != codes.NotFound {
		t.Errorf("an unknown tag: %v", err)
	}
	if _, err := s.PullImage(ctx, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: "empty:1"}}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("an image without a command: %v", err)
	}
}

func TestThePodsCommandReplacesTheImagesArguments(t *testing.T) {
	i := image{Command: []string{"entry"}, Args: []string{"default"}}
	for _, c := range []struct{ command, args, want []string }{
		{nil, nil, []string{"entry", "default"}},
		{nil, []string{"a"}, []string{"entry", "a"}},
		{[]string{"c"}, nil, []string{"c"}},
		{[]string{"c"}, []string{"a"}, []string{"c", "a"}},
	} {
		if got := i.argv(c.command, c.args); !slices.Equal(got, c.want) {
			t.Errorf("%v %v: %v", c.command, c.args, got)
		}
	}
}
