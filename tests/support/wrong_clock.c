/* Preloaded into a process, it lets that process' time of day be off by what a file says: eight bytes, a signed
 * number of nanoseconds, which may change at any moment.  What measures how long something takes is left alone,
 * as it is when somebody sets a machine's clock.
 *
 *   cc -shared -fPIC -O2 -o wrong_clock.so wrong_clock.c -ldl
 *   LD_PRELOAD=./wrong_clock.so WRONG_CLOCK=/path/to/file program
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

static int (*real_gettime)(clockid_t, struct timespec *);
static const volatile int64_t *offset_ns;

__attribute__((constructor)) static void set_up(void) {
  real_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  const char *path = getenv("WRONG_CLOCK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *found = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (found != MAP_FAILED) offset_ns = found;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  if (!real_gettime) set_up();
  int failed = real_gettime(clock, now);
  if (failed || !offset_ns || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return failed;
  int64_t off = *offset_ns, ns = now->tv_nsec + off % 1000000000;
  now->tv_sec += off / 1000000000;
  if (ns < 0) ns += 1000000000, now->tv_sec -= 1;
  if (ns >= 1000000000) ns -= 1000000000, now->tv_sec += 1;
  now->tv_nsec = ns;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec found;
  if (clock_gettime(CLOCK_REALTIME, &found)) return -1;
  now->tv_sec = found.tv_sec, now->tv_usec = found.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec found;
  if (clock_gettime(CLOCK_REALTIME, &found)) return (time_t)-1;
  if (now) *now = found.tv_sec;
  return found.tv_sec;
}
