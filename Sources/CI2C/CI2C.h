// Linux' I2C buses: the kernel's ioctls and their structures, and libi2c for the SMBus calls, whose argument is a union.
#ifndef VITRINE_CI2C_H
#define VITRINE_CI2C_H

#include <linux/i2c-dev.h>
#include <linux/i2c.h>

#include <i2c/smbus.h>

#endif
