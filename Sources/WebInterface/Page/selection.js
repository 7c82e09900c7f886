// Several media at once: choosing them, and deleting them.

import { mediumPath, remove } from "./api.js";
import { announce, byId, setText, toast } from "./dom.js";
import { count } from "./words.js";

const selected = new Set();
let selecting = false;
let cards = () => [];
let armed = false;

export const isSelecting = () => selecting;
export const isSelected = (id) => selected.has(id);

export function toggleSelected(id) {
  if (!selected.delete(id)) selected.add(id);
  show();
}

function setSelecting(on) {
  selecting = on;
  selected.clear();
  show();
}

function show() {
  armed = false;
  byId("selection-bar").hidden = !selecting;
  byId("select-mode").setAttribute("aria-pressed", String(selecting));
  setText(byId("select-mode"), selecting ? "Done" : "Select");
  setText(byId("selection-count"), selected.size ? `${selected.size} selected` : "Choose what to delete");
  setText(byId("selection-delete"), "Delete…");
  byId("selection-delete").disabled = selected.size === 0;
  document.documentElement.classList.toggle("selecting", selecting);
  for (const card of cards()) card.setSelected(selecting ? selected.has(card.medium.id) : null);
}

async function deleteSelected(ongone) {
  if (!armed) {
    armed = true;
    setText(byId("selection-delete"), `Delete ${selected.size} for good`);
    announce(`Press again to delete ${count(selected.size, "file")} for good`);
    return;
  }
  const wanted = [...selected];
  setSelecting(false);
  let done = 0, failure = null;
  for (const id of wanted) {
    try {
      await remove(mediumPath(id));
      done += 1;
      ongone(id);
    } catch (problem) {
      if (problem.status === 404) ongone(id);
      else failure = problem;
    }
  }
  if (done) toast(`${count(done, "file")} deleted`);
  if (failure) toast(`Not everything could be deleted. ${failure.message}`, { error: true });
}

export function startSelection({ cards: all, ongone }) {
  cards = all;
  byId("select-mode").addEventListener("click", () => setSelecting(!selecting));
  byId("selection-done").addEventListener("click", () => setSelecting(false));
  byId("selection-delete").addEventListener("click", () => deleteSelected(ongone));
  addEventListener("keydown", (event) => { if (event.key === "Escape" && selecting) setSelecting(false); });
}
