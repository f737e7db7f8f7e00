// Tries what only a program outside of containers may do: escape HOST_PID. Prints a line for each try: its name, and how it ended.
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void tell(const char *name, long result) {
    printf("%s %s\n", name, result < 0 ? strerrorname_np(errno) : "DONE");
    fflush(stdout);
}

static void open_for_writing(const char *name, const char *path) { tell(name, open(path, O_WRONLY | O_CLOEXEC)); }

// A device file alone is nothing; what counts is what it opens.
static void make_device(const char *name, const char *path, mode_t type, dev_t device) {
    tell(name, mknod(path, type | 0600, device) < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC));
}

// In a child, for what changes the caller.
static void in_child(const char *name, int flags) {
    pid_t child = fork();
    if (child == 0) {
        tell(name, unshare(flags));
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
    pid_t host = argc > 1 ? atoi(argv[1]) : 1;
    char data[8];
    struct iovec local = {data, sizeof data}, remote = {(void *)0x1000, sizeof data};
    struct perf_event_attr event = {.type = PERF_TYPE_HARDWARE, .size = sizeof event, .config = PERF_COUNT_HW_CPU_CYCLES};
    struct timespec now = {1, 0};

    tell("raw-socket", socket(AF_INET, SOCK_RAW, 1));
    tell("packet-socket", socket(AF_PACKET, SOCK_RAW, 0x0300));
    tell("ptrace-host", ptrace(PTRACE_ATTACH, host, NULL, NULL));
    tell("read-host-memory", process_vm_readv(host, &local, 1, &remote, 1, 0));
    tell("kill-host", kill(host, 0));
    tell("mount-tmpfs", mount("none", "/tmp", "tmpfs", 0, NULL));
    tell("remount-proc", mount("none", "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
    tell("pivot-root", syscall(SYS_pivot_root, "/", "/"));
    in_child("unshare-mounts", CLONE_NEWNS);
    in_child("unshare-network", CLONE_NEWNET);
    tell("set-namespace", setns(open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC), CLONE_NEWNET));
    tell("bpf", syscall(SYS_bpf, 5, data, sizeof data));
    tell("perf-event", syscall(SYS_perf_event_open, &event, -1, 0, -1, 0));
    tell("keyctl", syscall(SYS_keyctl, 0, -3, 1, 0, 0));
    tell("add-key", syscall(SYS_add_key, "user", "probe", "x", 1, -3));
    tell("load-module", syscall(SYS_init_module, data, sizeof data, ""));
    tell("kexec", syscall(SYS_kexec_load, 0, 0, NULL, 0));
    tell("open-by-handle", syscall(SYS_open_by_handle_at, AT_FDCWD, data, O_RDONLY));
    tell("set-clock", clock_settime(CLOCK_REALTIME, &now));
    tell("set-hostname", sethostname("owned", 5));
    tell("reboot", syscall(SYS_reboot, 0, 0, RB_AUTOBOOT, NULL));
    tell("swap", syscall(SYS_swapon, "/tmp/swap", 0));
    tell("accounting", syscall(SYS_acct, "/tmp/acct"));
    tell("quota", syscall(SYS_quotactl, 0x80000100, "/dev/vda", 0, NULL));
    make_device("block-device", "/tmp/disk", S_IFBLK, makedev(254, 0));
    make_device("memory-device", "/tmp/mem", S_IFCHR, makedev(1, 1));
    open_for_writing("dev-mem", "/dev/mem");
    open_for_writing("dev-kvm", "/dev/kvm");
    open_for_writing("dev-disk", "/dev/vda");
    open_for_writing("kernel-log", "/dev/kmsg");
    open_for_writing("core-pattern", "/proc/sys/kernel/core_pattern");
    open_for_writing("sysrq", "/proc/sysrq-trigger");
    open_for_writing("firmware", "/sys/firmware/efi/vars/new_var");
    open_for_writing("uevent", "/sys/kernel/uevent_helper");
    open_for_writing("host-memory-map", "/proc/kcore");
    return 0;
}
