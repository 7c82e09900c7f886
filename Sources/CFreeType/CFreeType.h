#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

/* The importer does not see FT_LOAD_TARGET_LIGHT, a macro with a parameter behind it: hinting only downwards, which
   keeps advance widths as the shaper counts them. */
static const FT_Int32 vitrine_ft_load_light = FT_LOAD_TARGET_LIGHT | FT_LOAD_NO_BITMAP;

/* The same for one bit a pixel: the font's own instructions put strokes on whole pixels. */
static const FT_Int32 vitrine_ft_load_mono = FT_LOAD_TARGET_MONO | FT_LOAD_NO_BITMAP;
