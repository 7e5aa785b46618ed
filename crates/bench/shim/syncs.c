// A disk of a known speed: every fsync and fdatasync takes a fixed time, and is counted.
//
// The files lie in memory, where a sync does nothing, so the call itself is left out. Preloaded into each
// measured program; the counter is a file of eight bytes that the bench reads while it runs.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static _Atomic uint64_t nowhere;
static _Atomic uint64_t *count = &nowhere;
static long delay_ns;

__attribute__((constructor)) static void prepare(void) {
  const char *micros = getenv("HOOKPROOF_BENCH_SYNC_US");
  const char *path = getenv("HOOKPROOF_BENCH_SYNC_FILE");
  if (micros) delay_ns = atol(micros) * 1000;
  if (!path) return;
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory != MAP_FAILED) count = memory;
  close(file);
}

static int sync_slowly(int file) {
  // Without this, the kernel may let each sleep last 50 us longer than was asked for.
  static __thread int precise;
  if (!precise) {
    prctl(PR_SET_TIMERSLACK, 1UL);
    precise = 1;
  }
  if (fcntl(file, F_GETFD) < 0) return -1;
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += delay_ns;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
  }
  atomic_fetch_add(count, 1);
  return 0;
}

int fsync(int file) { return sync_slowly(file); }

int fdatasync(int file) { return sync_slowly(file); }
