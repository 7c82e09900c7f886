// The live picture.
//
// The stream is Motion JPEG, and read here rather than by the <img> itself: a browser tells nobody when such a stream
// ends, and would show its last picture for ever.

import { url } from "./api.js";
import { emit, on } from "./bus.js";
import { byId, setText } from "./dom.js";

const live = byId("live");
const note = byId("glass-note");
const largestPart = 32_000_000;
let watching = null;
let shownURL = "";

function show(picture) {
  const fresh = URL.createObjectURL(picture);
  live.src = fresh;
  if (shownURL) URL.revokeObjectURL(shownURL);
  shownURL = fresh;
  live.classList.add("there");
  note.hidden = true;
  byId("live-badge").hidden = false;
}

function explain(text) {
  live.classList.remove("there");
  byId("live-badge").hidden = true;
  note.hidden = false;
  setText(note, text);
}

/** Where the head of a part ends; -1 while it has not come whole. */
function endOfHead(bytes) {
  for (let place = 3; place < bytes.length; place += 1) {
    if (bytes[place] === 10 && bytes[place - 1] === 13 && bytes[place - 2] === 10 && bytes[place - 3] === 13) return place + 1;
  }
  return -1;
}

/** Reads pictures out of the stream until it ends. Each is shown as soon as its last byte is there. */
async function read(stream, onpicture) {
  const reader = stream.getReader();
  let kept = new Uint8Array();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const joined = new Uint8Array(kept.length + value.length);
    joined.set(kept);
    joined.set(value, kept.length);
    kept = joined;
    for (let start = endOfHead(kept); start > 0; start = endOfHead(kept)) {
      const length = Number(/content-length: *(\d+)/i.exec(new TextDecoder().decode(kept.subarray(0, start)))?.[1]);
      if (!(length > 0 && length < largestPart)) throw new Error("a part without a length");
      if (kept.length < start + length) break;
      onpicture(new Blob([kept.subarray(start, start + length)], { type: "image/jpeg" }));
      kept = kept.slice(start + length);
    }
  }
}

async function follow(signal) {
  for (let wait = 1000; !signal.aborted; wait = Math.min(wait * 2, 15_000)) {
    try {
      const answer = await fetch(url("/display/stream"), { signal, cache: "no-store" });
      if (answer.status === 401) return emit("unauthorized");
      if (answer.ok) await read(answer.body, (picture) => { wait = 500; show(picture); });
      else await lookOnce(signal);
    } catch {
      if (signal.aborted) return;
      await lookOnce(signal).catch(() => { if (!signal.aborted) explain("The picture does not come through just now."); });
    }
    await new Promise((resolve) => { setTimeout(resolve, wait); });
  }
}

/** One picture, where the stream does not come through. */
async function lookOnce(signal) {
  const answer = await fetch(url("/display/snapshot.png"), { signal, cache: "no-store" });
  if (answer.ok) show(await answer.blob());
  else explain("There is no picture to show just now.");
}

function watch() {
  if (watching || document.hidden) return;
  watching = new AbortController();
  follow(watching.signal);
}

function stop() {
  watching?.abort();
  watching = null;
}

export function startScreen() {
  on("status", ({ display }) => {
    if (display?.width && display.height) byId("glass").style.aspectRatio = `${display.width} / ${display.height}`;
    watch();
  });
  on("shown", watch);
  on("hidden", stop);
  on("online", () => { stop(); watch(); });
  on("unauthorized", stop);
}
