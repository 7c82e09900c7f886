#include "CJPEGReader.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

// After the headers that it needs and does not include.
#include <jerror.h>
#include <jpeglib.h>

enum {
    buffer_size = 64 * 1024,
    // A progressive file of some kilobytes can name thousands of scans of a huge picture; cameras and
    // encoders write about ten.
    most_scans = 100,
};

struct vitrine_jpeg_reader {
    struct jpeg_decompress_struct decompress;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    char message[JMSG_LENGTH_MAX];
    int64_t memory_limit;
    off_t offset;
    int fd;
    int read_error;
    int reached_end;
    int cut_off;
    // A row of CMYK, and whether it is inverted as Adobe writes it.
    uint8_t *ink_row;
    int created;
    uint8_t buffer[buffer_size];
};

static vitrine_jpeg_reader *owner(j_common_ptr common) { return common->client_data; }

static void fail(j_common_ptr common) {
    vitrine_jpeg_reader *reader = owner(common);
    common->err->format_message(common, reader->message);
    longjmp(reader->escape, 1);
}

// Level -1 is damaged data that the library goes on after; the others are traces.
static void note(j_common_ptr common, int level) {
    if (level >= 0) return;
    vitrine_jpeg_reader *reader = owner(common);
    // Said once, when the first bit is missing that the picture needs.
    if (common->err->msg_code == JWRN_HIT_MARKER && reader->reached_end) reader->cut_off = 1;
    common->err->num_warnings++;
}

static void be_quiet(j_common_ptr common) { (void)common; }

static void begin_source(j_decompress_ptr decompress) { (void)decompress; }

static boolean fill_buffer(j_decompress_ptr decompress) {
    vitrine_jpeg_reader *reader = decompress->client_data;
    ssize_t count;
    do {
        count = pread(reader->fd, reader->buffer, buffer_size, reader->offset);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        reader->read_error = errno;
        count = 0;
    }
    if (count == 0) {
        // As the library advises: an end marker in place of what is missing, so that what came is shown.
        if (reader->offset == 0) ERREXIT(decompress, JERR_INPUT_EMPTY);
        reader->reached_end = 1;
        reader->buffer[0] = 0xFF;
        reader->buffer[1] = JPEG_EOI;
        count = 2;
    } else {
        reader->offset += count;
    }
    reader->source.next_input_byte = reader->buffer;
    reader->source.bytes_in_buffer = (size_t)count;
    return TRUE;
}

static void skip_bytes(j_decompress_ptr decompress, long count) {
    vitrine_jpeg_reader *reader = decompress->client_data;
    if (count <= 0) return;
    if ((size_t)count <= reader->source.bytes_in_buffer) {
        reader->source.next_input_byte += count;
        reader->source.bytes_in_buffer -= (size_t)count;
        return;
    }
    reader->offset += count - (long)reader->source.bytes_in_buffer;
    reader->source.bytes_in_buffer = 0;
    reader->source.next_input_byte = reader->buffer;
}

static void end_source(j_decompress_ptr decompress) { (void)decompress; }

static void watch_scans(j_common_ptr common) {
    vitrine_jpeg_reader *reader = owner(common);
    if (!common->is_decompressor || reader->decompress.input_scan_number <= most_scans) return;
    snprintf(reader->message, sizeof reader->message, "more than %d scans", (int)most_scans);
    longjmp(reader->escape, 1);
}

vitrine_jpeg_reader *vitrine_jpeg_open(int fd, int64_t memory_limit) {
    vitrine_jpeg_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    reader->fd = fd;
    reader->memory_limit = memory_limit;
    return reader;
}

void vitrine_jpeg_close(vitrine_jpeg_reader *reader) {
    if (!reader) return;
    if (reader->created) {
        // Freeing can report an error, too.
        if (setjmp(reader->escape) == 0) jpeg_destroy_decompress(&reader->decompress);
    }
    free(reader->ink_row);
    free(reader);
}

const char *vitrine_jpeg_message(const vitrine_jpeg_reader *reader) { return reader->message; }
int vitrine_jpeg_is_cut_off(const vitrine_jpeg_reader *reader) { return reader->cut_off; }
int vitrine_jpeg_read_error(const vitrine_jpeg_reader *reader) { return reader->read_error; }

