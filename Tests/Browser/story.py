"""A first evening with the display, step by step. The steps build on one another."""

import pathlib

import test_media
from visitor import PATIENCE, Visitor
from webdriver import Failure, until

PLACES = {"upper left": (.25, .25), "upper right": (.75, .25), "lower right": (.75, .75), "lower left": (.25, .75)}
SPACE, RIGHT, ENTER = "\ue00d", "\ue014", "\ue007"
WILD_NAME = "</bdi><img src=x onerror=\"window.wasFooled=1\"> 'q' \n ../../etc שלום 🎈.png"


def expect(condition, otherwise):
    if not condition:
        raise Failure(otherwise)


def close_to(colours, wanted, tolerance=32):
    return bool(colours) and all(abs(a - b) <= tolerance for one, two in zip(colours, wanted) for a, b in zip(one, two))


class Story:
    indispensable = {"claims_with_the_pin", "uploads_with_progress"}

    def __init__(self, browser, link, pin, folder: pathlib.Path):
        self.browser = browser
        self.link = link
        self.visitor = Visitor(browser, link.url)
        self.pin = pin
        self.photo = test_media.photo(folder / "Four colours.jpg")
        self.loop = test_media.loop(folder / "Wandering square.gif")
        self.clip = test_media.clip(folder / "Clip.mp4")
        self.large = test_media.photo(folder / "Long way.jpg", noise=60, quality=1)
        self.larger = test_media.photo(folder / "Longer way.jpg", noise=70, quality=1)
        self.list = test_media.no_media(folder / "Not a film.mp4")
        self.tiny = test_media.photo(folder / "tiny.jpg", noise=0, quality=20).read_bytes()
        self.late = test_media.photo(folder / "late.jpg", noise=0, quality=30).read_bytes()

    def steps(self):
        return [
            self.explains_a_wrong_pin, self.claims_with_the_pin, self.invites_to_drop_files, self.uploads_with_progress,
            self.shows_thumbnails, self.shows_a_photo_live, self.shows_a_loop_by_keyboard, self.pauses_with_the_space_key,
            self.goes_on_after_a_lost_connection, self.goes_on_after_a_reload, self.says_why_it_refuses,
            self.takes_any_name, self.lists_while_much_happens, self.finds_by_name, self.renames, self.changes_a_setting,
            self.names_every_control, self.fits_a_phone, self.tells_of_a_lost_connection, self.deletes, self.deletes_several, self.keeps_the_console_quiet,
        ]

    def explains_a_wrong_pin(self):
        """a wrong PIN is explained in words"""
        self.browser.set_size(1280, 900)
        self.browser.open(self.link.url)
        until(lambda: self.browser.is_visible("#claim"), "the page asks for the PIN")
        self.browser.type("#pin", "000000" if self.pin != "000000" else "111111")
        text = until(lambda: self.browser.text("#claim-problem"), "a problem is shown")
        expect("PIN" in text, f"it does not speak of the PIN: {text}")
        expect(self.browser.is_visible("#claim"), "the claim screen is gone")

    def claims_with_the_pin(self):
        """the right PIN opens the page, and its session is out of reach for scripts"""
        self.browser.clear("#pin")
        self.browser.type("#pin", self.pin)
        until(lambda: self.browser.is_visible("#app"), "the page opens")
        expect(self.browser.run("return document.cookie") == "", "a script can read the cookie")

    def invites_to_drop_files(self):
        """an empty library invites to add files"""
        until(lambda: self.browser.is_visible("#library-empty"), "the invitation is there")
        until(lambda: self.browser.run("return document.querySelector('#live').naturalWidth > 0"), "the welcome screen is live")

    def uploads_with_progress(self):
        """a photo and a GIF go up through the file input, and their progress is seen"""
        self.visitor.watch_progress()
        self.link.upload_rate = 700_000
        self.visitor.pick(self.photo, self.loop)
        until(lambda: any(0 < each < 100 for each in self.visitor.seen_progress()), "progress between 0 and 100 %")
        self.link.upload_rate = None
        for path in (self.photo, self.loop):
            until(lambda: self.visitor.state_of(path.name) == "ready", f"{path.name} is ready", PATIENCE)
        until(lambda: "Ready" in self.visitor.seen_texts(), "the list of uploads says so", PATIENCE)
        expect(any(" of " in text and "B" in text for text in self.visitor.seen_texts()), "no bytes were told")

    def shows_thumbnails(self):
        """thumbnails appear in the library, newest first, with their kind told"""
        for medium in self.visitor.media():
            until(lambda: self.visitor.is_pictured(medium["id"]), f"a thumbnail of {medium['name']}", PATIENCE)
        loop = self.visitor.medium(self.loop.name)
        expect(loop["kind"] == "animation", f"the GIF is taken for: {loop['kind']}")
        label = self.browser.run("return document.querySelector(arguments[0]).ariaLabel", self.visitor.card(loop["id"]))
        expect("Animation" in label, f"its tile is called {label}")

    def shows_a_photo_live(self):
        """“Show now” brings a photo to the screen, and the live view and the snapshot show its colours"""
        photo = self.visitor.medium(self.photo.name)
        self.visitor.open_details(photo["id"])
        self.browser.click("#details-show")
        until(lambda: not self.browser.find_all("dialog[open]"), "the sheet closes by itself")
        until(lambda: self.browser.text("#now-name") == photo["name"], "the page tells what is on", PATIENCE)
        # It stays while it is looked at.
        self.visitor.ask("POST", "/player/pause")
        wanted = [test_media.QUARTERS[name] for name in PLACES]
        points = list(PLACES.values())
        for what, look in (("snapshot", self.visitor.snapshot_colours), ("live view", self.visitor.live_colours)):
            last = []
            def matches():
                last[:] = [look(points)]
                return close_to(last[0], wanted)
            try:
                until(matches, f"the {what} shows the photo", PATIENCE)
            except Failure as failure:
                raise Failure(f"{failure}; wanted {wanted}, found {last[0]}") from None
        self.visitor.ask("POST", "/player/resume")

    def shows_a_loop_by_keyboard(self):
        """a GIF is shown with the keyboard alone"""
        loop = self.visitor.medium(self.loop.name)
        self.browser.run("document.querySelector(arguments[0]).focus()", self.visitor.card(loop["id"]))
        self.browser.press(ENTER)
        until(lambda: self.browser.is_visible("#details"), "the details open")
        self.browser.run("document.querySelector('#details-show').focus()")
        self.browser.press(ENTER)
        until(lambda: self.visitor.player().get("current", {}).get("id") == loop["id"], "the GIF is on", PATIENCE)
        until(lambda: close_to(self.visitor.live_colours([(.5, .6)]), [test_media.LOOP]), "the live view shows it", PATIENCE)
        until(lambda: self.browser.is_visible(f'{self.visitor.card(loop["id"])} .on-air'), "its tile says that it is on")

    def pauses_with_the_space_key(self):
        """the space key pauses and goes on, and → goes to the next"""
        self.visitor.leave_fields()
        self.browser.press(SPACE)
        until(lambda: self.visitor.player()["state"] == "paused", "the player is paused")
        until(lambda: self.browser.run("return document.querySelector('#play-pause').ariaLabel") == "Play", "the button says Play")
        self.browser.press(SPACE)
        until(lambda: self.visitor.player()["state"] == "playing", "the player goes on")
        before = self.visitor.player()["current"]["id"]
        self.browser.press(RIGHT)
        until(lambda: self.visitor.player()["current"]["id"] != before, "another one is on")

    def goes_on_after_a_lost_connection(self):
        """an upload whose connection is lost waits, says so, and goes on by itself"""
        self.visitor.watch_progress()
        self.link.upload_rate = 1_500_000
        self.visitor.pick(self.large)
        until(lambda: any(0 < each < 90 for each in self.visitor.seen_progress()), "it is on its way")
        self.link.cut()
        until(lambda: (self.visitor.upload_row(self.large.name) or {}).get("state") == "waiting", "it waits", PATIENCE)
        expect("by itself" in self.visitor.upload_row(self.large.name)["text"], "it does not say that it goes on")
        self.link.upload_rate = None
        self.link.mend()
        until(lambda: self.visitor.state_of(self.large.name) == "ready", "it arrived", PATIENCE)

    def goes_on_after_a_reload(self):
        """an upload goes on where it was when the same file is picked again after a reload"""
        self.link.upload_rate = 1_000_000
        self.visitor.pick(self.larger)
        stored = "return fetch(JSON.parse(localStorage.getItem(Object.keys(localStorage).find((key) => key.includes('Longer')) ?? '') ?? '{}').path, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } }).then((answer) => Number(answer.headers.get('Upload-Offset')))"
        until(lambda: (self.visitor.upload_row(self.larger.name) or {}).get("state") == "sending", "it is on its way")
        until(lambda: self.browser.run(stored) > 0, "some of it is kept", PATIENCE)
        self.browser.reload()
        until(lambda: (self.visitor.upload_row(self.larger.name) or {}).get("state") == "unfinished", "the page remembers it")
        kept = self.browser.run(stored)
        self.visitor.watch_progress()
        self.link.upload_rate = None
        self.visitor.pick(self.larger)
        until(lambda: self.visitor.state_of(self.larger.name) == "ready", "it arrived", PATIENCE)
        least = 100 * kept / self.larger.stat().st_size
        after = [each for each in self.visitor.seen_progress() if each > 0]
        expect(after and min(after) >= int(least), f"it began again: {min(after, default=0)} %, {least:.0f} % were there")

    def says_why_it_refuses(self):
        """a file that is no media is refused with a reason"""
        self.visitor.pick(self.list)
        row = until(
            lambda: (found := self.visitor.upload_row(self.list.name)) and found["state"] == "refused" and found,
            "the upload is refused", PATIENCE)
        expect(len(row["text"]) > 20 and "undefined" not in row["text"], f"the reason says little: {row['text']}")

    def takes_any_name(self):
        """a dropped file may be called anything; its name is shown and does nothing"""
        self.visitor.drop(WILD_NAME, self.tiny)
        medium = until(lambda: next((each for each in self.visitor.media() if "wasFooled" in each["name"]), None), "it is listed", PATIENCE)
        until(lambda: self.visitor.state_of(medium["name"]) == "ready", "it is ready", PATIENCE)
        until(lambda: self.visitor.is_pictured(medium["id"]), "its thumbnail is there", PATIENCE)
        shown = self.browser.text(f'{self.visitor.card(medium["id"])} bdi')
        expect("onerror" in shown and "\n" not in shown, f"it is shown as {shown!r}")
        expect(medium["name"] == WILD_NAME, f"its name became {medium['name']!r}")
        expect(self.browser.run("return window.wasFooled === undefined"), "a name was run as a script")

    def lists_while_much_happens(self):
        """what comes is listed while other things keep happening"""
        self.browser.run("""
            return import("/bus.js").then((bus) => { window.storm = setInterval(() => bus.emit("library-changed"), 100); });
            """)
        try:
            self.visitor.drop("late.jpg", self.late)
            until(lambda: self.browser.run(
                'return [...document.querySelectorAll("#grid bdi")].some((each) => each.textContent.includes("late"))'),
                "it is listed", PATIENCE)
        finally:
            self.browser.run("clearInterval(window.storm)")

    def finds_by_name(self):
        """the search finds by name, and says when it finds nothing"""
        self.visitor.leave_fields()
        self.browser.press("/")
        self.browser.type("#search", "square")
        until(lambda: len(self.browser.find_all("#grid > li")) == 1, "one tile is left")
        self.browser.clear("#search")
        self.browser.type("#search", "no such name")
        until(lambda: self.browser.text("#empty-title") == "Nothing found", "it says that nothing was found")
        self.browser.clear("#search")
        self.browser.type("#search", " ")
        until(lambda: len(self.browser.find_all("#grid > li")) == len(self.visitor.media()), "all tiles are back")

    def renames(self):
        """a medium gets another name"""
        medium = self.visitor.medium(self.loop.name)
        self.visitor.open_details(medium["id"])
        self.browser.clear("#details-rename")
        self.browser.type("#details-rename", "Ein Quadrat, das wandert.gif")
        self.browser.click("#details-save")
        until(lambda: self.visitor.medium("Ein Quadrat, das wandert.gif"), "the display knows the new name")
        until(lambda: self.browser.text(f'{self.visitor.card(medium["id"])} bdi') == "Ein Quadrat, das wandert.gif", "its tile shows it")
        self.visitor.close_sheets()

    def changes_a_setting(self):
        """a setting is changed, and a value that makes no sense is explained beside it"""
        self.browser.click("#open-settings")
        field = "#setting-playback-photo_seconds"
        until(lambda: self.browser.is_visible(field), "the setting is there")
        self.browser.clear(field)
        self.browser.type(field, "0")
        self.browser.click("#settings-save")
        until(lambda: self.browser.text(f"{field}-problem"), "the problem is told beside the field")
        self.browser.clear(field)
        self.browser.type(field, "25")
        self.browser.click("#settings-save")
        def value():
            return next(each["value"] for each in self.visitor.ask("GET", "/config")["settings"] if each["key"] == "playback.photo_seconds")
        until(lambda: value() == 25, "the display has the new value")
        until(lambda: "Version" in self.browser.text("#status-panel"), "the status is told")
        self.visitor.close_sheets()

    def names_every_control(self):
        """every control has a name, on the page and in its sheets"""
        def check(where):
            unnamed = self.visitor.unnamed_controls()
            expect(not unnamed, f"{where}: {len(unnamed)} without a name: {unnamed[:3]}")
        check("the page")
        self.visitor.open_details(self.visitor.medium(self.photo.name)["id"])
        check("details")
        self.visitor.close_sheets()
        self.browser.click("#open-settings")
        self.browser.find("#settings-fields input")
        check("settings")
        self.visitor.close_sheets()
        self.visitor.leave_fields()
        self.browser.press("?")
        until(lambda: self.browser.is_visible("#shortcuts"), "? lists the keys")
        check("shortcuts")
        self.visitor.close_sheets()

    def fits_a_phone(self):
        """on a narrow phone nothing sticks out, and everything is large enough to touch"""
        self.browser.set_size(360, 740, touch=True)
        width = self.browser.run("return document.documentElement.scrollWidth")
        expect(width <= 360, f"the page is {width} pixels wide")
        expect(not (small := self.visitor.small_targets()), f"too small to touch: {small}")
        self.visitor.open_details(self.visitor.medium(self.photo.name)["id"])
        expect(not (small := self.visitor.small_targets()), f"too small to touch in the details: {small}")
        self.browser.back()
        until(lambda: not self.browser.find_all("dialog[open]"), "going back closes the sheet")
        self.browser.set_size(1280, 900)

    def tells_of_a_lost_connection(self):
        """a lost connection is told, and recovers by itself"""
        self.link.cut()
        until(lambda: self.browser.is_visible("#connection-banner"), "the banner is there", 30)
        self.link.mend()
        until(lambda: not self.browser.is_visible("#connection-banner"), "the banner goes", 30)
        until(lambda: self.visitor.live_colours([(.5, .5)]), "the live view is back", 30)

    def deletes(self):
        """a deleted medium is gone from page and display"""
        medium = self.visitor.medium(self.photo.name)
        self.visitor.open_details(medium["id"])
        self.browser.click("#details-delete")
        self.browser.click("#confirm-yes")
        until(lambda: not self.browser.find_all(self.visitor.card(medium["id"])), "its tile is gone")
        expect(self.visitor.medium(self.photo.name) is None, "the display still has it")

    def deletes_several(self):
        """several are chosen and deleted at once, until the library is empty"""
        self.browser.click("#select-mode")
        for medium in self.visitor.media():
            self.browser.click(self.visitor.card(medium["id"]))
        self.browser.click("#selection-delete")
        until(lambda: "for good" in self.browser.text("#selection-delete"), "it asks again")
        self.browser.click("#selection-delete")
        until(lambda: not self.visitor.media(), "the library is empty")
        until(lambda: self.browser.is_visible("#library-empty"), "the invitation is back")

    def keeps_the_console_quiet(self):
        """no script failed, and nothing broke the content security policy"""
        bad = [each["message"] for each in self.browser.console()
               if each["source"] in ("javascript", "security") or "Content Security Policy" in each["message"]]
        expect(not bad, "; ".join(bad[:3]))
