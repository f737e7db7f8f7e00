// Stands between containerd's runc shim and gVisor's runsc, where gVisor's own shim is not installed (Debian has only runsc).
//
// The shim believes that a container is a process it can wait for, which is true of a pod's first container: its process is the
// sandbox. All others live inside that sandbox. For each of them a supervisor stays behind after "create": it holds the
// container's input and output, starts it when told, waits for its end and ends with its code. To the shim it is the container.
//
// What to run stands in the file runtime.conf beside this program: the path of runsc, then one flag a line.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forward.h"

enum { MAX_ARGS = 128, KILLED = 128 + SIGKILL, PROBE_OK = 42 };

static char *runsc;          // its path
static char *flags[MAX_ARGS]; // from the configuration, then the shim's global ones
static int flag_count;
static const char *root = "/run/runc";
static const char *log_file;

static void fail(const char *what, ...) {
    char text[512];
    va_list list;
    va_start(list, what);
    vsnprintf(text, sizeof text, what, list);
    va_end(list);
    fprintf(stderr, "%s\n", text);
    // The shim reads the last error from here; what is said must not need escapes.
    FILE *log = log_file ? fopen(log_file, "ae") : NULL;
    if (log) {
        for (char *c = text; *c; c++)
            if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ')
                *c = '\'';
        fprintf(log, "{\"level\":\"error\",\"msg\":\"%s\"}\n", text);
        fclose(log);
    }
    exit(1);
}

static char *copy(const char *text) {
    char *result = strdup(text);
    if (!result)
        fail("out of memory");
    return result;
}

static void add_flag(char *flag) {
    if (flag_count >= MAX_ARGS / 2)
        fail("too many flags");
    flags[flag_count++] = flag;
}

static void read_configuration(void) {
    char path[PATH_MAX], line[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof ".conf");
    if (length <= 0)
        fail("this program does not know where it is");
    strcpy(path + length, ".conf");
    FILE *file = fopen(path, "re");
    if (!file)
        fail("%s cannot be read: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (!runsc)
            runsc = copy(line);
        else if (*line)
            add_flag(copy(line));
    }
    fclose(file);
    if (!runsc || !*runsc)
        fail("%s names no program", path);
}

// Takes the global options; returns the index of the command.
static int take_globals(int argc, char **argv) {
    static const char *const valued[] = {"--root", "--log", "--log-format", NULL};
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        add_flag(argv[i]);
        for (int v = 0; valued[v]; v++) {
            if (strcmp(argv[i], valued[v]) == 0 && i + 1 < argc) {
                if (v == 0)
                    root = argv[i + 1];
                if (v == 1)
                    log_file = argv[i + 1];
                add_flag(argv[++i]);
                break;
            }
        }
    }
    return i;
}

static void execute(char *const *arguments) {
    char *all[MAX_ARGS];
    int n = 0;
    all[n++] = runsc;
    for (int i = 0; i < flag_count; i++)
        all[n++] = flags[i];
    for (int i = 0; arguments[i] && n < MAX_ARGS - 1; i++)
        all[n++] = arguments[i];
    all[n] = NULL;
    execv(runsc, all);
    fail("%s cannot be run: %s", runsc, strerror(errno));
}

