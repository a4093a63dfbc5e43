package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"golang.org/x/sys/unix"
)

// containerSpec is all that init needs; the runtime writes it as JSON into the container's state directory.
type containerSpec struct {
	Dir           string
	Hostname      string
	ReadonlyRoot  bool
	Privileged    bool
	Hide          []string
	Mounts        []bindMount
	MaskedPaths   []string
	ReadonlyPaths []string
	Process       process
}

type bindMount struct {
	Source, Target      string
	Readonly, Recursive bool
}

// Places of a machine that no image would have: home directories, run-time sockets, other programs' state, passwords.
var hiddenAlways = []string{"/root", "/home", "/run", "/mnt", "/media", "/old_root", "/boot", "/tmp", "/var/tmp", "/var/log",
	"/var/lib/kubelet", "/var/lib/containerd", "/var/lib/docker", "/etc/kubernetes", "/etc/ssh", "/etc/shadow",
	"/etc/shadow-", "/etc/gshadow", "/etc/gshadow-"}

const oldRoot = "/.node-root"

// buildRoot makes this mount namespace the container's: an overlay of the machine's root whose changes stay in memory.
func (c containerSpec) buildRoot() error {
	if err := mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := mount("tmpfs", c.Dir, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	upper, work, root := c.Dir+"/upper", c.Dir+"/work", c.Dir+"/root"
	for _, dir := range []string{upper, work, root} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	options := "lowerdir=/,upperdir=" + upper + ",workdir=" + work
	if err := mount("overlay", root, "overlay", unix.MS_NODEV, options); err != nil {
		return err
	}
	if err := os.Mkdir(root+oldRoot, 0o700); err != nil {
		return err
	}
	if err := unix.PivotRoot(root, root+oldRoot); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	scratch, err := c.hide()
	if err != nil {
		return err
	}
	for _, step := range []func() error{c.mountKernel, c.mountVolumes} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(c.Process.Cwd, 0o755); err != nil {
		return err
	}
	if err := unix.Unmount(oldRoot, unix.MNT_DETACH); err != nil {
		return err
	}
	if err := os.Remove(oldRoot); err != nil {
		return err
	}
	if err := c.maskPaths(); err != nil {
		return err
	}
	if c.ReadonlyRoot {
		for _, path := range append(scratch, "/") {
			if err := setMountFlags(path, unix.MOUNT_ATTR_RDONLY, false); err != nil {
				return err
			}
		}
	}
	return nil
}

func mount(source, target, kind string, flags uintptr, data string) error {
	if err := unix.Mount(source, target, kind, flags, data); err != nil {
		return fmt.Errorf("mount %s on %s: %w", source, target, err)
	}
	return nil
}

func setMountFlags(path string, flags uint64, recursive bool) error {
	at := uint(0)
	if recursive {
		at = unix.AT_RECURSIVE
	}
	if err := unix.MountSetattr(unix.AT_FDCWD, path, at, &unix.MountAttr{Attr_set: flags}); err != nil {
		return fmt.Errorf("mount flags of %s: %w", path, err)
	}
	return nil
}

// hide covers the machine's own places and returns those that are writable memory, such as /tmp.
func (c containerSpec) hide() ([]string, error) {
	paths := append(slices.Clone(hiddenAlways), c.Hide...)
	sort.Strings(paths)
	var scratch []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if err := mount(oldRoot+"/dev/null", path, "", unix.MS_BIND, ""); err != nil {
				return nil, err
			}
			continue
		}
		mode := "mode=755"
		if path == "/tmp" || path == "/var/tmp" {
			mode = "mode=1777"
		}
		if err := mount("tmpfs", path, "tmpfs", unix.MS_NODEV|unix.MS_NOSUID, mode); err != nil {
			return nil, err
		}
		scratch = append(scratch, path)
	}
	return scratch, nil
}

// Device nodes every container has: name, major, minor.
var devices = []struct {
	name         string
	major, minor uint32
}{{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}}

func (c containerSpec) mountKernel() error {
	sysFlags := uintptr(unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC)
	if !c.Privileged {
		sysFlags |= unix.MS_RDONLY
	}
	for _, m := range []struct {
		kind, target string
		flags        uintptr
		data         string
	}{
		{"proc", "/proc", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
		{"sysfs", "/sys", sysFlags, ""},
		{"tmpfs", "/dev", unix.MS_NOSUID, "mode=755,size=64k"},
	} {
		if err := mount(m.kind, m.target, m.kind, m.flags, m.data); err != nil {
			return err
		}
	}
	unix.Umask(0)
	for _, d := range devices {
		if err := unix.Mknod("/dev/"+d.name, unix.S_IFCHR|0o666, int(unix.Mkdev(d.major, d.minor))); err != nil {
			return fmt.Errorf("/dev/%s: %w", d.name, err)
		}
	}
	unix.Umask(0o022)
	for name, target := range map[string]string{"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1",
		"stderr": "/proc/self/fd/2", "ptmx": "pts/ptmx"} {
		if err := os.Symlink(target, "/dev/"+name); err != nil {
			return err
		}
	}
	if err := os.Mkdir("/dev/pts", 0o755); err != nil {
		return err
	}
	return mount("devpts", "/dev/pts", "devpts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620")
}

// mountVolumes binds what the image and the kubelet give, parents first, and makes the read-only ones so afterwards.
func (c containerSpec) mountVolumes() error {
	mounts := slices.Clone(c.Mounts)
	depth := func(m bindMount) int { return strings.Count(filepath.Clean(m.Target), "/") }
	sort.SliceStable(mounts, func(i, j int) bool { return depth(mounts[i]) < depth(mounts[j]) })
	for _, m := range mounts {
		if err := bind(m); err != nil {
			return err
		}
		if !c.Privileged {
			if err := setMountFlags(m.Target, unix.MOUNT_ATTR_NODEV, true); err != nil {
				return err
			}
		}
	}
	for _, m := range mounts {
		if m.Readonly {
			if err := setMountFlags(m.Target, unix.MOUNT_ATTR_RDONLY, m.Recursive); err != nil {
				return err
			}
		}
	}
	return nil
}

func bind(m bindMount) error {
	source := oldRoot + m.Source
	info, err := os.Stat(source)
	if err != nil {
		return fmt.Errorf("volume for %s: %w", m.Target, err)
	}
	if _, err := os.Stat(m.Target); err != nil {
		// A link that leads nowhere inside the container, such as /etc/resolv.conf into a hidden /run.
		if _, err := os.Lstat(m.Target); err == nil {
			if err := os.Remove(m.Target); err != nil {
				return err
			}
		}
		dir := m.Target
		if !info.IsDir() {
			dir = filepath.Dir(dir)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if !info.IsDir() {
			if err := os.WriteFile(m.Target, nil, 0o644); err != nil {
				return err
			}
		}
	}
	return mount(source, m.Target, "", unix.MS_BIND|unix.MS_REC, "")
}

func (c containerSpec) maskPaths() error {
	for _, path := range c.ReadonlyPaths {
		if _, err := os.Lstat(path); err != nil {
			continue
		}
		if err := mount(path, path, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return err
		}
		if err := setMountFlags(path, unix.MOUNT_ATTR_RDONLY, true); err != nil {
			return err
		}
	}
	for _, path := range c.MaskedPaths {
		info, err := os.Lstat(path)
		if err != nil {
			continue
		}
		if info.IsDir() {
			err = mount("tmpfs", path, "tmpfs", unix.MS_RDONLY, "mode=755,size=0")
		} else {
			err = mount("/dev/null", path, "", unix.MS_BIND, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
