#include "CPNGReader.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

enum { buffer_size = 64 * 1024 };

struct vitrine_png_reader {
    png_structp png;
    png_infop info;
    jmp_buf escape;
    char message[200];
    off_t offset;
    int fd;
    int read_error;
    size_t used;
    size_t filled;
    uint8_t buffer[buffer_size];
};

static void fail(png_structp png, png_const_charp message) {
    vitrine_png_reader *reader = png_get_error_ptr(png);
    snprintf(reader->message, sizeof reader->message, "%s", message);
    longjmp(reader->escape, 1);
}

static void ignore(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void read_bytes(png_structp png, png_bytep bytes, size_t count) {
    vitrine_png_reader *reader = png_get_io_ptr(png);
    while (count > 0) {
        if (reader->used == reader->filled) {
            ssize_t got;
            do {
                got = pread(reader->fd, reader->buffer, buffer_size, reader->offset);
            } while (got < 0 && errno == EINTR);
            if (got < 0) {
                reader->read_error = errno;
                png_error(png, "reading failed");
            }
            if (got == 0) png_error(png, "the file ends too early");
            reader->offset += got;
            reader->used = 0;
            reader->filled = (size_t)got;
        }
        *bytes++ = reader->buffer[reader->used++];
        count--;
    }
}

vitrine_png_reader *vitrine_png_open(int fd) {
    vitrine_png_reader *reader = calloc(1, sizeof *reader);
    if (reader) reader->fd = fd;
    return reader;
}

void vitrine_png_close(vitrine_png_reader *reader) {
    if (!reader) return;
    if (reader->png && setjmp(reader->escape) == 0)
        png_destroy_read_struct(&reader->png, reader->info ? &reader->info : NULL, NULL);
    free(reader);
}

const char *vitrine_png_message(const vitrine_png_reader *reader) { return reader->message; }
int vitrine_png_read_error(const vitrine_png_reader *reader) { return reader->read_error; }

int vitrine_png_start(vitrine_png_reader *reader, uint32_t *width, uint32_t *height, int *passes) {
    if (setjmp(reader->escape)) return -1;
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, fail, ignore);
    if (reader->png) reader->info = png_create_info_struct(reader->png);
    if (!reader->info) {
        snprintf(reader->message, sizeof reader->message, "not enough memory");
        return -1;
    }
    png_structp png = reader->png;
    png_infop info = reader->info;
    png_set_read_fn(png, reader, read_bytes);
    // Only what the pixels need is read: their palette and transparency. A gamma would be used to lay transparent pixels
    // on black in linear light, which no browser does.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    static const png_byte unread[] = "tEXt\0zTXt\0iTXt\0iCCP\0eXIf\0sPLT\0hIST\0pCAL\0sCAL\0oFFs\0tIME\0"
                                     "gAMA\0cHRM\0sRGB\0bKGD";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unread, 15);
    png_set_chunk_cache_max(png, 128);
    png_set_chunk_malloc_max(png, 8 * 1024 * 1024);
    png_read_info(png, info);

    *width = png_get_image_width(png, info);
    *height = png_get_image_height(png, info);
    png_set_scale_16(png);
    png_set_expand(png);
    png_set_gray_to_rgb(png);
    png_color_16 black = {0};
    png_set_background(png, &black, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1.0);
    *passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != (size_t)*width * 3) png_error(png, "rows are not what was asked for");
    return 0;
}

int vitrine_png_read_row(vitrine_png_reader *reader, uint8_t *row) {
    if (setjmp(reader->escape)) return -1;
    png_read_row(reader->png, row, NULL);
    return 0;
}
