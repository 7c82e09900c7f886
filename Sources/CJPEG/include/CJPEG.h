#ifndef VITRINE_CJPEG_H
#define VITRINE_CJPEG_H

#endif
