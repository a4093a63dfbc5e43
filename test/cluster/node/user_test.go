package main

import (
	"slices"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestCapabilitiesAreTheDefaultsPlusAddMinusDrop(t *testing.T) {
	bits := func(names ...string) uint64 {
		b, err := capabilityBits(names)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	defaults := bits(defaultCapabilities...)
	for name, c := range map[string]struct {
		add, drop []string
		want      uint64
	}{
		"nothing asked":            {nil, nil, defaults},
		"drop ALL":                 {nil, []string{"ALL"}, 0},
		"drop all in lower case":   {nil, []string{"all"}, 0},
		"drop ALL, add one":        {[]string{"NET_BIND_SERVICE"}, []string{"ALL"}, bits("NET_BIND_SERVICE")},
		"drop one with its prefix": {nil, []string{"CAP_NET_RAW"}, defaults &^ bits("NET_RAW")},
		"add ALL, drop one":        {[]string{"ALL"}, []string{"SYS_ADMIN"}, allCapabilities &^ bits("SYS_ADMIN")},
	} {
		got, _, err := capabilitySet(&cri.Capability{AddCapabilities: c.add, DropCapabilities: c.drop})
		if err != nil || got != c.want {
			t.Errorf("%s: %x, want %x (%v)", name, got, c.want, err)
		}
	}
	if _, _, err := capabilitySet(&cri.Capability{DropCapabilities: []string{"NET_RAV"}}); err == nil {
		t.Error("a misspelt capability was accepted")
	}
}

func TestTheUserIsThePodsElseTheImages(t *testing.T) {
	number := func(n int64) *cri.Int64Value { return &cri.Int64Value{Value: n} }
	i := image{User: 65532, Group: 65532}
	for name, c := range map[string]struct {
		s        *cri.LinuxContainerSecurityContext
		uid, gid int
		groups   []int
	}{
		"image":          {&cri.LinuxContainerSecurityContext{}, 65532, 65532, []int{65532}},
		"user":           {&cri.LinuxContainerSecurityContext{RunAsUser: number(1000)}, 1000, 0, []int{0}},
		"user and group": {&cri.LinuxContainerSecurityContext{RunAsUser: number(1000), RunAsGroup: number(3000), SupplementalGroups: []int64{5, 3000}}, 1000, 3000, []int{3000, 5}},
		"root":           {&cri.LinuxContainerSecurityContext{RunAsUser: number(0)}, 0, 0, []int{0}},
	} {
		var p process
		if err := p.identity(c.s, i); err != nil || p.UID != c.uid || p.GID != c.gid || !slices.Equal(p.Groups, c.groups) {
			t.Errorf("%s: %d %d %v (%v)", name, p.UID, p.GID, p.Groups, err)
		}
	}
	if err := new(process).identity(&cri.LinuxContainerSecurityContext{RunAsUsername: "app"}, i); err == nil {
		t.Error("a user name was accepted")
	}
}
