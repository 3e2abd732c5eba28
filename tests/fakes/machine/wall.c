/* A machine whose clock on the wall is off, by so many seconds as the file named by VW_WALL says, at each moment.
 *
 * Preloaded into a program and all that it begins. Debian's libfaketime 0.9.10 cannot do it: with the monotonic clock
 * left alone it still moves the ends of sleeps that go by that one, so that Python's time.sleep() ends at once, or never.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t *off_s;
static __typeof__(&clock_gettime) real;

__attribute__((constructor)) static void begin(void) {
    if (!real) real = (__typeof__(&clock_gettime))dlsym(RTLD_NEXT, "clock_gettime");
    const char *name = getenv("VW_WALL");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *there = mmap(NULL, sizeof *off_s, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (there != MAP_FAILED) off_s = there;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (!real) real = (__typeof__(&clock_gettime))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, now);
    if (!status && off_s && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *off_s;
    return status;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec fine;
    (void)zone;
    int status = clock_gettime(CLOCK_REALTIME, &fine);
    now->tv_sec = fine.tv_sec;
    now->tv_usec = fine.tv_nsec / 1000;
    return status;
}

time_t time(time_t *into) {
    struct timespec fine;
    clock_gettime(CLOCK_REALTIME, &fine);
    if (into) *into = fine.tv_sec;
    return fine.tv_sec;
}
