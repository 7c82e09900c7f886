// libheif, from 1.15 (Debian 12) to 1.19 (Debian 13). What came in between has a name of ours that says when it is
// missing: Swift cannot ask for a version of a header.
#ifndef VITRINE_CHEIF_H
#define VITRINE_CHEIF_H

#include <libheif/heif.h>
#include <libheif/heif_plugin.h>

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

// The tiles of a grid, in the coordinates of the upright picture, whose size is `width` by `height`. The first one may
// begin outside, at minus the offset.
struct vitrine_heif_grid {
    uint32_t columns, rows, tile_width, tile_height, width, height, left_offset, top_offset;
};

// 1 when the picture consists of tiles that can be decoded one by one, else 0. Always 0 before 1.19.
static inline int vitrine_heif_grid(const struct heif_image_handle *handle, struct vitrine_heif_grid *grid) {
#if LIBHEIF_HAVE_VERSION(1, 19, 0)
    struct heif_image_tiling tiling = {.version = 1};
    if (heif_image_handle_get_image_tiling(handle, 1, &tiling).code != heif_error_Ok) return 0;
    if (tiling.num_columns * (uint64_t)tiling.num_rows < 2) return 0;
    *grid = (struct vitrine_heif_grid){
        tiling.num_columns, tiling.num_rows,     tiling.tile_width,  tiling.tile_height,
        tiling.image_width, tiling.image_height, tiling.left_offset, tiling.top_offset,
    };
    return 1;
#else
    (void)handle;
    (void)grid;
    return 0;
#endif
}

static inline struct heif_error vitrine_heif_decode_tile(
    const struct heif_image_handle *handle, struct heif_image **image, enum heif_colorspace colorspace,
    enum heif_chroma chroma, const struct heif_decoding_options *options, uint32_t column, uint32_t row) {
#if LIBHEIF_HAVE_VERSION(1, 19, 0)
    return heif_image_handle_decode_image_tile(handle, image, colorspace, chroma, options, column, row);
#else
    (void)handle, (void)image, (void)colorspace, (void)chroma, (void)options, (void)column, (void)row;
    struct heif_error error = {heif_error_Unsupported_feature, heif_suberror_Unspecified, "no tiles before libheif 1.19"};
    return error;
#endif
}

#endif
