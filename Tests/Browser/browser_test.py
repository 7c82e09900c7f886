#!/usr/bin/env python3
"""Tests the page in a real browser: Chromium, driven headless, against the real daemon.

    browser_test.py                          starts `vitrine run` (VITRINE_BIN names it) in a folder of its own
    browser_test.py --programs FOLDER        the same, with the vitrine and vitrine-decoder of this folder
    browser_test.py --url URL --pin PIN      tests what runs there already, with an empty library
    browser_test.py --screenshot FILE        makes the README's picture instead

Exit code 0 when all passed, 1 otherwise. Needs chromium, chromium-driver and ffmpeg.
"""

import argparse
import pathlib
import sys
import tempfile
import time
import traceback

import screenshot
from appliance import Appliance
from link import Link
from story import Story
from webdriver import Browser, Failure, WebDriverError


def run_story(browser, link, pin, folder):
    story = Story(browser, link, pin, folder)
    passed = failed = 0
    for step in story.steps():
        began = time.monotonic()
        try:
            step()
        except (Failure, WebDriverError) as error:
            failed += 1
            print(f"FAILED  {step.__doc__}\n        {error}", flush=True)
            if step.__name__ in story.indispensable:
                break
        except Exception:
            failed += 1
            print(f"FAILED  {step.__doc__}", flush=True)
            traceback.print_exc(file=sys.stdout)
            break
        else:
            passed += 1
            print(f"ok      {step.__doc__} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed")
    return failed == 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--url")
    arguments.add_argument("--pin")
    arguments.add_argument("--programs", type=pathlib.Path, metavar="FOLDER")
    arguments.add_argument("--screenshot", type=pathlib.Path, metavar="FILE")
    chosen = arguments.parse_args()
    if (chosen.url is None) != (chosen.pin is None):
        arguments.error("--url and --pin belong together")

    def perform(url, pin):
        with tempfile.TemporaryDirectory(prefix="vitrine-browser-") as folder, Browser() as browser:
            if chosen.screenshot:
                screenshot.take(browser, url, pin, pathlib.Path(folder), chosen.screenshot)
                return True
            with Link(url) as link:
                return run_story(browser, link, pin, pathlib.Path(folder))

    try:
        if chosen.url:
            return 0 if perform(chosen.url, chosen.pin) else 1
        with Appliance(chosen.programs) as appliance:
            return 0 if perform(appliance.url, appliance.pin) else 1
    except Failure as failure:
        print(f"0 passed, 1 failed: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
