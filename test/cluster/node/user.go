package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// process is what one program in a container runs as; it travels as JSON to the stage that becomes it.
type process struct {
	Argv         []string
	Env          []string
	Cwd          string
	UID, GID     int
	Groups       []int
	Capabilities uint64
	Ambient      uint64
	NoNewPrivs   bool
	Terminal     bool
}

// Names by number, as in include/uapi/linux/capability.h.
var capabilityNames = strings.Fields(`CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP
	LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT
	SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE
	AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF
	CHECKPOINT_RESTORE`)

const allCapabilities = 1<<41 - 1

// What the common runtimes give a container that asks for nothing.
var defaultCapabilities = strings.Fields(`CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP
	NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE`)

func capabilityBits(names []string) (uint64, error) {
	var bits uint64
	for _, name := range names {
		plain := strings.TrimPrefix(strings.ToUpper(name), "CAP_")
		if plain == "ALL" {
			bits |= allCapabilities
			continue
		}
		i := slices.Index(capabilityNames, plain)
		if i < 0 {
			return 0, fmt.Errorf("unknown capability %q", name)
		}
		bits |= 1 << i
	}
	return bits, nil
}

// capabilitySet applies add and drop to the default set. An explicit name wins over ALL on the other side.
func capabilitySet(c *cri.Capability) (set, ambient uint64, err error) {
	without := func(names []string, all bool) (uint64, error) {
		return capabilityBits(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return (strings.ToUpper(n) == "ALL") != all }))
	}
	set, _ = capabilityBits(defaultCapabilities)
	addAll, _ := without(c.GetAddCapabilities(), true)
	dropAll, _ := without(c.GetDropCapabilities(), true)
	add, err := without(c.GetAddCapabilities(), false)
	if err != nil {
		return 0, 0, err
	}
	drop, err := without(c.GetDropCapabilities(), false)
	if err != nil {
		return 0, 0, err
	}
	ambient, err = capabilityBits(c.GetAddAmbientCapabilities())
	set = ((set|addAll)&^dropAll|add)&^drop | ambient
	return set, ambient, err
}

// identity fills in who the process is from the container's security context, or from the image.
func (p *process) identity(s *cri.LinuxContainerSecurityContext, i image) error {
	p.UID, p.GID = i.User, i.Group
	switch {
	case s.GetRunAsUsername() != "":
		return fmt.Errorf("runAsUsername %q: images here have no user database; give a number", s.GetRunAsUsername())
	case s.GetRunAsUser() != nil:
		p.UID, p.GID = int(s.GetRunAsUser().GetValue()), 0
		if p.UID == i.User {
			p.GID = i.Group
		}
	}
	if s.GetRunAsGroup() != nil {
		p.GID = int(s.GetRunAsGroup().GetValue())
	}
	p.Groups = []int{p.GID}
	for _, g := range s.GetSupplementalGroups() {
		if !slices.Contains(p.Groups, int(g)) {
			p.Groups = append(p.Groups, int(g))
		}
	}
	p.NoNewPrivs = s.GetNoNewPrivs()
	if s.GetPrivileged() {
		p.Capabilities = allCapabilities
		return nil
	}
	var err error
	p.Capabilities, p.Ambient, err = capabilitySet(s.GetCapabilities())
	return err
}

// runLaunch is the last stage: it reads a process from descriptor 3, becomes it, and reports failure on descriptor 4.
// Descriptor 4 closes when the program starts, which is how the runtime knows that it did.
func runLaunch() int {
	// Credentials belong to threads; exec keeps those of the thread that calls it.
	runtime.LockOSThread()
	unix.CloseOnExec(4)
	var p process
	spec := os.NewFile(3, "spec")
	err := json.NewDecoder(spec).Decode(&p)
	spec.Close()
	if err == nil {
		err = p.become()
	}
	_, _ = os.NewFile(4, "status").WriteString(err.Error())
	return 127
}