// Runs runsc and returns its exit code; its output goes to OUT, or where ours goes.
static int run(char *const *arguments, int out) {
    pid_t pid = fork();
    if (pid < 0)
        fail("no process can be made: %s", strerror(errno));
    if (pid == 0) {
        if (out >= 0)
            dup2(out, STDOUT_FILENO);
        execute(arguments);
    }
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// A supervisor's socket lies in runsc's folder; its name is relative, because paths of sockets must be short.
static int socket_of(const char *id, struct sockaddr_un *address) {
    if (chdir(root) < 0)
        return -1;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (snprintf(address->sun_path, sizeof address->sun_path, "%s.start", id) >= (int)sizeof address->sun_path)
        return -1;
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

// Tells a container's supervisor something; its answer, or -1 when there is none that waits for its start.
static int tell(const char *id, char what) {
    struct sockaddr_un address;
    unsigned char answer;
    int result = -1, connection = socket_of(id, &address);
    if (connection >= 0 && connect(connection, (struct sockaddr *)&address, sizeof address) == 0 && write(connection, &what, 1) == 1)
        result = read(connection, &answer, 1) == 1 ? answer : 1;
    if (connection >= 0)
        close(connection);
    return result;
}

// Runs runsc without our flags and returns what it says; the exit code goes to CODE.
static const char *ask(char *const *arguments, int *code) {
    static char text[16384];
    int ends[2];
    size_t length = 0;
    text[0] = 0;
    *code = 1;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return text;
    pid_t pid = fork();
    if (pid == 0) {
        // What it says of a sandbox that died is no error of the next command's, and no output of the container's.
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(null, STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        flag_count = 0;
        add_flag("--root");
        add_flag((char *)root);
        execute(arguments);
    }
    close(ends[1]);
    for (ssize_t n; pid > 0 && length < sizeof text - 1 && ((n = read(ends[0], text + length, sizeof text - 1 - length)) > 0 || (n < 0 && errno == EINTR));)
        length += n > 0 ? (size_t)n : 0;
    text[length] = 0;
    close(ends[0]);
    int status = 1;
    if (pid > 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    return text;
}

// The number after a name in JSON, or -1.
static int number_in(const char *json, const char *name) {
    const char *found = strstr(json, name);
    return found ? atoi(found + strlen(name) + strspn(found + strlen(name), " :\"")) : -1;
}

static int wait_for_end(char *id) {
    int code, result = number_in(ask((char *[]){"wait", id, NULL}, &code), "\"exitStatus\"");
    // Without an answer the sandbox itself is gone: killed, most likely for its memory.
    return result < 0 ? KILLED : result & 0xff;
}

// runsc gives no signal to what was created and never started; its sandbox would stay for ever.
static int kill_sandbox(char **command, char *id) {
    int code = run(command, -1), ignored;
    if (code == 0)
        return 0;
    const char *state = ask((char *[]){"state", id, NULL}, &ignored);
    int pid = strstr(state, "\"created\"") ? number_in(state, "\"pid\"") : -1;
    if (pid > 1 && kill(pid, SIGKILL) == 0)
        return 0;
    // In the words by which the shim knows that there is nothing left to kill.
    if (pid <= 1 && !strstr(state, "\"running\""))
        fprintf(stderr, "container not running\n");
    return code;
}

// runsc takes a network for the host's own, and refuses it, when it finds a file that since Linux 6.15 all networks have.
// Only a sandbox with a network of its own comes this far, so that file is hidden from it.
static void hide_network_settings(void) {
    if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/proc", NULL, MS_PRIVATE, NULL) == 0)
        (void)!mount("none", "/proc/sys/net", "tmpfs", MS_RDONLY, "size=4k");
}

static void supervise(int listener, char *id, const char *socket_name) {
    setsid();
    for (;;) {
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        char what = 0;
        unsigned char answer = 0;
        if (connection < 0 || read(connection, &what, 1) != 1) {
            if (connection >= 0)
                close(connection);
            else if (errno != EINTR)
                exit(KILLED);
            continue;
        }
        unlink(socket_name);
        close(listener);
        if (what != 'S') {
            (void)!write(connection, &answer, 1);
            exit(KILLED);
        }
        answer = (unsigned char)run((char *[]){"start", id, NULL}, -1);
        (void)!write(connection, &answer, 1);
        close(connection);
        exit(answer == 0 ? wait_for_end(id) : KILLED);
    }
}

// Puts a process where another's usage is counted, in every tree of cgroups.
static void join_cgroups(pid_t process, pid_t other) {
    char path[64], line[PATH_MAX], target[PATH_MAX * 2];
    snprintf(path, sizeof path, "/proc/%d/cgroup", (int)other);
    FILE *groups = fopen(path, "re");
    while (groups && fgets(line, sizeof line, groups)) {
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = 0;
        controllers++;
        char *named = strncmp(controllers, "name=", 5) == 0 ? controllers + 5 : controllers;
        snprintf(target, sizeof target, "/sys/fs/cgroup/%s%s%s/cgroup.procs", named, *named ? "/" : "", group);
        int procs = open(target, O_WRONLY | O_CLOEXEC);
        if (procs >= 0) {
            (void)!dprintf(procs, "%d", (int)process);
            close(procs);
        }
    }
    if (groups)
        fclose(groups);
}

static int read_number(const char *path) {
    int number = -1;
    FILE *file = fopen(path, "re");
    if (file) {
        if (fscanf(file, "%d", &number) != 1)
            number = -1;
        fclose(file);
    }
    return number;
}

static char *value_of(char **arguments, const char *option) {
    for (int i = 0; arguments[i]; i++)
        if (strcmp(arguments[i], option) == 0)
            return arguments[i + 1];
    return NULL;
}

static char *last_of(char **arguments) {
    char *last = NULL;
    for (int i = 0; arguments[i]; i++)
        last = arguments[i];
    return last;
}

// A bundle's configuration. Quotes inside of values are escaped, so no value can look like the names that are sought in it.
static char *configuration_of(const char *bundle) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/config.json", bundle);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        fail("%s cannot be read: %s", path, strerror(errno));
    off_t size = lseek(file, 0, SEEK_END);
    char *text = malloc((size_t)size + 1);
    if (!text || pread(file, text, (size_t)size, 0) != size)
        fail("%s cannot be read", path);
    text[size] = 0;
    close(file);
    return text;
}

static int create_inner(char **arguments, char *pid_file) {
    char *id = last_of(arguments), own_pid_file[PATH_MAX + 16];
    struct sockaddr_un address;
    char bundle[PATH_MAX];
    // The folder changes for the socket's sake.
    if (!realpath(value_of(arguments, "--bundle"), bundle))
        fail("the bundle is missing: %s", strerror(errno));
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int listener = socket_of(id, &address);
    if (listener < 0)
        fail("%s cannot be used: %s", root, strerror(errno));
    unlink(address.sun_path);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4) < 0)
        fail("no socket for %s: %s", id, strerror(errno));

    pid_t supervisor = fork();
    if (supervisor < 0)
        fail("no process can be made: %s", strerror(errno));
    if (supervisor == 0)
        supervise(listener, id, address.sun_path);

    if (here < 0 || fchdir(here) < 0)
        fail("the working folder is gone");
    snprintf(own_pid_file, sizeof own_pid_file, "%s/sandbox.pid", bundle);
    for (int i = 0; arguments[i]; i++)
        if (arguments[i] == pid_file)
            arguments[i] = own_pid_file;
    int code = run(arguments, -1), sandbox = 0;
    sandbox = code == 0 ? read_number(own_pid_file) : -1;
    if (sandbox > 0)
        join_cgroups(supervisor, sandbox);
    FILE *file = sandbox > 0 ? fopen(pid_file, "we") : NULL;
    bool told = file && fprintf(file, "%d", (int)supervisor) > 0;
    if (file)
        told &= fclose(file) == 0;
    if (!told)
        tell(id, 'K');
    return code != 0 ? code : told ? 0 : 1;
}

// Stays beside a command's process. When that is killed, so is what runs inside of the sandbox, which would not notice.
static void guard(pid_t parent, char *id, const char *inner_file) {
    sigset_t end;
    int ignored;
    char pid[16];
    setsid();
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigprocmask(SIG_BLOCK, &end, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent)
        sigwait(&end, &ignored);
    snprintf(pid, sizeof pid, "%d", read_number(inner_file));
    unlink(inner_file);
    if (pid[0] != '-')
        ask((char *[]){"kill", "--pid", pid, id, "KILL", NULL}, &ignored);
    exit(0);
}

// A command in a container. The shim is given a process of ours, which ends as the command does, and whose end ends the command.
static int execute_inner(char **arguments, char *pid_file) {
    char own_pid_file[PATH_MAX + 16], inner_file[PATH_MAX + 16];
    char *all[MAX_ARGS], *id = NULL;
    int n = 0, report[2];
    snprintf(own_pid_file, sizeof own_pid_file, "%s.runsc", pid_file);
    snprintf(inner_file, sizeof inner_file, "%s.inner", pid_file);
    all[n++] = arguments[0];
    all[n++] = "--internal-pid-file";
    all[n++] = inner_file;
    for (int i = 1; arguments[i] && n < MAX_ARGS / 2; i++)
        all[n++] = arguments[i] == pid_file ? own_pid_file : arguments[i];
    all[n] = NULL;
    id = last_of(arguments);
    if (pipe2(report, O_CLOEXEC) < 0)
        fail("no pipe can be made: %s", strerror(errno));

    pid_t process = fork();
    if (process < 0)
        fail("no process can be made: %s", strerror(errno));
    if (process > 0) {
        unsigned char code = 1;
        close(report[1]);
        if (read(report[0], &code, 1) == 1 && code == 0) {
            FILE *file = fopen(pid_file, "we");
            if (!file || fprintf(file, "%d", (int)process) < 0 || fclose(file) != 0)
                return 1;
        }
        return code;
    }

    // The process that runsc leaves behind becomes a child of ours.
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t guardian = fork();
    if (guardian == 0)
        guard(getppid(), id, inner_file);
    unsigned char code = (unsigned char)run(all, -1);
    int child = code == 0 ? read_number(own_pid_file) : -1, status = 0;
    unlink(own_pid_file);
    if (code == 0 && child <= 0)
        code = 1;
    (void)!write(report[1], &code, 1);
    close(report[1]);
    if (child > 0)
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
    if (guardian > 0)
        kill(guardian, SIGKILL);
    unlink(inner_file);
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int main(int argc, char **argv) {
    // Run inside of a sandbox to see that one can be made at all.
    if (argc == 2 && strcmp(argv[1], "probe") == 0)
        return PROBE_OK;

    if (argc == 4 && strcmp(argv[1], "forward") == 0)
        return forward_ports(argv[2], argv[3]);

    read_configuration();
    int at = take_globals(argc, argv);
    char **command = argv + at;
    if (!*command)
        execute(command);
    if (strcmp(*command, "create") == 0) {
        char *bundle = value_of(command, "--bundle"), *pid_file = value_of(command, "--pid-file");
        char *configuration = bundle ? configuration_of(bundle) : "";
        // A container that lives in another one's sandbox.
        if (pid_file && strstr(configuration, "\"io.kubernetes.cri.container-type\":\"container\""))
            return create_inner(command, pid_file);
        if (!strstr(configuration, "\"type\":\"network\",\"path\":\"/"))
            fail("gVisor does not share the host's network");
    } else if (strcmp(*command, "exec") == 0) {
        char *pid_file = value_of(command, "--pid-file");
        if (pid_file)
            return execute_inner(command, pid_file);
    } else if (strcmp(*command, "start") == 0) {
        int code = tell(last_of(command), 'S');
        if (code >= 0)
            return code;
        hide_network_settings();
    } else if (strcmp(*command, "kill") == 0 || strcmp(*command, "delete") == 0) {
        // The id stands before the signal.
        char *id = NULL;
        for (int i = 1; command[i] && !id; i++)
            id = command[i][0] == '-' ? NULL : command[i];
        bool was_waiting = id && tell(id, 'K') >= 0;
        if (strcmp(*command, "kill") == 0)
            return was_waiting ? 0 : kill_sandbox(command, id);
    }
    execute(command);
}
