#include "CPNGWriter.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

struct output {
    vitrine_png_sink sink;
    void *context;
    char *message;
};

static void fail(png_structp png, png_const_charp text) {
    struct output *output = png_get_error_ptr(png);
    strncpy(output->message, text, VITRINE_PNG_MESSAGE_SIZE - 1);
    output->message[VITRINE_PNG_MESSAGE_SIZE - 1] = 0;
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
    struct output *output = png_get_io_ptr(png);
    output->sink(output->context, bytes, count);
}

static void flush(png_structp png) { (void)png; }

int vitrine_png_write(const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, vitrine_png_sink sink,
                      void *context, char message[VITRINE_PNG_MESSAGE_SIZE]) {
    struct output output = {sink, context, message};
    strcpy(message, "no memory");
    /* Both are set before setjmp and not changed after it, so they are valid when it returns a second time. */
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &output, fail, ignore_warning);
    if (!png) return -1;
    png_infop info = png_create_info_struct(png);
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return -1;
    }
    png_set_write_fn(png, &output, write_bytes, flush);
    png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    /* A snapshot is wanted soon more than small: one cheap filter and little searching. */
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    png_set_compression_level(png, 3);
    png_write_info(png, info);
    png_set_bgr(png);
    png_set_filler(png, 0, PNG_FILLER_AFTER);
    for (uint32_t row = 0; row < height; row++) png_write_row(png, pixels + stride * row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return 0;
}
