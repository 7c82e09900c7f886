#include "CFont.h"
