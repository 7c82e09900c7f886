#ifndef VITRINE_CPNG_WRITER_H
#define VITRINE_CPNG_WRITER_H

#include <stddef.h>
#include <stdint.h>

/* Room for the library's words on a failure. */
#define VITRINE_PNG_MESSAGE_SIZE 128

/* Takes the next bytes of the file. Must return: it is called from inside libpng. */
typedef void (*vitrine_png_sink)(void *context, const uint8_t *bytes, size_t count);

/* Writes rows of blue, green, red and an ignored byte as an RGB PNG.
   In C because libpng reports errors by longjmp, which must not pass over Swift frames.
   Returns 0, or -1 with `message` filled in; frees all it allocates either way. */
int vitrine_png_write(const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, vitrine_png_sink sink,
                      void *context, char message[VITRINE_PNG_MESSAGE_SIZE]);

#endif
