/* share_of_voice.h - how a conversation divides among a fixed list of parties.
 *
 * Each party is a standing query. With a topic query only posts count that satisfy both. A post
 * that names two parties counts for each of them; shares are of the sum over the list, so they add
 * up to 1 whatever else is talked about. The basis is always named with the number behind it.
 *
 * With syndication folded a near-duplicate of an earlier post of the same party within a week is
 * left out, with its author, engagement and reach (text/similarity.h): stories are counted, not
 * carriers. That reads the posts themselves, so it is limited to SHARE_FOLD_MAX of them.
 */
#ifndef LISTEN_SHARE_OF_VOICE_H
#define LISTEN_SHARE_OF_VOICE_H

#include "listen/measure/measure.h"

#define SHARE_PARTIES_MAX 60 /* reject */

#define SHARE_FOLD_MAX 100000 /* posts of all parties in the window, to be folded: ERR_LIMIT */

enum share_basis {
    SHARE_MENTIONS,
    SHARE_AUTHORS,
    SHARE_ENGAGEMENT,
    SHARE_REACH,
    SHARE_BASIS_COUNT
};
const char *share_basis_name(enum share_basis basis); /* "mentions" "authors" ... */
bool share_basis_from(Str name, enum share_basis *out);

struct share {
    int64_t query;
    double amount;          /* of the basis; NaN: not available */
    double share;           /* 0 to 1; NaN: not available, or nothing was said */
    int64_t n;              /* mentions it rests on, copies left out where they are */
    int64_t copies;         /* left out */
    struct measure_sum sum; /* everything else about this party in the window */
};

struct share_of_voice {
    enum share_basis basis;
    bool is_folded;
    int64_t from_hour, to_hour;
    int64_t n;             /* mentions of all parties together */
    struct share *parties; /* in the order given */
    size_t count;
};

/* `topic` 0: no restriction. Free with share_of_voice_deinit(). ERR_LIMIT beyond
 * SHARE_PARTIES_MAX. */
bool share_of_voice(struct archive *a, int64_t topic, const int64_t *parties, size_t count,
                    enum share_basis basis, bool is_folded, int64_t from_hour, int64_t to_hour,
                    struct share_of_voice *out, struct err *err) MUST_CHECK;
void share_of_voice_deinit(struct share_of_voice *sov);

/* 95 % interval of a share that `n` mentions of all parties tell (Wilson 1927), widened by the time
 * that was not heard: of the part 1 - coverage nobody knows whose it is. NaN: not available. Pure.
 */
void share_interval(double share, int64_t n, double coverage, double *low, double *high);

/* Posts by month and id: those of a query in a window, for asking which mentions of another query
 * are among them. Starts zeroed. */
struct post_set {
    uint64_t *slots; /* month and post, 0 = free */
    size_t count, slot_count;
};
bool post_set_fill(struct post_set *set, struct archive *a, int64_t query, int64_t from_hour,
                   int64_t to_hour, struct err *err) MUST_CHECK;
bool post_set_add(struct post_set *set, int32_t month, int64_t post) MUST_CHECK; /* no memory */
bool post_set_has(const struct post_set *set, int32_t month, int64_t post);
void post_set_deinit(struct post_set *set);

#endif
