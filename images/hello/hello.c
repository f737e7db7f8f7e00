// A web server to try a cloud with: says which pod and which version answered.
// One thread, epoll; an idle connection costs one small struct, so thousands fit in a megabyte.
#include "sha1.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef VERSION
#error "build with -DVERSION=..."
#endif
#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)
#define NAME "hello " TEXT(VERSION)
#define HEAD_LIMIT 8192
#define TARGET_LIMIT 2048
#define INPUT 16384
#define SLEEP_LIMIT 600000

enum state { HEAD, BODY, SLEEPING, FRAME, PAYLOAD, DONE };

struct conn {
    int fd;
    uint32_t events;
    enum state state;
    bool close_after;   // the client asked for it, or the request cannot be followed by another
    bool closing_frame; // the WebSocket payload being echoed is a close
    uint8_t mask[4];
    unsigned mask_at;
    uint64_t left; // bytes of body or payload still to come
    int64_t wake_at;
    char *in, *out; // input not understood yet, output not taken yet; mostly absent
    size_t in_size, out_size, out_at;
    struct conn *next_sleeper;
};

static int poller, listener, spare;
static bool quiet;
static char host[65];
static struct conn *sleepers;
static char input[INPUT], stage[INPUT];
static size_t staged;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void *must(void *memory)
{
    if (!memory) {
        abort();
    }
    return memory;
}

// ---- output -----------------------------------------------------------------------------------

static void flush(struct conn *c)
{
    size_t sent = 0;
    while (!c->out && sent < staged) {
        ssize_t n = write(c->fd, stage + sent, staged - sent);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno != EAGAIN) {
            c->state = DONE;
            sent = staged;
            break;
        }
        if (n < 0) {
            break;
        }
        sent += n;
    }
    if (sent < staged) {
        c->out = must(realloc(c->out, c->out_size + staged - sent));
        memcpy(c->out + c->out_size, stage + sent, staged - sent);
        c->out_size += staged - sent;
    }
    staged = 0;
}

static void emit(struct conn *c, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        size_t n = size < sizeof stage - staged ? size : sizeof stage - staged;
        memcpy(stage + staged, from, n);
        staged += n, from += n, size -= n;
        if (staged == sizeof stage) {
            flush(c);
        }
    }
}

static void respond(struct conn *c, const char *status, const char *body, bool with_body)
{
    char head[256];
    int n = snprintf(head, sizeof head,
        "HTTP/1.1 %s\r\nServer: hello/" TEXT(VERSION) "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n%s\r\n",
        status, strlen(body), c->close_after ? "Connection: close\r\n" : "");
    emit(c, head, n);
    if (with_body) {
        emit(c, body, strlen(body));
    }
}

static void refuse(struct conn *c, const char *status)
{
    char body[64];
    snprintf(body, sizeof body, "%s\n", status);
    c->close_after = true;
    c->state = DONE;
    respond(c, status, body, true);
}

static void greet(struct conn *c, bool with_body)
{
    char body[160];
    snprintf(body, sizeof body, "Hello from %s, version " TEXT(VERSION) "\n", host);
    respond(c, "200 OK", body, with_body);
}

// ---- requests ---------------------------------------------------------------------------------

// The value of a header inside a NUL-terminated head, or NULL; the value ends at CR.
static const char *header(const char *head, const char *name)
{
    size_t n = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
            line += n + 1;
            return line + strspn(line, " \t");
        }
    }
    return NULL;
}

static bool has_word(const char *value, const char *word)
{
    size_t n = strlen(word);
    for (; value && *value && *value != '\r'; value++) {
        if (strncasecmp(value, word, n) == 0) {
            return true;
        }
    }
    return false;
}

