// The sheet of one medium: look at it, show it, rename it, fetch it, delete it.

import { get, mediumPath, patch, post, remove, url } from "./api.js";
import { emit, on } from "./bus.js";
import { announce, byId, nameElement, setText, toast, visible } from "./dom.js";
import { show } from "./player.js";
import { closeSheet, openSheet } from "./sheets.js";
import { facts, sentences } from "./words.js";

const dialog = byId("details");
const preview = byId("details-preview");
let medium = null;

// What every browser shows by itself, and is small enough to send to a phone for a look.
const previewLimit = 12_000_000;
const isViewable = (each) => ["image", "animation"].includes(each.kind) && each.size_bytes < previewLimit
  && /\.(jpe?g|png|gif|webp|avif|bmp|svg)$/i.test(each.name);

export function openDetails(chosen) {
  medium = null;
  hold(chosen, { fill: true });
  confirmDelete(false);
  openSheet(dialog, { onclose: () => { preview.removeAttribute("src"); medium = null; } });
  get(mediumPath(chosen.id), { quiet: true }).then((fresh) => {
    if (medium?.id === fresh.id) hold(fresh);
  }, (problem) => { if (problem.status === 404) leave(chosen.id); });
}

function hold(fresh, { fill = false } = {}) {
  const isNew = medium?.id !== fresh.id;
  medium = fresh;
  byId("details-name").replaceChildren(nameElement(medium.name));
  setText(byId("details-facts"), facts(medium));
  const plays = medium.state === "ready" || medium.state === "set_aside";
  if (isNew || preview.dataset.state !== medium.state) showPreview(plays);
  preview.dataset.state = medium.state;
  showNotice();
  byId("details-show").hidden = medium.state !== "ready";
  byId("details-retry").hidden = medium.state !== "set_aside";
  byId("details-download").hidden = medium.state === "rejected";
  byId("details-download").href = `${url(mediumPath(medium.id, "/file"))}?download=1`;
  byId("details-download").download = medium.name;
  byId("details-form").hidden = medium.state === "rejected";
  byId("details-seconds-field").hidden = medium.kind !== "image";
  if (fill) fillForm();
}

function showPreview(plays) {
  byId("details-placeholder").toggleAttribute("hidden", plays);
  preview.hidden = !plays;
  preview.alt = `Preview of ${visible(medium.name)}`;
  if (!plays) return preview.removeAttribute("src");
  const { id } = medium;
  preview.src = url(mediumPath(id, "/thumbnail"));
  if (!isViewable(medium)) return;
  const full = new Image();
  full.onload = () => { if (medium?.id === id) preview.src = full.src; };
  full.src = url(mediumPath(id, "/file"));
}

function showNotice() {
  const heading = { processing: "It is being checked.", rejected: "The display refused it.", set_aside: "It is set aside and not played for now." }[medium.state] ?? "";
  const text = [heading, sentences(medium.reason, medium.suggestion)].filter(Boolean).join(" ");
  byId("details-notice").hidden = !text;
  byId("details-notice").dataset.state = medium.state;
  setText(byId("details-notice"), text);
}

// --- name and seconds

const nameField = byId("details-rename");
const secondsField = byId("details-seconds");
let shownName = "";

function fillForm() {
  nameField.value = medium.name;
  shownName = nameField.value;
  secondsField.value = medium.photo_seconds ?? "";
  setText(byId("details-problem"), "");
  byId("details-save").disabled = true;
}

/** What the person changed, or null where it makes no sense; the problem is shown. */
function changes() {
  const changed = {};
  const name = nameField.value.trim();
  // A text field drops newlines; an untouched name keeps them.
  if (nameField.value !== shownName) changed.name = name;
  if (medium.kind === "image") {
    const seconds = secondsField.value === "" ? null : Number(secondsField.value);
    if (secondsField.validity.badInput || (seconds !== null && !(seconds >= 0.5 && seconds <= 86400))) {
      return fail("Seconds on the screen: from half a second to a day (86400), or nothing.", secondsField);
    }
    if (seconds !== (medium.photo_seconds ?? null)) changed.photo_seconds = seconds;
  }
  if (changed.name === "") return fail("A name needs at least one character.", nameField);
  return changed;
}

function fail(text, field) {
  setText(byId("details-problem"), text);
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
  return null;
}

async function save(event) {
  event.preventDefault();
  const changed = changes();
  if (!changed) return;
  try {
    if (Object.keys(changed).length) {
      const fresh = await patch(mediumPath(medium.id), changed);
      if (fresh?.id) { emit("medium", fresh); hold(fresh, { fill: true }); }
    }
    byId("details-save").disabled = true;
    toast("Saved");
  } catch (problem) {
    fail(problem.message);
  }
}

// --- what can be done with it

function confirmDelete(ask) {
  byId("details-delete").hidden = ask;
  byId("details-confirm").hidden = !ask;
  if (ask) {
    byId("confirm-no").focus();
    announce(byId("confirm-text").textContent);
  }
}

async function deleteIt() {
  const { id, name } = medium;
  try {
    await remove(mediumPath(id));
    leave(id);
    toast(`“${visible(name)}” is deleted`);
  } catch (problem) {
    if (problem.status === 404) leave(id);
    else toast(problem.message, { error: true });
  }
}

function leave(id) {
  if (medium?.id === id) closeSheet(dialog);
  emit("medium-gone", id);
}

async function retry() {
  try {
    const fresh = await post(mediumPath(medium.id, "/retry"));
    if (fresh?.id) { emit("medium", fresh); hold(fresh); }
    toast("It is tried again");
  } catch (problem) {
    toast(problem.message, { error: true });
  }
}

export function startDetails() {
  byId("details-show").addEventListener("click", async () => {
    if (await show(medium.id)) { closeSheet(dialog); announce("On the screen now"); }
  });
  byId("details-retry").addEventListener("click", retry);
  byId("details-form").addEventListener("submit", save);
  byId("details-form").addEventListener("input", (event) => {
    event.target.removeAttribute("aria-invalid");
    setText(byId("details-problem"), "");
    byId("details-save").disabled = false;
  });
  byId("details-delete").addEventListener("click", () => confirmDelete(true));
  byId("confirm-no").addEventListener("click", () => { confirmDelete(false); byId("details-delete").focus(); });
  byId("confirm-yes").addEventListener("click", deleteIt);
  on("medium", (fresh) => { if (medium?.id === fresh.id) hold(fresh); });
  on("medium-gone", (id) => { if (medium?.id === id) closeSheet(dialog); });
}
