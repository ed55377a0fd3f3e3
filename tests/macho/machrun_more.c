/* What machrun's shim lacks and the program can reach:
 *
 * - the name of the system's time zone, which chrono asks CoreFoundation for where TZ names no zone that there is, or where
 *   /etc/localtime cannot be read;
 * - the compilers' shift of 128-bit numbers, which macOS has in libcompiler_rt, a part of libSystem, and Linux in libgcc;
 * - time between the wish for a stream of file events and its start.
 *
 * Built in the place of machrun's loader.c, which it takes in whole: so the table below is one of those that it looks
 * names up in, and the first one. As CoreFoundation does without TZ, it takes the zone from where /etc/localtime leads, and GMT
 * where that tells nothing. */
#include "machrun.h"
#include <limits.h>
#include <unistd.h>

extern const struct sym more_syms[];
#define posix_syms more_syms, posix_syms
#include "loader.c"
#undef posix_syms

/* Begins as the shim's own objects do, so that its CFRelease may be given one; it is never freed. */
struct constant {
    int kind, references;
    char text[PATH_MAX];
};

static struct constant zone = { 1000, 1 << 30, "" };

static void zone_reset(void) {
    zone.text[0] = 0;
}

static struct constant *zone_copy_system(void) {
    static const char marker[] = "/zoneinfo/";
    char target[PATH_MAX];
    ssize_t length = readlink("/etc/localtime", target, sizeof target - 1);
    char *name = NULL;
    if (length > 0) {
        target[length] = 0;
        name = strstr(target, marker);
    }
    snprintf(zone.text, sizeof zone.text, "%s", name ? name + sizeof marker - 1 : "GMT");
    errno = 0;
    zone.references++;
    return &zone;
}

/* The name is a string that lives as long as its zone: one object is both here. */
static struct constant *zone_name(struct constant *of) {
    return of;
}

/* Callers must be ready for NULL: macOS gives no pointer where a string is not kept as such bytes. */
static const char *string_pointer(struct constant *string, uint32_t encoding) {
    (void)string, (void)encoding;
    return NULL;
}

static long string_length(struct constant *string) {
    return (long)strlen(string->text);
}

struct range {
    long location, length;
};

/* UTF-8 only (0x08000100); names of zones are ASCII, so characters are bytes. */
static long string_bytes(struct constant *string, struct range range, uint32_t encoding, uint8_t loss, uint8_t external,
                         uint8_t *buffer, long room, long *used) {
    (void)loss, (void)external;
    long length = string_length(string);
    if (encoding != 0x08000100 || range.location < 0 || range.length < 0 || range.location > length ||
        range.length > length - range.location)
        shim_die("CFStringGetBytes: encoding %x, range %ld+%ld of %ld", encoding, range.location, range.length, length);
    long n = range.length;
    if (buffer && n > room) n = room;
    if (buffer) memcpy(buffer, string->text + range.location, (size_t)n);
    if (used) *used = n;
    return n;
}

/* A stream tells of nothing that happens before it has started, and on a Mac that is another process's work. Here it takes long
 * enough for a check to change something meanwhile. */
static uint8_t stream_start(void *stream) {
    usleep(300000);
    for (const struct sym *s = cf_syms; s->name; s++)
        if (!strcmp(s->name, "_FSEventStreamStart")) return ((uint8_t (*)(void *))s->addr)(stream);
    shim_die("FSEventStreamStart: there is none");
}

extern __int128 __ashlti3(__int128, int);

const struct sym more_syms[] = {
    { "___ashlti3", __ashlti3 },
    { "_CFTimeZoneResetSystem", zone_reset }, { "_CFTimeZoneCopySystem", zone_copy_system },
    { "_CFTimeZoneGetName", zone_name },      { "_CFStringGetCStringPtr", string_pointer },
    { "_CFStringGetLength", string_length },  { "_CFStringGetBytes", string_bytes },
    { "_FSEventStreamStart", stream_start },
    { 0, 0 },
};
