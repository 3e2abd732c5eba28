/* A machine whose calls fail on demand: preloaded into one Python process, it counts the calls on our files,
 * sockets, pipes and children, and lets the one with a given number fail.
 *
 * vw_arm(at, sort, fault, log, under, victim): count from now on. Call number `at` (none with 0) of its sort,
 * its kind and its name as in "file rename", meets the fault:
 *   'f'  the disk is full: this call and all later ones that need room give ENOSPC
 *   'i'  it fails once: EIO on files, EPIPE on what is fed to a child, ECONNRESET on sockets, which then are dead, EAGAIN or ENOMEM
 *        where a child is started
 *   'r'  the disk turns read-only: as with 'f', and they give EROFS
 *   'v'  the folder `victim` is moved away, and the call goes on
 *   '>', '<'  the clock on the wall is set an hour forward or back, and the call goes on
 *   'k'  the process is killed in its place
 *   'I', 'T'  it is sent SIGINT or SIGTERM, and the call goes on
 * Each call is written to `log` as a line: number, kind, name of the call, path or descriptor.
 * Only names below one of the folders in `under` (with colons between) and relative names count: not Python's
 * own files. A child shares the counter until it has become another program.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { NONE, OURS, SOCKET, PIPE };
enum { DESCRIPTORS = 4096 };
static atomic_long *counted; /* all calls, and those of the sort */
static atomic_char kinds[DESCRIPTORS];
static long at;
static char sort[64];
static char fault;
static char log_name[4096];
static pid_t owner;
static int armed;
static char folders[4096];
static _Atomic time_t ahead;
static char gone[4096], victim[4096];

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    counted = mmap(NULL, 2 * sizeof *counted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

void vw_arm(long number, const char *kind, char how, const char *log, const char *under, const char *what) {
    atomic_store(counted, 0);
    atomic_store(counted + 1, 0);
    snprintf(sort, sizeof sort, "%s", kind);
    atomic_store(&ahead, 0);
    at = number;
    fault = how;
    owner = getpid();
    snprintf(folders, sizeof folders, "%s", under);
    snprintf(victim, sizeof victim, "%s", what);
    snprintf(gone, sizeof gone, "%.4000s.gone", what);
    snprintf(log_name, sizeof log_name, "%s", log);
    armed = 1;
}

void vw_disarm(void) { armed = 0; }

/* By name each time: a child has closed what it did not know of. */
static void note(const char *line, size_t length) {
    int fd = (int)syscall(SYS_openat, AT_FDCWD, log_name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    syscall(SYS_write, fd, line, length);
    syscall(SYS_close, fd);
}

/* Whether the call with this kind must fail; `needs_room` is what a full disk refuses. */
static int struck(const char *kind, int needs_room, const char *call, const char *path, int fd) {
    if (!armed) return 0;
    long number = atomic_fetch_add(counted, 1) + 1;
    char mine[64];
    snprintf(mine, sizeof mine, "%s %s", kind, call);
    int same = !strcmp(mine, sort);
    long nth = same ? atomic_fetch_add(counted + 1, 1) + 1 : atomic_load(counted + 1);
    int hit = at && ((same && nth == at) || ((fault == 'f' || fault == 'r') && nth >= at && needs_room));
    char line[700];
    int length = path ? snprintf(line, sizeof line, "%ld %s %s%s %.500s\n", number, kind, call, hit ? "!" : "", path)
                      : snprintf(line, sizeof line, "%ld %s %s%s #%d\n", number, kind, call, hit ? "!" : "", fd);
    note(line, (size_t)length);
    if (!hit) return 0;
    if (fault == '>' || fault == '<') {
        atomic_store(&ahead, fault == '>' ? 3600 : -3600);
        return 0;
    }
    if (fault == 'v') {
        syscall(SYS_rename, victim, gone);
        return 0;
    }
    if (fault == 'I' || fault == 'T') {
        syscall(SYS_kill, owner, fault == 'I' ? SIGINT : SIGTERM);
        return 0;
    }
    if (fault == 'k') {
        syscall(SYS_kill, owner, SIGKILL);
        for (;;) pause();
    }
    return 1;
}

static int ours(const char *path) {
    if (!armed || !path) return 0;
    if (path[0] != '/') return 1;
    for (const char *one = folders; *one;) {
        size_t length = strcspn(one, ":");
        if (!strncmp(path, one, length) && (path[length] == '/' || !path[length])) return 1;
        one += length + (one[length] == ':');
    }
    return 0;
}

static void mark(int fd, char kind) {
    if (fd >= 0 && fd < DESCRIPTORS) atomic_store(&kinds[fd], kind);
}

static char kind_of(int fd) { return armed && fd >= 0 && fd < DESCRIPTORS ? atomic_load(&kinds[fd]) : NONE; }

static int disk_error(int needs_room) {
    if (!needs_room) return EIO;
    return fault == 'f' ? ENOSPC : fault == 'r' ? EROFS : EIO;
}

static int opened(int (*call)(int, const char *, int, ...), int folder, const char *path, int flags, mode_t mode) {
    int counts = ours(path);
    int makes = flags & O_CREAT;
    if (counts && struck("file", makes, makes ? "create" : "open", path, 0)) {
        errno = disk_error(makes);
        return -1;
    }
    int fd = call(folder, path, flags, mode);
    mark(fd, counts ? OURS : NONE);
    return fd;
}

#define OPEN(name)                                                              \
    int name(const char *path, int flags, ...) {                                \
        va_list more;                                                           \
        va_start(more, flags);                                                  \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more);                                                           \
        return opened(REAL(openat), AT_FDCWD, path, flags, mode);               \
    }
#define OPENAT(name)                                                            \
    int name(int folder, const char *path, int flags, ...) {                    \
        va_list more;                                                           \
        va_start(more, flags);                                                  \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more);                                                           \
        return opened(REAL(openat), folder, path, flags, mode);                 \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
    if (fd >= 0 && fd < DESCRIPTORS) atomic_store(&kinds[fd], NONE);
    return REAL(close)(fd);
}

