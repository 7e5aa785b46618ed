// A disk whose power can be cut, and that can fail.
//
// Files of one folder are the disk's. What a sync made durable is kept in a second folder, the shadow: each
// successful sync copies the whole file there, as it is at that moment. After a power cut, the shadow is
// all that there is. Names follow as in a file system with a journal: what was unlinked before a sync is
// gone with it. Preloaded into the program under test.
//
// HOOKPROOF_FAULTS_FOLDER and HOOKPROOF_FAULTS_SHADOW name the two; HOOKPROOF_FAULTS_LIES: syncs succeed and
// do nothing; HOOKPROOF_FAULTS_ERRNO: while this file exists, what is written fails with the number in it.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *folder, *shadow, *lies, *failure;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void prepare(void) {
  folder = getenv("HOOKPROOF_FAULTS_FOLDER");
  shadow = getenv("HOOKPROOF_FAULTS_SHADOW");
  lies = getenv("HOOKPROOF_FAULTS_LIES");
  failure = getenv("HOOKPROOF_FAULTS_ERRNO");
}

// The path behind a descriptor if it is the disk's folder or one of its files, and not deleted.
static int on_disk(int file, char path[PATH_MAX]) {
  if (!folder) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  size_t prefix = strlen(folder);
  struct stat there;
  return !strncmp(path, folder, prefix) && (path[prefix] == '/' || !path[prefix]) && !stat(path, &there);
}

// The error that what is written must fail with, or 0.
static int failing(int file) {
  char text[16] = "", path[PATH_MAX];
  if (!failure || access(failure, F_OK) || !on_disk(file, path)) return 0;
  int flag = open(failure, O_RDONLY | O_CLOEXEC);
  if (flag < 0) return 0;
  ssize_t length = read(flag, text, sizeof text - 1);
  close(flag);
  return length > 0 ? atoi(text) : 0;
}

// Nothing of the file itself is opened and closed here: that would drop the locks of the process.
static int copy(int file, const char *name) {
  char part[PATH_MAX], whole[PATH_MAX];
  snprintf(part, sizeof part, "%s/.part", shadow);
  snprintf(whole, sizeof whole, "%s/%s", shadow, name);
  int to = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (to < 0) return -1;
  off_t at = 0;
  ssize_t sent;
  while ((sent = sendfile(to, file, &at, 1 << 30)) > 0) {
  }
  close(to);
  return sent < 0 ? -1 : rename(part, whole);
}

static void forget_unlinked(void) {
  DIR *names = opendir(shadow);
  if (!names) return;
  struct dirent *entry;
  while ((entry = readdir(names))) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.' && access(path, F_OK)) unlinkat(dirfd(names), entry->d_name, 0);
  }
  closedir(names);
}

static int make_durable(int file) {
  int error = failing(file);
  if (error == EIO) {
    errno = error;
    return -1;
  }
  if (fcntl(file, F_GETFD) < 0) return -1;
  char path[PATH_MAX];
  if (lies || !shadow || !on_disk(file, path)) return 0;
  size_t prefix = strlen(folder);
  pthread_mutex_lock(&one_at_a_time);
  int done = path[prefix] ? copy(file, path + prefix + 1) : 0;
  if (!done) forget_unlinked();
  pthread_mutex_unlock(&one_at_a_time);
  return done;
}

int fsync(int file) { return make_durable(file); }

int fdatasync(int file) { return make_durable(file); }

#define UNLESS_FAILING(file, call) \
  int error = failing(file);       \
  if (error) {                     \
    errno = error;                 \
    return -1;                     \
  }                                \
  return call;

ssize_t write(int file, const void *bytes, size_t count) {
  UNLESS_FAILING(file, syscall(SYS_write, file, bytes, count))
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  UNLESS_FAILING(file, syscall(SYS_pwrite64, file, bytes, count, at))
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t at) {
  UNLESS_FAILING(file, syscall(SYS_pwrite64, file, bytes, count, at))
}

int ftruncate(int file, off_t length) { UNLESS_FAILING(file, syscall(SYS_ftruncate, file, length)) }

int ftruncate64(int file, off_t length) { UNLESS_FAILING(file, syscall(SYS_ftruncate, file, length)) }
