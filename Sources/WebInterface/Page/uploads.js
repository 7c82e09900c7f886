// The queue of files on their way, and what became of each.

import { Problem, get, mediumPath } from "./api.js";
import { emit, on, waitOr } from "./bus.js";
import { announce, byId, setText, visible } from "./dom.js";
import { Stopped, Transfer, forget, keyOf, offsetOf, remembered, terminate } from "./tus.js";
import { UploadRow } from "./upload-row.js";
import { bytes, count, sentences, timeLeft } from "./words.js";

const atOnce = 2;
const queue = [];

/**
 * A file's way: queued → sending (or paused, or waiting) → checking → ready, refused or failed.
 * `unfinished`: begun before the page was loaded; the file has to be picked again.
 */
class Item {
  state = "queued";
  sent = 0;
  message = "";
  #marks = [];

  constructor(name, size, file, key) {
    this.name = name;
    this.size = size;
    this.file = file;
    this.key = key;
    this.row = new UploadRow(this, { pause, resume, cancel, retry, dismiss, choose: () => byId("file-input").click() });
    if (file) this.transfer = this.#makeTransfer();
  }

  #makeTransfer() {
    return new Transfer(this.file, {
      onprogress: (sent) => { this.advance(sent); },
      onwaiting: (problem) => {
        if (this.state !== "sending" && this.state !== "waiting") return;
        this.set(problem ? "waiting" : "sending", problem ? "Waiting for the display; goes on by itself." : "");
      },
    });
  }

  set(state, message = "") {
    this.state = state;
    this.message = message;
    if (state !== "sending") this.#marks = [];
    this.row.render();
    summarize();
  }

  advance(sent) {
    const now = performance.now();
    if (this.#marks.length === 0 || sent < this.sent) this.#marks = [];
    this.sent = sent;
    this.#marks.push({ now, sent });
    while (this.#marks.length > 2 && now - this.#marks[0].now > 8000) this.#marks.shift();
    this.row.renderProgress();
  }

  /** Bytes in each second, over the last few. */
  get speed() {
    const first = this.#marks[0], last = this.#marks.at(-1);
    if (!first || last.now - first.now < 700) return 0;
    return (last.sent - first.sent) / ((last.now - first.now) / 1000);
  }

  get left() {
    return this.speed > 0 ? timeLeft((this.size - this.sent) / this.speed) : "";
  }

  get isOver() { return ["ready", "refused", "failed"].includes(this.state); }
  get isActive() { return ["queued", "sending", "waiting", "checking"].includes(this.state); }
}

export function addFiles(files) {
  const fresh = [];
  for (const file of files) {
    const key = keyOf(file);
    const same = queue.find((item) => item.key === key && !item.isOver);
    if (same && same.file) continue;
    if (same) drop(same);
    fresh.push(new Item(file.name, file.size, file, key));
  }
  for (const item of fresh) enqueue(item);
  if (fresh.length) announce(fresh.length === 1 ? `Uploading ${visible(fresh[0].name)}` : `Uploading ${count(fresh.length, "file")}`);
  pump();
}

function enqueue(item) {
  queue.push(item);
  byId("upload-list").append(item.row.node);
  item.set(item.state, item.message);
}

function drop(item) {
  queue.splice(queue.indexOf(item), 1);
  item.row.node.remove();
  summarize();
}

function pump() {
  const busy = queue.filter((item) => ["sending", "waiting"].includes(item.state)).length;
  for (const item of queue.filter((each) => each.state === "queued").slice(0, Math.max(0, atOnce - busy))) carry(item);
}

async function carry(item) {
  item.set("sending");
  try {
    const path = await item.transfer.send();
    item.sent = item.size;
    item.set("checking", "Checking…");
    pump();
    await follow(item, path);
  } catch (problem) {
    if (problem instanceof Stopped) return;
    if (!(problem instanceof Problem)) console.error(problem);
    const refused = [413, 415, 422].includes(problem.status);
    const text = problem instanceof Problem ? problem.message : "Something went wrong in this page. Try again.";
    item.set(refused ? "refused" : "failed", text);
    announce(`${visible(item.name)}: ${text}`);
  } finally {
    pump();
  }
}

/** Follows the medium that an upload became, until it plays or is refused. */
async function follow(item, path) {
  let wait = 400;
  for (;;) {
    try {
      const medium = item.medium ? await get(mediumPath(item.medium.id), { quiet: true }) : await becameOf(item, path);
      if (medium) {
        item.medium = medium;
        emit("medium", medium);
        if (medium.state !== "processing") return settle(item, medium, path);
      }
    } catch (problem) {
      if (!(problem instanceof Problem) || (!problem.isPassing && problem.status !== 401)) throw problem;
    }
    await waitOr(wait, "shown", "claimed", "medium");
    wait = Math.min(wait * 1.4, 3000);
  }
}

async function becameOf(item, path) {
  const upload = await get(path.replace(/^\/api\/v1/, ""), { quiet: true });
  if (upload.medium || !upload.reason) return upload.medium;
  return { ...upload, state: "rejected" };
}

function settle(item, medium, path) {
  // The same content is kept once: then the medium is older than the upload, and has an id of its own.
  const wasThere = medium.state === "ready" && !path.endsWith(`/${medium.id}`);
  const why = sentences(wasThere && `It was in the library already${medium.name === item.name ? "" : `, as ${visible(medium.name)}`}`, medium.reason, medium.suggestion);
  if (medium.state === "ready") {
    item.set("ready", why || "Ready");
    announce(`${visible(item.name)} is ready`);
    if (!why) leaveSoon(item);
  } else {
    item.set("refused", why || "The display cannot show this file.");
    announce(`${visible(item.name)}: ${item.message}`);
  }
}

/** What became a tile of the library needs no line here for long. */
function leaveSoon(item) {
  setTimeout(() => {
    if (!queue.includes(item)) return;
    if (item.row.node.matches(":hover, :focus-within")) leaveSoon(item);
    else drop(item);
  }, 6000);
}

function pause(item) {
  item.transfer.stop();
  item.set("paused", "Paused");
  pump();
}

function resume(item) {
  item.set("queued");
  pump();
}

function retry(item) {
  item.medium = undefined;
  item.sent = 0;
  resume(item);
}

function cancel(item) {
  if (item.transfer) item.transfer.discard();
  else {
    forget(item.key);
    terminate(item.path).catch(() => { /* it expires by itself */ });
  }
  drop(item);
  announce(`${visible(item.name)}: upload cancelled`);
  pump();
}

function dismiss(item) {
  drop(item);
}

function summarize() {
  byId("uploads").hidden = queue.length === 0;
  const active = queue.filter((item) => item.isActive);
  const over = queue.filter((item) => item.isOver);
  byId("uploads-clear").hidden = over.length === 0;
  setText(byId("uploads-summary"), active.length ? `${active.length} to go` : "");
}

/** Shows what an earlier visit left unfinished. */
async function recall() {
  for (const entry of remembered()) {
    if (queue.some((item) => item.key === entry.key)) continue;
    try {
      const offset = await offsetOf(entry.path);
      if (offset === null) { forget(entry.key); continue; }
      const item = new Item(entry.name, entry.size, null, entry.key);
      item.path = entry.path;
      item.sent = offset;
      item.state = "unfinished";
      item.message = `${bytes(offset)} of ${bytes(entry.size)} arrived. Choose the same file to go on.`;
      enqueue(item);
    } catch { return; }
  }
}

export function startUploads() {
  const input = byId("file-input");
  input.addEventListener("change", () => {
    addFiles([...input.files]);
    input.value = "";
  });
  byId("uploads-clear").addEventListener("click", () => queue.filter((item) => item.isOver).forEach(drop));
  on("shown", pump);
  on("job", ({ media_id: id, progress, state }) => {
    const item = queue.find((each) => each.state === "checking" && each.medium?.id === id);
    if (item && state === "running" && progress > 0) item.set("checking", `Checking… ${Math.floor(progress * 100)} %`);
  });
  addEventListener("beforeunload", (event) => {
    if (queue.some((item) => ["queued", "sending", "waiting"].includes(item.state))) event.preventDefault();
  });
  recall();
}