static void upgrade(struct conn *c, const char *head)
{
    const char *key = header(head, "Sec-WebSocket-Key");
    size_t n = key ? strcspn(key, " \r") : 0;
    if (n < 16 || n > 64 || !has_word(header(head, "Upgrade"), "websocket")) {
        refuse(c, "426 Upgrade Required");
        return;
    }
    char text[128], accept[29], answer[192];
    n = snprintf(text, sizeof text, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", (int)n, key);
    sha1_base64(text, n, accept);
    n = snprintf(answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
    emit(c, answer, n);
    c->state = FRAME;
}

static void sleep_for(struct conn *c, const char *query)
{
    char *end;
    const char *ms = strstr(query, "ms=");
    unsigned long value = ms ? strtoul(ms + 3, &end, 10) : 0;
    if (!ms || end == ms + 3 || ms[3] == '-' || value > SLEEP_LIMIT) {
        refuse(c, "400 Bad Request");
        return;
    }
    c->wake_at = now_ms() + (int64_t)value;
    c->state = SLEEPING;
    c->next_sleeper = sleepers;
    sleepers = c;
}

static void request(struct conn *c, char *head)
{
    char method[16], target[TARGET_LIMIT];
    unsigned minor;
    if (sscanf(head, "%15s %2047s HTTP/1.%u", method, target, &minor) != 3) {
        refuse(c, "400 Bad Request");
        return;
    }
    for (char *at = target; *at; at++) {
        *at = *at > ' ' && *at < 127 ? *at : '?'; // it goes to a log that a terminal shows
    }
    if (!quiet) {
        printf("%s %s\n", method, target);
    }
    const char *connection = header(head, "Connection"), *length = header(head, "Content-Length");
    if (length && (*length < '0' || *length > '9')) {
        refuse(c, "400 Bad Request");
        return;
    }
    c->close_after = minor == 0 ? !has_word(connection, "keep-alive") : has_word(connection, "close");
    if (header(head, "Transfer-Encoding")) {
        refuse(c, "411 Length Required");
        return;
    }
    c->left = length ? strtoull(length, NULL, 10) : 0;
    c->state = c->left ? BODY : HEAD;
    if (c->left && has_word(header(head, "Expect"), "100-continue")) {
        emit(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    }
    char *query = target + strcspn(target, "?");
    char *after = *query ? query + 1 : query;
    *query = 0;
    bool with_body = strcmp(method, "HEAD") != 0;
    if (strcmp(target, "/healthz") == 0) {
        respond(c, "200 OK", "ok\n", with_body);
    } else if (strcmp(target, "/ws") == 0) {
        upgrade(c, head);
    } else if (strcmp(target, "/slow") == 0 && with_body && !c->left) {
        sleep_for(c, after);
    } else {
        greet(c, with_body);
    }
    if (c->state == HEAD && c->close_after) {
        c->state = DONE;
    }
}

static size_t take_head(struct conn *c, char *data, size_t size)
{
    char *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end) {
        if (size >= HEAD_LIMIT) {
            refuse(c, "431 Request Header Fields Too Large");
            return size;
        }
        return 0;
    }
    end[2] = 0; // the blank line's CR, so that the last header still ends in CRLF
    request(c, data);
    return (size_t)(end + 4 - data);
}

// ---- WebSocket: every frame is sent back as it arrives, so its size does not matter ------------

static size_t protocol_error(struct conn *c, size_t size)
{
    emit(c, "\x88\x02\x03\xea", 4);
    c->state = DONE;
    return size;
}

static size_t take_frame(struct conn *c, const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    size_t extra = (data[1] & 127) == 127 ? 8 : (data[1] & 127) == 126 ? 2 : 0, whole = 2 + extra + 4;
    uint8_t opcode = data[0] & 15;
    if ((data[0] & 0x70) || !(data[1] & 128) || (opcode > 2 && opcode < 8) || opcode > 10 || (opcode >= 8 && extra)) {
        return protocol_error(c, size);
    }
    if (size < whole) {
        return 0;
    }
    c->left = extra ? 0 : data[1] & 127;
    for (size_t i = 0; i < extra; i++) {
        c->left = c->left << 8 | data[2 + i];
    }
    memcpy(c->mask, data + 2 + extra, 4);
    c->mask_at = 0;
    c->closing_frame = opcode == 8;
    uint8_t head[10] = {opcode == 9 ? (data[0] & 0xf0) | 10 : data[0], data[1] & 127};
    memcpy(head + 2, data + 2, extra);
    emit(c, head, 2 + extra);
    c->state = c->left ? PAYLOAD : c->closing_frame ? DONE : FRAME;
    return whole;
}

static size_t take_payload(struct conn *c, char *data, size_t size)
{
    size_t n = size < c->left ? size : c->left;
    for (size_t i = 0; i < n; i++) {
        data[i] ^= c->mask[c->mask_at++ & 3];
    }
    emit(c, data, n);
    c->left -= n;
    if (!c->left) {
        c->state = c->closing_frame ? DONE : FRAME;
    }
    return n;
}

static size_t take_body(struct conn *c, size_t size)
{
    size_t n = size < c->left ? size : c->left;
    c->left -= n;
    if (!c->left) {
        c->state = c->close_after ? DONE : HEAD;
    }
    return n;
}

// ---- connections ------------------------------------------------------------------------------

static void drop(struct conn *c)
{
    for (struct conn **at = &sleepers; *at; at = &(*at)->next_sleeper) {
        if (*at == c) {
            *at = c->next_sleeper;
            break;
        }
    }
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
}

// Understands what it can of the input and keeps the rest.
static void advance(struct conn *c, char *data, size_t size)
{
    size_t at = 0;
    while (at < size && !c->out && c->state != SLEEPING && c->state != DONE) {
        size_t n = c->state == HEAD ? take_head(c, data + at, size - at)
            : c->state == BODY      ? take_body(c, size - at)
            : c->state == FRAME     ? take_frame(c, (uint8_t *)data + at, size - at)
                                    : take_payload(c, data + at, size - at);
        if (n == 0) {
            break;
        }
        at += n;
    }
    flush(c);
    if (at < size && c->state != DONE) {
        c->in_size = size - at;
        c->in = must(malloc(c->in_size));
        memcpy(c->in, data + at, c->in_size);
    }
}

static size_t take_kept(struct conn *c)
{
    size_t kept = c->in_size;
    if (kept) {
        memcpy(input, c->in, kept);
        free(c->in);
        c->in = NULL, c->in_size = 0;
    }
    return kept;
}

static bool readable(struct conn *c)
{
    size_t kept = take_kept(c);
    ssize_t n = read(c->fd, input + kept, sizeof input - kept);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        return false;
    }
    advance(c, input, kept + (n > 0 ? n : 0));
    return true;
}

static bool writable(struct conn *c)
{
    ssize_t n = write(c->fd, c->out + c->out_at, c->out_size - c->out_at);
    if (n < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    c->out_at += n;
    if (c->out_at == c->out_size) {
        free(c->out);
        c->out = NULL, c->out_size = c->out_at = 0;
        advance(c, input, take_kept(c));
    }
    return true;
}

// What the connection waits for next; closes it when it is done and everything is sent.
static void settle(struct conn *c, bool alive)
{
    if (!alive || (c->state == DONE && !c->out)) {
        shutdown(c->fd, SHUT_WR);
        drop(c);
        return;
    }
    uint32_t events = c->out ? EPOLLOUT : c->state == SLEEPING ? EPOLLRDHUP : EPOLLIN;
    if (events != c->events) {
        c->events = events;
        epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &(struct epoll_event){.events = events, .data.ptr = c});
    }
}

static void accept_all(void)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
            // Out of descriptors: use the spare one to turn the caller away instead of spinning.
            close(spare);
            close(accept(listener, NULL, NULL));
            spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
            return;
        }
        if (fd < 0) {
            return;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
        struct conn *c = must(calloc(1, sizeof *c));
        c->fd = fd;
        c->events = EPOLLIN;
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = c});
    }
}

