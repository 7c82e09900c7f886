#ifndef VITRINE_CJPEG_WRITER_H
#define VITRINE_CJPEG_WRITER_H

#include <stddef.h>
#include <stdint.h>

/* Room for the library's words on a failure: JMSG_LENGTH_MAX of libjpeg. */
#define VITRINE_JPEG_MESSAGE_SIZE 200

/* Takes the next bytes of the file. Must return: it is called from inside libjpeg. */
typedef void (*vitrine_jpeg_sink)(void *context, const uint8_t *bytes, size_t count);

/* Writes rows of blue, green, red and an ignored byte as a baseline JPEG, 4:2:0; `quality` from 1 to 100.
   In C because libjpeg ends the process on an error unless it is left by longjmp, which must not pass over Swift
   frames. Returns 0, or -1 with `message` filled in; frees all it allocates either way. */
int vitrine_jpeg_write(const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int quality,
                       vitrine_jpeg_sink sink, void *context, char message[VITRINE_JPEG_MESSAGE_SIZE]);

#endif