/* What goes through a descriptor. */
static int moved(int fd, int writes, const char *call) {
    char kind = kind_of(fd);
    if (kind == OURS && struck("file", writes, call, NULL, fd)) errno = disk_error(writes);
    else if (kind == SOCKET && struck("socket", 0, call, NULL, fd)) shutdown(fd, SHUT_RDWR), errno = ECONNRESET;
    else if (kind == PIPE && writes && struck("pipe", 0, call, NULL, fd)) errno = EPIPE;
    else return 0;
    return 1;
}

#define THROUGH(type, name, writes, params, args) \
    type name params {                            \
        if (moved(fd, writes, #name)) return -1;  \
        return REAL(name) args;                   \
    }
THROUGH(ssize_t, write, 1, (int fd, const void *from, size_t size), (fd, from, size))
THROUGH(ssize_t, pwrite, 1, (int fd, const void *from, size_t size, off_t where), (fd, from, size, where))
THROUGH(ssize_t, pwrite64, 1, (int fd, const void *from, size_t size, off64_t where), (fd, from, size, where))
THROUGH(ssize_t, writev, 1, (int fd, const struct iovec *from, int parts), (fd, from, parts))
THROUGH(ssize_t, read, 0, (int fd, void *into, size_t size), (fd, into, size))
THROUGH(ssize_t, pread, 0, (int fd, void *into, size_t size, off_t where), (fd, into, size, where))
THROUGH(ssize_t, pread64, 0, (int fd, void *into, size_t size, off64_t where), (fd, into, size, where))
THROUGH(ssize_t, readv, 0, (int fd, const struct iovec *into, int parts), (fd, into, parts))
THROUGH(int, fsync, 1, (int fd), (fd))
THROUGH(int, fdatasync, 1, (int fd), (fd))
THROUGH(int, ftruncate, 1, (int fd, off_t size), (fd, size))
THROUGH(int, ftruncate64, 1, (int fd, off64_t size), (fd, size))
THROUGH(ssize_t, sendfile, 1, (int fd, int from, off_t *where, size_t size), (fd, from, where, size))
THROUGH(ssize_t, sendfile64, 1, (int fd, int from, off64_t *where, size_t size), (fd, from, where, size))
THROUGH(int, flock, 0, (int fd, int how), (fd, how))
THROUGH(ssize_t, send, 0, (int fd, const void *from, size_t size, int flags), (fd, from, size, flags))
THROUGH(ssize_t, recv, 0, (int fd, void *into, size_t size, int flags), (fd, into, size, flags))
THROUGH(int, connect, 0, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size))
THROUGH(ssize_t, sendto, 0,
        (int fd, const void *from, size_t size, int flags, const struct sockaddr *to, socklen_t length),
        (fd, from, size, flags, to, length))
THROUGH(ssize_t, recvfrom, 0,
        (int fd, void *into, size_t size, int flags, struct sockaddr *by, socklen_t *length),
        (fd, into, size, flags, by, length))

/* What is done to names. */
#define NAMED(name, needs_room, path, params, args)                                 \
    int name params {                                                               \
        if (ours(path) && struck("file", needs_room, #name, path, 0)) {             \
            errno = disk_error(needs_room);                                         \
            return -1;                                                              \
        }                                                                           \
        return REAL(name) args;                                                     \
    }
NAMED(mkdir, 1, path, (const char *path, mode_t mode), (path, mode))
NAMED(mkdirat, 1, path, (int folder, const char *path, mode_t mode), (folder, path, mode))
NAMED(rmdir, 0, path, (const char *path), (path))
NAMED(unlink, 0, path, (const char *path), (path))
NAMED(unlinkat, 0, path, (int folder, const char *path, int flags), (folder, path, flags))
NAMED(rename, 1, to, (const char *from, const char *to), (from, to))
NAMED(renameat, 1, to, (int one, const char *from, int other, const char *to), (one, from, other, to))
NAMED(link, 1, to, (const char *from, const char *to), (from, to))
NAMED(linkat, 1, to, (int one, const char *from, int other, const char *to, int flags), (one, from, other, to, flags))

NAMED(statvfs64, 0, path, (const char *path, struct statvfs64 *into), (path, into))
#if __GLIBC_PREREQ(2, 33) /* earlier ones have no such names to take the place of */
NAMED(stat64, 0, path, (const char *path, struct stat64 *into), (path, into))
NAMED(lstat64, 0, path, (const char *path, struct stat64 *into), (path, into))
NAMED(fstatat64, 0, path, (int folder, const char *path, struct stat64 *into, int flags), (folder, path, into, flags))
#endif

DIR *opendir(const char *path) {
    if (ours(path) && struck("file", 0, "opendir", path, 0)) {
        errno = EIO;
        return NULL;
    }
    return REAL(opendir)(path);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int status = REAL(clock_gettime)(clock, now);
    if (!status && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += atomic_load(&ahead);
    return status;
}

int socket(int domain, int type, int protocol) {
    int fd = REAL(socket)(domain, type, protocol);
    mark(fd, domain == AF_INET || domain == AF_INET6 ? SOCKET : NONE);
    return fd;
}

int pipe2(int ends[2], int flags) {
    int status = REAL(pipe2)(ends, flags);
    if (!status) mark(ends[0], PIPE), mark(ends[1], PIPE);
    return status;
}

pid_t fork(void) {
    if (struck("child", 0, "fork", NULL, 0)) {
        errno = EAGAIN;
        return -1;
    }
    return REAL(fork)();
}

int execve(const char *path, char *const words[], char *const surroundings[]) {
    if (struck("child", 0, "execve", path, 0)) {
        errno = ENOMEM;
        return -1;
    }
    return REAL(execve)(path, words, surroundings);
}
