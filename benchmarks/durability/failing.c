/* Lets the n-th file operation below one folder fail, once, in the process that asks for it.
 *
 * Preloaded, it stands before the C library's open, write, fsync, rename and unlink, whoever calls
 * them: Python, SQLite or tantivy. Nothing is counted before durability_arm().
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[PATH_MAX];
static long fail_at = -1;
static long count = 0;
static char failed[64];

void durability_arm(long at, const char *folder) {
    snprintf(root, sizeof root, "%s", folder);
    fail_at = at;
    __atomic_store_n(&count, 0, __ATOMIC_SEQ_CST);
    failed[0] = 0;
}

long durability_count(void) { return __atomic_load_n(&count, __ATOMIC_SEQ_CST); }
const char *durability_failed(void) { return failed; }

static int below(const char *path) { return root[0] && !strncmp(path, root, strlen(root)); }

/* Whether this operation, on a path below the folder, is the one that fails. */
static int turn(const char *name, const char *path) {
    if (fail_at < 0 || !path || !below(path)) return 0;
    if (__atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST) != fail_at) return 0;
    const char *last = strrchr(path, '/');
    snprintf(failed, sizeof failed, "%s %.40s", name, last ? last + 1 : path);
    errno = EIO;
    return 1;
}

static const char *of_fd(int fd, char *into) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, into, PATH_MAX - 1);
    if (n < 0) return NULL;
    into[n] = 0;
    return into;
}

static const char *of_at(int dir, const char *path, char *into) {
    if (!path || path[0] == '/' || dir == AT_FDCWD) return path;
    if (!of_fd(dir, into)) return path;
    size_t n = strlen(into);
    snprintf(into + n, PATH_MAX - n, "/%s", path);
    return into;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define OPENER(name)                                             \
    int name(const char *path, int flags, ...) {                 \
        REAL(name);                                              \
        va_list more;                                            \
        va_start(more, flags);                                   \
        mode_t mode = va_arg(more, mode_t);                      \
        va_end(more);                                            \
        return turn("open", path) ? -1 : real(path, flags, mode);\
    }
OPENER(open)
OPENER(open64)

#define OPENER_AT(name)                                                        \
    int name(int dir, const char *path, int flags, ...) {                      \
        REAL(name);                                                            \
        char into[PATH_MAX];                                                   \
        va_list more;                                                          \
        va_start(more, flags);                                                 \
        mode_t mode = va_arg(more, mode_t);                                    \
        va_end(more);                                                          \
        return turn("open", of_at(dir, path, into)) ? -1 : real(dir, path, flags, mode); \
    }
OPENER_AT(openat)
OPENER_AT(openat64)

#define ON_FD(kind, name, result, given, passed)              \
    result name given {                                       \
        REAL(name);                                           \
        char into[PATH_MAX];                                  \
        return fail_at >= 0 && turn(kind, of_fd(fd, into)) ? -1 : real passed; \
    }
ON_FD("write", write, ssize_t, (int fd, const void *from, size_t n), (fd, from, n))
ON_FD("write", pwrite, ssize_t, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at))
ON_FD("write", pwrite64, ssize_t, (int fd, const void *from, size_t n, off64_t at), (fd, from, n, at))
ON_FD("write", writev, ssize_t, (int fd, const struct iovec *from, int n), (fd, from, n))
ON_FD("write", ftruncate, int, (int fd, off_t n), (fd, n))
ON_FD("write", ftruncate64, int, (int fd, off64_t n), (fd, n))
ON_FD("fsync", fsync, int, (int fd), (fd))
ON_FD("fsync", fdatasync, int, (int fd), (fd))

int rename(const char *from, const char *to) {
    REAL(rename);
    return turn("rename", to) ? -1 : real(from, to);
}

int renameat(int a, const char *from, int b, const char *to) {
    REAL(renameat);
    char into[PATH_MAX];
    return turn("rename", of_at(b, to, into)) ? -1 : real(a, from, b, to);
}

int unlink(const char *path) {
    REAL(unlink);
    return turn("unlink", path) ? -1 : real(path);
}

int unlinkat(int dir, const char *path, int flags) {
    REAL(unlinkat);
    char into[PATH_MAX];
    return turn("unlink", of_at(dir, path, into)) ? -1 : real(dir, path, flags);
}
