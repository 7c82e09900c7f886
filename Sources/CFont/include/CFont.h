#ifndef VITRINE_CFONT_H
#define VITRINE_CFONT_H

#include <stddef.h>

/* DejaVu Sans (TrueType): Latin, Greek, Cyrillic, Arabic, Hebrew and many signs. Lives as long as the program.
   In C because Swift cannot place a file in a section of the program. */
const unsigned char *vitrine_font_bytes(void);
size_t vitrine_font_byte_count(void);

#endif
