// libgpiod 2: GPIO lines through the kernel's character device.
#ifndef VITRINE_CGPIOD_H
#define VITRINE_CGPIOD_H

#include <gpiod.h>

#endif
