#include "CFont.h"

/* The file as it is, in read-only data of the program: pages of it come into memory when they are touched, and go
   again under pressure. The assembler finds it through the header search path. */
__asm__(".section .rodata.vitrine_font, \"a\"\n"
        ".balign 16\n"
        ".hidden vitrine_font_start\n"
        ".hidden vitrine_font_end\n"
        ".globl vitrine_font_start\n"
        ".globl vitrine_font_end\n"
        "vitrine_font_start:\n"
        ".incbin \"DejaVuSans.ttf\"\n"
        "vitrine_font_end:\n"
        ".previous\n");

extern const unsigned char vitrine_font_start[] __attribute__((visibility("hidden")));
extern const unsigned char vitrine_font_end[] __attribute__((visibility("hidden")));

const unsigned char *vitrine_font_bytes(void) { return vitrine_font_start; }

size_t vitrine_font_byte_count(void) { return (size_t)(vitrine_font_end - vitrine_font_start); }
