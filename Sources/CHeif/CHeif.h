// libheif, from 1.15 (Debian 12) to 1.19 (Debian 13). What came in between has a name of ours, because Swift cannot ask
// for the version of a header.
#ifndef VITRINE_CHEIF_H
#define VITRINE_CHEIF_H

#include <libheif/heif.h>

// Bounds what a file may ask for. Before 1.19 only the length of a side can be bounded.
static inline void vitrine_heif_bound(struct heif_context *context, uint64_t most_pixels, uint64_t most_bytes) {
#if LIBHEIF_HAVE_VERSION(1, 19, 0)
    struct heif_security_limits *limits = heif_context_get_security_limits(context);
    if (!limits) return;
    limits->max_image_size_pixels = most_pixels;
    limits->max_memory_block_size = most_bytes;
    limits->max_number_of_tiles = 4096;
    limits->max_items = 10000;
#else
    (void)most_pixels;
    (void)most_bytes;
    heif_context_set_maximum_image_size_limit(context, 32768);
#endif
}

#endif
