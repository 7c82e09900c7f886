#include "CJPEGWriter.h"

#include <setjmp.h>
#include <stdio.h>
#include <jpeglib.h>

struct failure {
    struct jpeg_error_mgr manager; /* first: libjpeg hands back a pointer to it */
    jmp_buf out;
    char *message;
};

_Static_assert(VITRINE_JPEG_MESSAGE_SIZE >= JMSG_LENGTH_MAX, "room for a message of libjpeg");

static void fail(j_common_ptr jpeg) {
    struct failure *failure = (struct failure *)jpeg->err;
    failure->manager.format_message(jpeg, failure->message);
    longjmp(failure->out, 1);
}

static void ignore_message(j_common_ptr jpeg) { (void)jpeg; }

struct destination {
    struct jpeg_destination_mgr manager; /* first, as above */
    vitrine_jpeg_sink sink;
    void *context;
    uint8_t bytes[8192];
};

static void start(j_compress_ptr jpeg) {
    struct destination *destination = (struct destination *)jpeg->dest;
    destination->manager.next_output_byte = destination->bytes;
    destination->manager.free_in_buffer = sizeof destination->bytes;
}

/* Called when the buffer is full; libjpeg wants all of it taken, whatever free_in_buffer says. */
static boolean drain(j_compress_ptr jpeg) {
    struct destination *destination = (struct destination *)jpeg->dest;
    destination->sink(destination->context, destination->bytes, sizeof destination->bytes);
    start(jpeg);
    return TRUE;
}

static void finish(j_compress_ptr jpeg) {
    struct destination *destination = (struct destination *)jpeg->dest;
    destination->sink(destination->context, destination->bytes,
                      sizeof destination->bytes - destination->manager.free_in_buffer);
}

int vitrine_jpeg_write(const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int quality,
                       vitrine_jpeg_sink sink, void *context, char message[VITRINE_JPEG_MESSAGE_SIZE]) {
    struct jpeg_compress_struct jpeg;
    struct failure failure;
    struct destination destination;
    message[0] = 0;
    failure.message = message;
    jpeg.err = jpeg_std_error(&failure.manager);
    failure.manager.error_exit = fail;
    failure.manager.output_message = ignore_message;
    jpeg.mem = NULL; /* jpeg_destroy looks at it, should jpeg_create_compress fail half-way */
    if (setjmp(failure.out)) {
        jpeg_destroy_compress(&jpeg);
        return -1;
    }
    jpeg_create_compress(&jpeg);
    destination.manager.init_destination = start;
    destination.manager.empty_output_buffer = drain;
    destination.manager.term_destination = finish;
    destination.sink = sink;
    destination.context = context;
    jpeg.dest = &destination.manager;
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = 4;
    jpeg.in_color_space = JCS_EXT_BGRX;
    jpeg_set_defaults(&jpeg); /* baseline, 4:2:0 */
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < height) {
        JSAMPROW row = (JSAMPROW)(pixels + stride * jpeg.next_scanline);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return 0;
}
