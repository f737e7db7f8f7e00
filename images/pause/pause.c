// Process 1 of every pod: holds the pod's namespaces open, reaps what is left behind, leaves at once when asked.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void leave(int signal)
{
    (void)signal;
    _exit(0);
}

static void reap(int signal)
{
    (void)signal;
    while (waitpid(-1, 0, WNOHANG) > 0) {
    }
}

int main(void)
{
    // The kernel ignores signals to process 1 that have no handler.
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = leave}, 0);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = leave}, 0);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = reap, .sa_flags = SA_NOCLDSTOP}, 0);
    for (;;) {
        pause();
    }
}
