// Keys. They act only where no field, button or sheet wants them.

import { byId } from "./dom.js";
import { next, previous, togglePause } from "./player.js";
import { openSettings } from "./settings.js";
import { isAnyOpen, openSheet } from "./sheets.js";

const openShortcuts = () => openSheet(byId("shortcuts"));

const actions = {
  " ": togglePause,
  ArrowLeft: previous,
  ArrowRight: next,
  u: () => byId("file-input").click(),
  "/": () => byId("search").focus(),
  s: openSettings,
  "?": openShortcuts,
};

function wantsKey(target, key) {
  if (target.closest("input:not([type=file], [type=radio]), textarea, select, [contenteditable]")) return true;
  if (target.closest("input[type=radio]")) return key === " " || key.startsWith("Arrow");
  return key === " " && target.closest("button, a, input, summary") !== null;
}

export function startShortcuts() {
  byId("open-shortcuts").addEventListener("click", openShortcuts);
  byId("search").addEventListener("keydown", (event) => { if (event.key === "Escape") event.target.blur(); });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (byId("app").hidden || isAnyOpen() || wantsKey(event.target, event.key)) return;
    const action = actions[event.key];
    if (!action || (event.repeat && event.key === " ")) return;
    event.preventDefault();
    action();
  });
}
