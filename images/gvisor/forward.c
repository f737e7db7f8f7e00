// Makes ports of a sandbox reachable from its network namespace, where containerd looks for them when a port is forwarded. gVisor has
// a network of its own, so nothing listens on that namespace's loopback; whatever is asked for there is taken to the sandbox's
// address instead. Ends when its input does: gvisor-runtime forward NAMESPACE ADDRESS
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter_ipv4.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forward.h"

static int failed(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    return 1;
}

// Sends every connection to this namespace's loopback to our port.
static int redirect_to(int port) {
    char rules[512];
    int ends[2], status;
    int length = snprintf(rules, sizeof rules,
        "table ip sealos-forward\ndelete table ip sealos-forward\n"
        "table ip sealos-forward { chain output { type nat hook output priority -100; ip daddr 127.0.0.1 tcp dport != %d redirect to :%d; }; }\n",
        port, port);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[0], STDIN_FILENO);
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execl("/usr/sbin/nft", "nft", "-f", "-", (char *)NULL);
        _exit(127);
    }
    close(ends[0]);
    bool is_written = write(ends[1], rules, (size_t)length) == length;
    close(ends[1]);
    return child > 0 && waitpid(child, &status, 0) == child && is_written && status == 0 ? 0 : -1;
}

static void copy(int from, int to) {
    char data[16384];
    ssize_t read_bytes;
    while ((read_bytes = read(from, data, sizeof data)) > 0)
        for (ssize_t done = 0; done < read_bytes;) {
            ssize_t n = write(to, data + done, (size_t)(read_bytes - done));
            if (n <= 0)
                return;
            done += n;
        }
    shutdown(to, SHUT_WR);
}

static void serve(int connection, struct in_addr address) {
    struct sockaddr_in target;
    socklen_t size = sizeof target;
    if (getsockopt(connection, SOL_IP, SO_ORIGINAL_DST, &target, &size) < 0)
        return;
    target.sin_addr = address;
    int inside = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (inside < 0 || connect(inside, (struct sockaddr *)&target, sizeof target) < 0)
        return;
    // A process for each direction: one that waits until its data is taken must not keep the other from being read.
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        copy(connection, inside);
        _exit(0);
    }
    if (child < 0)
        return;
    copy(inside, connection);
    // Either direction may go on when the other has ended; ended children leave nothing, so this waits for the end of it.
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}

int forward_ports(const char *space, const char *where) {
    struct in_addr address;
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof own;
    int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there = open(space, O_RDONLY | O_CLOEXEC);
    if (inet_pton(AF_INET, where, &address) != 1 || home < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0)
        return failed("the sandbox's network cannot be entered");
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&own, sizeof own) < 0 || listen(listener, 64) < 0 || getsockname(listener, (struct sockaddr *)&own, &size) < 0)
        return failed("nothing can listen in the sandbox's network");
    if (redirect_to(ntohs(own.sin_port)) < 0)
        return failed("the sandbox's network takes no rules");
    if (setns(home, CLONE_NEWNET) < 0)
        return failed("the way back is gone");

    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    puts("ready");
    fflush(stdout);
    struct pollfd both[] = {{.fd = listener, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    while (poll(both, 2, -1) > 0 || errno == EINTR) {
        if (both[1].revents)
            return 0;
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection >= 0 && fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            close(listener);
            serve(connection, address);
            _exit(0);
        }
        if (connection >= 0)
            close(connection);
    }
    return failed("no connection can be taken");
}
