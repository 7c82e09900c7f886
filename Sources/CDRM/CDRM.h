// libdrm: the display part of the kernel's graphics drivers.
#ifndef VITRINE_CDRM_H
#define VITRINE_CDRM_H

#include <errno.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#endif
