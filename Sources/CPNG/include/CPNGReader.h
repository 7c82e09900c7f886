// Reading PNG by rows. libpng reports errors by longjmp, which must not cross Swift frames: it stays behind these calls.
#ifndef VITRINE_CPNG_READER_H
#define VITRINE_CPNG_READER_H

#include <stddef.h>
#include <stdint.h>

typedef struct vitrine_png_reader vitrine_png_reader;

// The descriptor is read with pread and stays the caller's. NULL only without memory.
vitrine_png_reader *vitrine_png_open(int fd);
void vitrine_png_close(vitrine_png_reader *reader);
// What the library said last; never NULL, valid until the reader is closed.
const char *vitrine_png_message(const vitrine_png_reader *reader);
// errno of a failed read, else 0.
int vitrine_png_read_error(const vitrine_png_reader *reader);

// Reads what comes before the picture. Every kind of pixel becomes 8-bit RGB, with transparent ones laid on black.
// `passes` is 7 for an interlaced picture, else 1. 0, or -1: see vitrine_png_message.
int vitrine_png_start(vitrine_png_reader *reader, uint32_t *width, uint32_t *height, int *passes);
// Writes the next row, 3 bytes for each pixel, into `row`. With several passes all rows come once for each pass, and
// `row` has to hold what the pass before left there. 0, or -1.
int vitrine_png_read_row(vitrine_png_reader *reader, uint8_t *row);

#endif
