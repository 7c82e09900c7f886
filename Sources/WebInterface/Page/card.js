// One medium in the grid.

import { mediumPath, url } from "./api.js";
import { element, icon, nameElement, setIcon, setText, visible } from "./dom.js";
import { duration, kind, sentences } from "./words.js";

const stateWords = { processing: "Checking…", rejected: "Refused", set_aside: "Set aside" };

export class Card {
  #picture; #glyph; #badge; #state; #name; #onair; #why;

  constructor(medium, onactivate) {
    this.#picture = element("img", { alt: "", loading: "lazy", decoding: "async" });
    this.#picture.addEventListener("load", () => this.node.classList.add("pictured"));
    this.#picture.addEventListener("error", () => this.node.classList.remove("pictured"));
    this.#glyph = icon("picture");
    this.#badge = element("span", { class: "badge" });
    this.#onair = element("span", { class: "badge on-air" }, "On now");
    this.#state = element("span", { class: "badge state" });
    this.#name = element("span", { class: "card-name" });
    this.#why = element("span", { class: "card-why small" });
    this.button = element("button", { class: "card", type: "button", onclick: () => onactivate(this.medium) },
      element("span", { class: "thumb" }, this.#glyph, this.#picture, this.#badge, this.#onair, this.#state,
        element("span", { class: "tick" }, icon("check"))),
      this.#name, this.#why);
    this.node = element("li", {}, this.button);
    this.render(medium);
  }

  render(medium) {
    this.medium = medium;
    this.node.dataset.state = medium.state;
    this.node.dataset.id = medium.id;
    if (this.#name.dataset.name !== medium.name) {
      this.#name.dataset.name = medium.name;
      this.#name.replaceChildren(nameElement(medium.name));
    }
    setIcon(this.#glyph, medium.state === "rejected" ? "alert" : medium.kind === "video" ? "film" : "picture");
    const shows = medium.state === "ready" || medium.state === "set_aside";
    const source = url(mediumPath(medium.id, "/thumbnail"));
    if (shows && this.#picture.getAttribute("src") !== source) this.#picture.src = source;
    if (!shows) this.#picture.removeAttribute("src");
    const label = [medium.kind === "animation" && "Loop", medium.kind !== "image" && medium.duration_seconds && duration(medium.duration_seconds)]
      .filter(Boolean).join(" ");
    setText(this.#badge, label);
    this.#badge.hidden = !label || !shows;
    this.#state.hidden = medium.state === "ready";
    setText(this.#state, stateWords[medium.state] ?? "");
    const why = medium.state === "ready" || medium.state === "processing" ? "" : sentences(medium.reason);
    setText(this.#why, why);
    this.#why.hidden = !why;
    this.#label();
  }

  /** Whether it is on the screen now. */
  setOnAir(isOnAir) {
    this.node.classList.toggle("is-on-air", isOnAir);
    this.#onair.hidden = !isOnAir;
    this.#label();
  }

  /** null: nothing is being selected now. */
  setSelected(isSelected) {
    if (isSelected === null) this.button.removeAttribute("aria-pressed");
    else this.button.setAttribute("aria-pressed", String(isSelected));
  }

  #label() {
    const { medium } = this;
    const parts = [visible(medium.name), kind(medium), stateWords[medium.state], this.node.classList.contains("is-on-air") && "on the screen now"];
    this.button.setAttribute("aria-label", parts.filter(Boolean).join(", "));
  }
}