func (p process) become() error {
	unix.Umask(0o022)
	if _, err := unix.Setsid(); err != nil && !errors.Is(err, unix.EPERM) {
		return fmt.Errorf("setsid: %w", err)
	}
	if p.Terminal {
		if err := unix.IoctlSetInt(0, unix.TIOCSCTTY, 0); err != nil {
			return fmt.Errorf("controlling terminal: %w", err)
		}
	}
	bounding, err := p.bound()
	if err != nil {
		return err
	}
	groups := make([]uint32, len(p.Groups))
	for i, g := range p.Groups {
		groups[i] = uint32(g)
	}
	if err := setThreadIDs(groups, p.UID, p.GID, p.Ambient != 0); err != nil {
		return err
	}
	if err := setThreadCapabilities(p, bounding); err != nil {
		return err
	}
	if p.NoNewPrivs {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("no_new_privs: %w", err)
		}
	}
	// A change of user id clears this, so it comes after.
	dieWithParent()
	if err := os.Chdir(p.Cwd); err != nil {
		return err
	}
	path, err := p.program()
	if err != nil {
		return err
	}
	return fmt.Errorf("exec %q: %w", p.Argv[0], syscall.Exec(path, p.Argv, p.Env))
}

// bound lowers the bounding set to the process's capabilities as far as the machine has them, and returns it.
func (p process) bound() (uint64, error) {
	var bounding uint64
	for c := range capabilityNames {
		has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(c), 0, 0, 0)
		if err != nil || has == 0 {
			continue
		}
		if p.Capabilities&(1<<c) != 0 {
			bounding |= 1 << c
		} else if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); err != nil {
			return 0, fmt.Errorf("drop capability %s: %w", capabilityNames[c], err)
		}
	}
	return bounding, nil
}

func setThreadIDs(groups []uint32, uid, gid int, keep bool) error {
	if keep {
		if err := unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("keep capabilities: %w", err)
		}
	}
	if _, _, err := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(unsafe.Pointer(unsafe.SliceData(groups))), 0); err != 0 {
		return fmt.Errorf("setgroups: %w", err)
	}
	g, u := uintptr(gid), uintptr(uid)
	if _, _, err := unix.RawSyscall(unix.SYS_SETRESGID, g, g, g); err != 0 {
		return fmt.Errorf("setresgid %d: %w", gid, err)
	}
	if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, u, u, u); err != 0 {
		return fmt.Errorf("setresuid %d: %w", uid, err)
	}
	return nil
}

func setThreadCapabilities(p process, bounding uint64) error {
	permitted, inheritable := bounding, p.Ambient&bounding
	if p.UID != 0 {
		permitted = inheritable
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	half := func(shift int) unix.CapUserData {
		return unix.CapUserData{Effective: uint32(permitted >> shift), Permitted: uint32(permitted >> shift), Inheritable: uint32(inheritable >> shift)}
	}
	data := [2]unix.CapUserData{half(0), half(32)}
	if err := unix.Capset(&header, &data[0]); err != nil {
		return fmt.Errorf("capset: %w", err)
	}
	for c := range capabilityNames {
		if inheritable&(1<<c) != 0 {
			if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(c), 0, 0); err != nil {
				return fmt.Errorf("ambient capability %s: %w", capabilityNames[c], err)
			}
		}
	}
	return nil
}

// program finds the file to run by the container's own PATH.
func (p process) program() (string, error) {
	if strings.Contains(p.Argv[0], "/") {
		return p.Argv[0], nil
	}
	search := "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	for _, e := range p.Env {
		if value, found := strings.CutPrefix(e, "PATH="); found {
			search = value
		}
	}
	for _, dir := range filepath.SplitList(search) {
		path := filepath.Join(dir, p.Argv[0])
		if info, err := os.Stat(path); err == nil && !info.IsDir() && unix.Access(path, unix.X_OK) == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("exec %q: %w", p.Argv[0], exec.ErrNotFound)
}
