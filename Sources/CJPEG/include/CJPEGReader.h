// Reading JPEG by rows. libjpeg reports errors by longjmp, which must not cross Swift frames, and its
// source manager is a struct of callbacks: both stay behind these calls.
#ifndef VITRINE_CJPEG_READER_H
#define VITRINE_CJPEG_READER_H

#include <stddef.h>
#include <stdint.h>

typedef struct vitrine_jpeg_reader vitrine_jpeg_reader;

typedef struct {
    int width;
    int height;
    int components;
    // 1: several scans (progressive, or components apart), so that all coefficients are held in memory.
    int holds_coefficients;
    int progressive;
    // What those coefficients take; 0 when rows are decoded as they are read.
    int64_t coefficient_bytes;
} vitrine_jpeg_header;

// Reads the header from the descriptor, which is read with pread and stays the caller's. NULL only without memory.
// The library's own memory is bounded by `memory_limit`; what goes beyond fails as an error.
vitrine_jpeg_reader *vitrine_jpeg_open(int fd, int64_t memory_limit);
void vitrine_jpeg_close(vitrine_jpeg_reader *reader);

// 0, or -1: see vitrine_jpeg_message.
int vitrine_jpeg_read_header(vitrine_jpeg_reader *reader, vitrine_jpeg_header *header);
// What the library said last; never NULL, valid until the reader is closed.
const char *vitrine_jpeg_message(const vitrine_jpeg_reader *reader);
// The first APP1 marker that begins with "Exif\0\0", from the TIFF header on; NULL when there is none.
const uint8_t *vitrine_jpeg_exif(const vitrine_jpeg_reader *reader, size_t *count);

// Prepares rows of 8-bit RGB at eighths/8 of the size (1...8), and says what size that is. 0, or -1.
int vitrine_jpeg_start(vitrine_jpeg_reader *reader, int eighths, int *width, int *height);
// Writes at most `count` rows: how many were written, 0 at the end, -1 on an error.
int vitrine_jpeg_read_rows(vitrine_jpeg_reader *reader, uint8_t *rows, size_t stride, int count);
// 1 when the file ended before the data of what has been read; what was written is partly made up then.
int vitrine_jpeg_is_cut_off(const vitrine_jpeg_reader *reader);
// errno of a failed read, else 0.
int vitrine_jpeg_read_error(const vitrine_jpeg_reader *reader);

#endif