int vitrine_jpeg_read_header(vitrine_jpeg_reader *reader, vitrine_jpeg_header *header) {
    struct jpeg_decompress_struct *decompress = &reader->decompress;
    decompress->err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = fail;
    reader->errors.emit_message = note;
    reader->errors.output_message = be_quiet;
    decompress->client_data = reader;
    if (setjmp(reader->escape)) return -1;
    jpeg_create_decompress(decompress);
    reader->created = 1;
    decompress->client_data = reader;
    decompress->mem->max_memory_to_use = reader->memory_limit > 0 ? (long)reader->memory_limit : 1;
    reader->source = (struct jpeg_source_mgr){
        .next_input_byte = reader->buffer,
        .init_source = begin_source,
        .fill_input_buffer = fill_buffer,
        .skip_input_data = skip_bytes,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = end_source,
    };
    decompress->src = &reader->source;
    reader->progress.progress_monitor = watch_scans;
    decompress->progress = &reader->progress;
    jpeg_save_markers(decompress, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(decompress, TRUE);

    *header = (vitrine_jpeg_header){
        .width = (int)decompress->image_width,
        .height = (int)decompress->image_height,
        .components = decompress->num_components,
        .holds_coefficients = jpeg_has_multiple_scans(decompress) ? 1 : 0,
        .progressive = decompress->progressive_mode ? 1 : 0,
    };
    if (header->holds_coefficients) {
        for (int index = 0; index < decompress->num_components; index++) {
            const jpeg_component_info *component = &decompress->comp_info[index];
            header->coefficient_bytes +=
                (int64_t)component->width_in_blocks * component->height_in_blocks * DCTSIZE2 * sizeof(JCOEF);
        }
    }
    return 0;
}

const uint8_t *vitrine_jpeg_exif(const vitrine_jpeg_reader *reader, size_t *count) {
    static const uint8_t name[6] = {'E', 'x', 'i', 'f', 0, 0};
    if (!reader->created) return NULL;
    for (jpeg_saved_marker_ptr marker = reader->decompress.marker_list; marker; marker = marker->next) {
        if (marker->marker != JPEG_APP0 + 1 || marker->data_length < sizeof name) continue;
        if (memcmp(marker->data, name, sizeof name) != 0) continue;
        *count = marker->data_length - sizeof name;
        return marker->data + sizeof name;
    }
    return NULL;
}

int vitrine_jpeg_start(vitrine_jpeg_reader *reader, int eighths, int *width, int *height) {
    struct jpeg_decompress_struct *decompress = &reader->decompress;
    if (setjmp(reader->escape)) return -1;
    int inks = decompress->num_components == 4;
    decompress->out_color_space = inks ? JCS_CMYK : JCS_RGB;
    decompress->scale_num = (unsigned)eighths;
    decompress->scale_denom = 8;
    decompress->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(decompress);
    *width = (int)decompress->output_width;
    *height = (int)decompress->output_height;
    if (inks) {
        reader->ink_row = malloc((size_t)decompress->output_width * 4);
        if (!reader->ink_row) ERREXIT1(decompress, JERR_OUT_OF_MEMORY, 0);
    }
    return 0;
}

// Inks on white paper, without a profile. Adobe writes 255 for no ink, everybody else 0.
static void mix_inks(const uint8_t *ink, uint8_t *rgb, int width, int inverted) {
    uint8_t flip = inverted ? 0 : 255;
    for (int x = 0; x < width; x++, ink += 4, rgb += 3) {
        unsigned black = ink[3] ^ flip;
        for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)(((ink[c] ^ flip) * black + 127) / 255);
    }
}

int vitrine_jpeg_read_rows(vitrine_jpeg_reader *reader, uint8_t *rows, size_t stride, int count) {
    struct jpeg_decompress_struct *decompress = &reader->decompress;
    // volatile: read after a longjmp.
    volatile int written = 0;
    if (setjmp(reader->escape)) return written > 0 ? written : -1;
    while (written < count && decompress->output_scanline < decompress->output_height) {
        uint8_t *row = rows + (size_t)written * stride;
        JSAMPROW target = reader->ink_row ? reader->ink_row : row;
        if (jpeg_read_scanlines(decompress, &target, 1) != 1) break;
        if (reader->ink_row)
            mix_inks(reader->ink_row, row, (int)decompress->output_width, decompress->saw_Adobe_marker);
        written++;
    }
    return written;
}
