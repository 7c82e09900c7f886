// One line of the list of uploads.

import { element, icon, nameElement, setIcon, setText, visible } from "./dom.js";
import { bytes } from "./words.js";

const icons = {
  queued: "wait", sending: "up", waiting: "wait", paused: "pause", unfinished: "wait",
  checking: "wait", ready: "check", refused: "alert", failed: "alert",
};

export class UploadRow {
  #item; #actions; #fill; #bar; #text; #icon; #buttons;

  constructor(item, actions) {
    this.#item = item;
    this.#actions = actions;
    this.#icon = icon("wait");
    this.#fill = element("span");
    this.#bar = element("div", {
      class: "bar", role: "progressbar", "aria-label": `Upload of ${visible(item.name)}`, "aria-valuemin": "0", "aria-valuemax": "100",
    }, this.#fill);
    this.#text = element("p", { class: "small muted upload-text" });
    this.#buttons = element("div", { class: "upload-buttons" });
    this.node = element("li", { class: "upload" },
      this.#icon,
      element("div", { class: "upload-body" }, element("p", { class: "upload-name" }, nameElement(item.name)), this.#bar, this.#text),
      this.#buttons);
  }

  render() {
    const item = this.#item;
    this.node.dataset.state = item.state;
    setIcon(this.#icon, icons[item.state]);
    this.#bar.hidden = item.isOver;
    this.#showButtons();
    this.renderProgress();
  }

  renderProgress() {
    const item = this.#item;
    const part = item.size ? item.sent / item.size : 0;
    this.#fill.style.transform = `scaleX(${part})`;
    this.#bar.setAttribute("aria-valuenow", String(Math.floor(part * 100)));
    setText(this.#text, item.message || this.#progressText());
  }

  #progressText() {
    const item = this.#item;
    if (item.state === "queued") return `${bytes(item.size)} · waiting for its turn`;
    return [`${bytes(item.sent)} of ${bytes(item.size)}`, item.left].filter(Boolean).join(" · ");
  }

  // Buttons stay in place while their meaning stays, so that a focused one keeps the focus.
  #showButtons() {
    const { pause, resume, cancel, retry, dismiss, choose } = this.#actions;
    const wanted = {
      queued: [["Cancel", "close", cancel]],
      sending: [["Pause", "pause", pause], ["Cancel", "close", cancel]],
      waiting: [["Pause", "pause", pause], ["Cancel", "close", cancel]],
      paused: [["Resume", "play", resume], ["Cancel", "close", cancel]],
      unfinished: [["Choose again", "add", choose], ["Discard", "close", cancel]],
      checking: [],
      ready: [["Dismiss", "close", dismiss]],
      refused: [["Dismiss", "close", dismiss]],
      failed: [["Retry", "retry", retry], ["Dismiss", "close", dismiss]],
    }[this.#item.state];
    const signature = wanted.map(([label]) => label).join();
    if (this.#buttons.dataset.labels === signature) return;
    const hadFocus = this.#buttons.contains(document.activeElement);
    this.#buttons.dataset.labels = signature;
    this.#buttons.replaceChildren(...wanted.map(([label, glyph, run]) => element("button", {
      class: "quiet round small-round", type: "button", title: label,
      "aria-label": `${label}: ${visible(this.#item.name)}`, onclick: () => run(this.#item),
    }, icon(glyph))));
    if (hadFocus) this.#buttons.querySelector("button")?.focus();
  }
}
