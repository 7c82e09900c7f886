// The settings that the display offers, as a form made from its own description of them.

import { get, patch, post } from "./api.js";
import { announce, byId, element, setText, toast } from "./dom.js";
import { pulse } from "./live.js";
import { closeSheet, openSheet } from "./sheets.js";
import { sentences } from "./words.js";
import { showStatusPanel, stopStatusPanel } from "./status-panel.js";

const dialog = byId("settings");
const fields = new Map();

const choiceWords = {
  contain: "Show it whole", cover: "Fill the screen", blur: "Whole, with blurred sides",
  arrival: "As they arrived", date: "By date", name: "By name", shuffle: "Shuffled",
  crossfade: "Crossfade", cut: "Hard cut", fade_black: "Through black",
};

class Field {
  constructor(setting) {
    this.setting = setting;
    const id = `setting-${setting.key.replaceAll(".", "-")}`;
    this.input = this.#makeInput(setting, id);
    this.input.id = id;
    this.input.name = setting.key;
    this.input.disabled = setting.fixed === true;
    this.input.setAttribute("aria-describedby", `${id}-hint ${id}-problem`);
    this.problem = element("p", { class: "problem small", id: `${id}-problem`, role: "alert" });
    const label = element("label", { for: id }, setting.title || setting.key, setting.unit && element("span", { class: "muted" }, ` (${setting.unit})`));
    this.node = element("div", { class: setting.kind === "bool" ? "field switch-field" : "field" },
      label, this.input, element("p", { class: "muted small", id: `${id}-hint` }, this.#hint()), this.problem);
    this.fill(setting);
  }

  #makeInput({ kind, choices, minimum, maximum, secret }) {
    if (kind === "bool") return element("input", { type: "checkbox", class: "switch", role: "switch" });
    if (kind === "choice") {
      return element("select", {}, ...(choices ?? []).map((choice) => element("option", { value: choice }, choiceWords[choice] ?? choice)));
    }
    if (kind === "integer" || kind === "number") {
      return element("input", { type: "number", min: minimum, max: maximum, step: kind === "integer" ? "1" : "any", inputmode: kind === "integer" ? "numeric" : "decimal" });
    }
    return element("input", { type: secret ? "password" : "text", autocomplete: secret ? "new-password" : "off", spellcheck: "false" });
  }

  #hint() {
    const { summary, fixed, origin, needs_restart: needsRestart, secret } = this.setting;
    return sentences(summary,
      fixed ? `Set by ${originWords(origin)}, so it cannot be changed here` : originNote(origin),
      needsRestart && "Changes take effect after a restart", secret && "It is never shown; type a new one to change it");
  }

  fill(setting) {
    this.setting = setting;
    const { kind, value } = setting;
    if (kind === "bool") this.input.checked = value === true;
    else if (kind === "list") this.input.value = (value ?? []).join(", ");
    else this.input.value = value ?? "";
    this.before = this.raw;
    setText(this.node.querySelector("p"), this.#hint());
    this.complain("");
  }

  get raw() { return this.setting.kind === "bool" ? String(this.input.checked) : this.input.value; }
  get isChanged() { return this.raw !== this.before; }

  get value() {
    switch (this.setting.kind) {
    case "bool": return this.input.checked;
    case "integer": case "number": return this.input.value === "" ? null : Number(this.input.value);
    case "list": return this.input.value.split(",").map((part) => part.trim()).filter(Boolean);
    default: return this.input.value;
    }
  }

  /** What is wrong with it, as far as the page can know; "" when nothing. */
  get fault() {
    const { minimum, maximum, kind } = this.setting;
    const { validity } = this.input;
    if (validity.badInput) return "This is no number.";
    if (validity.stepMismatch && kind === "integer") return "A whole number, please.";
    if (validity.rangeUnderflow || validity.rangeOverflow) {
      return maximum === undefined ? `At least ${minimum}.` : minimum === undefined ? `At most ${maximum}.` : `From ${minimum} to ${maximum}.`;
    }
    return "";
  }

  complain(text) {
    setText(this.problem, text);
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }
}

const originWords = (origin) => ({ environment: "the environment", "command line": "the command line" })[origin] ?? origin;
const originNote = (origin) => (origin && origin !== "default" ? `Set in ${originWords(origin)}` : "");

function showDocument({ settings, faults }) {
  if (settings.some((setting) => !fields.has(setting.key))) {
    fields.clear();
    for (const setting of settings) fields.set(setting.key, new Field(setting));
    byId("settings-fields").replaceChildren(...[...fields.values()].map((field) => field.node));
  } else {
    for (const setting of settings) fields.get(setting.key).fill(setting);
  }
  setText(byId("settings-problem"), (faults ?? []).map((fault) => sentences(`${fault.key}: ${fault.detail}`, fault.suggestion)).join(" "));
  noticeChanges();
}

function noticeChanges() {
  byId("settings-save").disabled = ![...fields.values()].some((field) => field.isChanged);
}

async function save(event) {
  event.preventDefault();
  const changed = [...fields.values()].filter((field) => field.isChanged);
  for (const field of fields.values()) field.complain(field.isChanged ? field.fault : "");
  const faulty = changed.find((field) => field.fault);
  if (faulty) return faulty.input.focus();
  try {
    const answer = await patch("/config", Object.fromEntries(changed.map((field) => [field.setting.key, field.value])));
    showDocument(answer?.settings ? answer : await get("/config"));
    toast(changed.some((field) => field.setting.needs_restart) ? "Saved. Some of it takes effect after a restart." : "Saved");
    pulse();
  } catch (problem) {
    showFaults(problem);
  }
}

function showFaults(problem) {
  let first = null;
  const rest = [];
  for (const { key, detail, suggestion } of problem.errors ?? []) {
    const field = fields.get(key);
    if (!field) { rest.push(sentences(detail, suggestion)); continue; }
    field.complain(sentences(detail, suggestion));
    first ??= field;
  }
  setText(byId("settings-problem"), first ? rest.join(" ") : problem.message);
  first?.input.focus();
}

export async function openSettings() {
  openSheet(dialog, { onclose: stopStatusPanel });
  armErasing(false);
  showStatusPanel();
  setText(byId("settings-problem"), "");
  try {
    showDocument(await get("/config"));
  } catch (problem) {
    setText(byId("settings-problem"), problem.message);
  }
}

async function showPIN() {
  try {
    await post("/claim/pin");
    toast("Look at the screen: the PIN is there.");
  } catch (problem) {
    toast(problem.message, { error: true });
  }
}

let eraseArmed = false;

function armErasing(armed) {
  eraseArmed = armed;
  setText(byId("erase-everything"), armed ? "Erase everything for good" : "Erase everything…");
}

async function eraseEverything() {
  if (!eraseArmed) {
    armErasing(true);
    announce("Press again to erase everything for good");
    return;
  }
  armErasing(false);
  try {
    await post("/system/erase-data");
    closeSheet(dialog);
    toast("Everything is being erased. The screen shows a new PIN in a moment.");
  } catch (problem) {
    toast(problem.message, { error: true });
  }
}

export function startSettings() {
  byId("show-pin").addEventListener("click", showPIN);
  byId("erase-everything").addEventListener("click", eraseEverything);
  byId("open-settings").addEventListener("click", openSettings);
  byId("settings-form").addEventListener("submit", save);
  byId("settings-form").addEventListener("input", (event) => {
    fields.get(event.target.name)?.complain("");
    noticeChanges();
  });
}
