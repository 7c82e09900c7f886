"""What a person does with the page, and what the page's own session may ask the display."""

import base64
import json
import urllib.parse

from webdriver import Failure, until

# Time enough for a slow machine that decodes without help.
PATIENCE = 60


class Visitor:
    def __init__(self, browser, url):
        self.browser = browser
        self.url = url

    def claim(self, pin):
        self.browser.open(self.url)
        until(lambda: self.browser.is_visible("#claim"), "the page asks for the PIN")
        self.browser.type("#pin", pin)
        until(lambda: self.browser.is_visible("#app"), "the page opens")

    def ask(self, method, path, body=None):
        """A call of the API, made in the page with the page's session."""
        answer = self.browser.run("""
            const [method, path, body] = arguments;
            const options = { method, headers: body === null ? {} : { "Content-Type": "application/json" } };
            if (body !== null) options.body = body;
            return fetch("/api/v1" + path, options).then(async (answer) => ({ status: answer.status, text: await answer.text() }));
            """, method, path, None if body is None else json.dumps(body))
        if answer["status"] >= 400:
            raise Failure(f"{method} {path}: {answer['status']} {answer['text']}")
        return json.loads(answer["text"]) if answer["text"] else None

    def media(self):
        return self.ask("GET", "/media?limit=200")["items"]

    def medium(self, name):
        return next((each for each in self.media() if each["name"] == name), None)

    def state_of(self, name):
        medium = self.medium(name)
        return medium and medium["state"]

    def player(self):
        return self.ask("GET", "/status")["player"]

    # The page

    def pick(self, *paths):
        """Through the file input, as the file dialog would."""
        self.browser.type("#file-input", "\n".join(str(path) for path in paths))

    def drop(self, name, content):
        """Drops a file of any name on the page, those that no file system takes included."""
        self.browser.run("""
            const [name, content] = arguments;
            const transfer = new DataTransfer();
            transfer.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name));
            for (const type of ["dragenter", "dragover", "drop"]) {
              document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
            }
            """, name, base64.b64encode(content).decode())

    def watch_progress(self):
        """Keeps every percentage and every text that the list of uploads shows from now on."""
        self.browser.run("""
            window.seenProgress = []; window.seenTexts = [];
            const look = () => {
              for (const bar of document.querySelectorAll("#upload-list [role=progressbar]")) seenProgress.push(Number(bar.ariaValueNow));
              for (const text of document.querySelectorAll(".upload-text")) if (seenTexts.at(-1) !== text.textContent) seenTexts.push(text.textContent);
            };
            new MutationObserver(look).observe(document.querySelector("#upload-list"),
              { subtree: true, childList: true, attributes: true, characterData: true });
            """)

    def seen_progress(self):
        return self.browser.run("return seenProgress")

    def seen_texts(self):
        return self.browser.run("return seenTexts")

    def upload_row(self, name):
        """State and text of one line of the list of uploads; None when it is not there."""
        return self.browser.run("""
            const row = [...document.querySelectorAll(".upload")].find((each) => each.querySelector("bdi").textContent === arguments[0]);
            return row && { state: row.dataset.state, text: row.querySelector(".upload-text").textContent };
            """, name)

    def card(self, medium_id):
        return f'#grid li[data-id="{medium_id}"] .card'

    def is_pictured(self, medium_id):
        """Whether its thumbnail is in the grid and has come; brings it into view, since pictures come lazily."""
        return self.browser.run("""
            const image = document.querySelector(arguments[0])?.querySelector("img");
            image?.scrollIntoView({ block: "nearest" });
            return Boolean(image?.complete && image.naturalWidth > 0);
            """, self.card(medium_id))

    def open_details(self, medium_id):
        self.browser.click(self.card(medium_id))
        until(lambda: self.browser.is_visible("#details"), "the details open")

    def close_sheets(self):
        for _ in range(4):
            if not self.browser.find_all("dialog[open]"):
                break
            self.browser.press("\ue00c")
        until(lambda: not self.browser.find_all("dialog[open]"), "the sheet closes")

    def leave_fields(self):
        self.browser.run("document.activeElement?.blur(); window.scrollTo(0, 0)")

    # Pictures

    def live_colours(self, points):
        """Colours of the live picture at these places (0 to 1), read back from a canvas; None while there is none."""
        return self.browser.run("""
            const live = document.querySelector("#live");
            if (!live.naturalWidth) return null;
            const canvas = document.createElement("canvas");
            canvas.width = live.naturalWidth; canvas.height = live.naturalHeight;
            const context = canvas.getContext("2d");
            context.drawImage(live, 0, 0);
            return arguments[0].map(([x, y]) => [...context.getImageData(x * canvas.width, y * canvas.height, 1, 1).data].slice(0, 3));
            """, points)

    def snapshot_colours(self, points):
        return self.browser.run("""
            const points = arguments[0];
            return fetch("/api/v1/display/snapshot.png").then((answer) => answer.blob()).then(createImageBitmap).then((picture) => {
              const canvas = document.createElement("canvas");
              canvas.width = picture.width; canvas.height = picture.height;
              const context = canvas.getContext("2d");
              context.drawImage(picture, 0, 0);
              return points.map(([x, y]) => [...context.getImageData(x * canvas.width, y * canvas.height, 1, 1).data].slice(0, 3));
            });
            """, points)

    # Access for everybody

    def unnamed_controls(self):
        """Controls without a name, as a screen reader would find them."""
        roles = {
            "button", "link", "textbox", "searchbox", "spinbutton", "combobox", "checkbox", "switch", "radio", "dialog",
            "progressbar", "listbox", "slider", "image", "img",
        }
        tree = self.browser.cdp("Accessibility.getFullAXTree")["nodes"]
        return [
            f"{node['role']['value']} {node.get('properties', '')}" for node in tree
            if not node.get("ignored") and node.get("role", {}).get("value") in roles
            and not node.get("name", {}).get("value", "").strip()
        ]

    def small_targets(self):
        """What can be touched and is smaller than 44 by 44 pixels."""
        return self.browser.run("""
            const root = document.querySelector("dialog[open]") ?? document;
            return [...root.querySelectorAll("button, a, input, select")].filter((each) => each.checkVisibility({ checkOpacity: false }))
              .map((each) => each.closest("label") ?? each)
              .filter((each) => { const box = each.getBoundingClientRect(); return box.width > 0 && (box.width < 43.5 || box.height < 43.5); })
              .filter((each) => !each.matches(".skip"))
              .map((each) => (each.id || each.className || each.tagName) + " " + each.textContent.trim());
            """)

    @staticmethod
    def quote(text):
        return urllib.parse.quote(text, safe="")
