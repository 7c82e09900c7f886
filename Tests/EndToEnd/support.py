"""What all end-to-end tests share: the programs' folder, and fixtures made once."""

import functools
import os
import pathlib
import tempfile
import atexit
import shutil
import unittest

import pictures
from appliance import Appliance

PROGRAMS = pathlib.Path(os.environ.get("VITRINE_PROGRAMS", ".build/testing/release")).resolve()
# Files that are not in the repository, tried as well where there are some.
EXTRA_MEDIA = os.environ.get("VITRINE_EXTRA_MEDIA", "")
SCREEN = (640, 360)


@functools.cache
def fixtures():
    folder = tempfile.mkdtemp(prefix="vitrine-fixtures-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return pictures.make_fixtures(folder)


def extra_media():
    return sorted(pathlib.Path(EXTRA_MEDIA).glob("*")) if EXTRA_MEDIA else []


class ApplianceTest(unittest.TestCase):
    """A test with a running appliance of its own."""

    settings = {}

    def setUp(self):
        self.appliance = Appliance(PROGRAMS, **self.settings)
        self.addCleanup(self.appliance.close)
        self.appliance.start()
