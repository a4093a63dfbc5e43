package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// specOf turns what the kubelet asks for, the image and the sandbox into what init needs.
func (s *server) specOf(c *container) (containerSpec, error) {
	config, security := c.config, c.config.GetLinux().GetSecurityContext()
	p := process{Argv: c.image.argv(config.GetCommand(), config.GetArgs()), Cwd: config.GetWorkingDir(), Terminal: config.GetTty()}
	if p.Cwd == "" {
		p.Cwd = c.image.WorkingDir
	}
	if p.Cwd == "" {
		p.Cwd = "/"
	}
	p.Env = append(c.image.environment(), "HOSTNAME="+c.sandbox.hostname())
	if p.Terminal {
		p.Env = append(p.Env, "TERM=xterm")
	}
	for _, e := range config.GetEnvs() {
		p.Env = slices.DeleteFunc(p.Env, func(old string) bool { return strings.HasPrefix(old, e.GetKey()+"=") })
		p.Env = append(p.Env, e.GetKey()+"="+e.GetValue())
	}
	if err := p.identity(security, c.image); err != nil {
		return containerSpec{}, err
	}
	spec := containerSpec{
		Dir: c.dir, Hostname: c.sandbox.hostname(), Process: p,
		ReadonlyRoot: security.GetReadonlyRootfs(), Privileged: security.GetPrivileged(),
		MaskedPaths: security.GetMaskedPaths(), ReadonlyPaths: security.GetReadonlyPaths(),
		Hide: append([]string{s.options.root, s.options.kubeconfig, s.options.images, s.options.socket}, s.options.hide...),
	}
	shared := func(name, target string, readonly bool) {
		spec.Mounts = append(spec.Mounts, bindMount{Source: filepath.Join(c.sandbox.dir, name), Target: target, Readonly: readonly})
	}
	shared("resolv.conf", "/etc/resolv.conf", spec.ReadonlyRoot)
	shared("hostname", "/etc/hostname", spec.ReadonlyRoot)
	shared("shm", "/dev/shm", false)
	for _, path := range c.image.Paths {
		spec.Mounts = append(spec.Mounts, bindMount{Source: path, Target: path, Readonly: true, Recursive: true})
	}
	for _, m := range config.GetMounts() {
		if m.GetImage().GetImage() != "" {
			return spec, fmt.Errorf("volume for %s: image volumes do not exist here", m.GetContainerPath())
		}
		spec.Mounts = slices.DeleteFunc(spec.Mounts, func(old bindMount) bool { return old.Target == m.GetContainerPath() })
		spec.Mounts = append(spec.Mounts, bindMount{Source: m.GetHostPath(), Target: m.GetContainerPath(), Readonly: m.GetReadonly(), Recursive: m.GetRecursiveReadOnly()})
	}
	return spec, nil
}
