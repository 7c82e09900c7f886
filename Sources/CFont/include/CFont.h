#ifndef VITRINE_CFONT_H
#define VITRINE_CFONT_H

#endif