// Answers those whose time has come; returns how long the next one sleeps, or -1.
static int wake(void)
{
    int64_t now = now_ms(), next = -1;
    for (struct conn **at = &sleepers; *at;) {
        struct conn *c = *at;
        if (c->wake_at > now) {
            next = next < 0 || c->wake_at - now < next ? c->wake_at - now : next;
            at = &c->next_sleeper;
            continue;
        }
        *at = c->next_sleeper;
        c->state = c->close_after ? DONE : HEAD;
        greet(c, true);
        flush(c);
        if (!c->out) {
            advance(c, input, take_kept(c));
        }
        settle(c, true);
        at = &sleepers; // serving may have put others to sleep or dropped them
    }
    return (int)next;
}

static void leave(int signal)
{
    (void)signal;
    _exit(0);
}

static int start(void)
{
    const char *text = getenv("PORT");
    int port = text && *text ? atoi(text) : 8080;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (port < 1 || port > 65535) {
        fprintf(stderr, "hello: PORT must be a number from 1 to 65535, not '%s'\n", text);
        return 2;
    }
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0) {
        fprintf(stderr, "hello: cannot listen on port %d: %s\n", port, strerror(errno));
        return 1;
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.ptr = NULL});
    printf(NAME " listening on port %d\n", port);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        bool version = strcmp(argv[1], "--version") == 0;
        fprintf(version ? stdout : stderr, version ? NAME "\n" : "usage: hello [--version]; PORT is the port, QUIET=1 logs no requests\n");
        return version ? 0 : 2;
    }
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = leave}, 0);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = leave}, 0);
    setvbuf(stdout, NULL, _IOLBF, 1024);
    gethostname(host, sizeof host - 1);
    quiet = getenv("QUIET") && *getenv("QUIET");
    int failed = start();
    if (failed) {
        return failed;
    }
    for (;;) {
        struct epoll_event ready[64];
        int n = epoll_wait(poller, ready, 64, wake());
        for (int i = 0; i < n; i++) {
            struct conn *c = ready[i].data.ptr;
            if (!c) {
                accept_all();
            } else if (c->state == SLEEPING || (ready[i].events & EPOLLERR)) {
                settle(c, false);
            } else {
                settle(c, c->out ? writable(c) : readable(c));
            }
        }
    }
}
