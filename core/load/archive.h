/* archive.h - zip, tar, 7z and compressed files, through libarchive. Internal to load/. */
#ifndef TH_LOAD_ARCHIVE_H
#define TH_LOAD_ARCHIVE_H

#include "load/reading.h"

/* Limits against archives made to do harm; what breaks one fails with TH_ERR_BOMB. A single member that has to be in memory is
 * limited by TH_MEMBER_MAX, an article by what th_load() takes. */
enum {
    TH_ARCHIVE_MEMBERS = 1000000,   /* members of one archive */
    TH_ARCHIVE_RATIO = 250,         /* bytes that one packed byte may expand to … */
    TH_ARCHIVE_RATIO_FROM = 64 << 20 /* … looked at once so many have come out */
};
#define TH_ARCHIVE_TOTAL ((uint64_t)64 << 30) /* bytes out of all archives in one file */

/* Read the members of the archive `s` as whatever each is; a file that is only compressed is what it holds. Paths are
 * ARCHIVE!MEMBER; a member whose name came before gets ~2, ~3 behind it. Names are labels only: nothing is written anywhere. */
th_status th_archive_read(th_reading *r, th_stream *s, th_error *err);

#endif
