// One file on its way to the display: a client of tus 1.0.0 (https://tus.io/protocols/resumable-upload).
//
// The offset that the display reports is the truth; nothing here remembers how far a file got. A lost connection, a
// locked phone or a restarted display means waiting, asking for the offset, and going on.

import { Problem, offlineProblem, problemFrom, url } from "./api.js";
import { emit, waitOr } from "./bus.js";

// A chunk takes about two seconds: what a cut costs stays small on a slow network, and a fast one is not held up by
// round trips. Within a chunk, progress only says what the system has buffered.
const chunkSeconds = 2;
const smallestChunk = 256 * 1024;
const firstChunk = 512 * 1024;
const largestChunk = 8 * 1024 * 1024;
const silenceLimit = 30_000;
const longestWait = 15_000;
const passingFaultLimit = 8;
const version = { "Tus-Resumable": "1.0.0" };

/** Thrown by `send` when `stop` was called. */
export class Stopped extends Error {}

function request(method, path, headers, body, { onprogress, onstart } = {}) {
  return new Promise((resolve, reject) => {
    const http = new XMLHttpRequest();
    let silence = 0;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => http.abort(), silenceLimit);
    };
    const lost = () => { clearTimeout(silence); reject(offlineProblem()); };
    http.open(method, path);
    for (const [name, value] of Object.entries({ ...version, ...headers })) http.setRequestHeader(name, value);
    http.upload.onprogress = (event) => { listen(); onprogress?.(event.loaded); };
    http.onerror = lost;
    http.onabort = lost;
    http.onload = () => {
      clearTimeout(silence);
      if (http.status === 401) emit("unauthorized");
      if (http.status >= 200 && http.status < 300) resolve(http);
      else reject(problemFrom(http.status, (name) => http.getResponseHeader(name), http.responseText));
    };
    listen();
    onstart?.(http);
    http.send(body ?? null);
  });
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// Unfinished uploads, by what tells a file apart, so that picking the same file after a reload goes on with it.
const memory = {
  prefix: "vitrine.upload.",
  lifetime: 24 * 3600 * 1000,
  key: (file) => `${memory.prefix}${file.name}:${file.size}:${file.lastModified}`,
  read(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  write(file, path) {
    const entry = { path, name: file.name, size: file.size, at: Date.now() };
    try { localStorage.setItem(memory.key(file), JSON.stringify(entry)); } catch { /* private browsing: no resuming after a reload */ }
  },
  erase(key) {
    try { localStorage.removeItem(key); } catch { /* as above */ }
  },
};

/** What was begun from this browser in the last day and not finished: [{ key, name, size, path }] */
export function remembered() {
  const found = [];
  let keys = [];
  try { keys = Object.keys(localStorage).filter((key) => key.startsWith(memory.prefix)); } catch { return found; }
  for (const key of keys) {
    const entry = memory.read(key);
    if (!entry?.path || Date.now() - entry.at > memory.lifetime) memory.erase(key);
    else found.push({ key, ...entry });
  }
  return found;
}

export const keyOf = memory.key;
export const forget = memory.erase;

/** How many bytes of this upload the display has; null when it knows nothing of it. */
export async function offsetOf(path) {
  try {
    return Number((await request("HEAD", path)).getResponseHeader("Upload-Offset"));
  } catch (problem) {
    if (problem.status === 404 || problem.status === 410) return null;
    throw problem;
  }
}

export const terminate = (path) => request("DELETE", path);

export class Transfer {
  #file; #onprogress; #onwaiting; #http = null; #turn = 0; #chunk = firstChunk;

  /** `onprogress(bytes)`; `onwaiting(problem or null)`: waiting for the display, or no longer. */
  constructor(file, { onprogress, onwaiting }) {
    this.#file = file;
    this.#onprogress = onprogress;
    this.#onwaiting = onwaiting;
    this.path = memory.read(memory.key(file))?.path ?? null;
  }

  stop() {
    this.#turn += 1;
    this.#http?.abort();
  }

  /** Stops, and lets the display forget what it has. */
  async discard() {
    this.stop();
    memory.erase(memory.key(this.#file));
    if (this.path) await terminate(this.path).catch(() => { /* it expires by itself */ });
  }

  /** Returns the upload's path once every byte is there. Throws Problem, or Stopped. */
  async send() {
    const turn = ++this.#turn;
    const isStopped = () => this.#turn !== turn;
    let faults = 0;
    for (;;) {
      try {
        await this.#sendAll(isStopped, () => { faults = 0; });
        memory.erase(memory.key(this.#file));
        return this.path;
      } catch (problem) {
        if (isStopped()) throw new Stopped();
        if (!(problem instanceof Problem)) throw problem;
        if (problem.status === 401) await waitOr(3_600_000, "claimed");
        else await this.#recover(problem, faults);
        faults += 1;
        if (isStopped()) throw new Stopped();
      }
    }
  }

  async #sendAll(isStopped, onadvance) {
    const size = this.#file.size;
    let offset = this.path ? await offsetOf(this.path) : null;
    if (offset === null) {
      await this.#create();
      offset = 0;
    }
    if (isStopped()) throw new Stopped();
    this.#onwaiting(null);
    this.#onprogress(offset);
    while (offset < size) {
      offset = await this.#sendChunk(offset, Math.min(offset + this.#chunk, size));
      if (isStopped()) throw new Stopped();
      this.#onprogress(offset);
      onadvance();
    }
  }

  async #create() {
    const file = this.#file;
    const metadata = [`filename ${base64(file.name)}`];
    if (file.type) metadata.push(`filetype ${base64(file.type)}`);
    const answer = await request("POST", url("/uploads"), {
      "Upload-Length": String(file.size), "Upload-Metadata": metadata.join(","),
    });
    this.path = new URL(answer.getResponseHeader("Location"), location.href).pathname;
    memory.write(file, this.path);
  }

  async #sendChunk(from, to) {
    const began = performance.now();
    const answer = await request("PATCH", this.path, {
      "Upload-Offset": String(from), "Content-Type": "application/offset+octet-stream",
    }, this.#file.slice(from, to), {
      onprogress: (sent) => this.#onprogress(Math.min(from + sent, to)),
      onstart: (http) => { this.#http = http; },
    }).finally(() => { this.#http = null; });
    const seconds = Math.max((performance.now() - began) / 1000, .01);
    const fitting = (to - from) / seconds * chunkSeconds;
    this.#chunk = Math.round(Math.min(Math.max(fitting, smallestChunk), 2 * this.#chunk, largestChunk));
    return Number(answer.getResponseHeader("Upload-Offset"));
  }

  async #recover(problem, faults) {
    if (problem.status === 409 && faults < passingFaultLimit) return; // asks for the offset again
    if ((problem.status === 404 || problem.status === 410) && this.path && faults < passingFaultLimit) {
      this.path = null; // expired: begin anew
      return;
    }
    if (!problem.isPassing || (problem.status !== 0 && faults >= passingFaultLimit)) throw problem;
    if (problem.status === 0) await this.#assertReadable();
    this.#onwaiting(problem);
    const wait = problem.retryAfter ? problem.retryAfter * 1000 : Math.min(1000 * 2 ** faults, longestWait);
    await waitOr(wait, "online", "shown");
  }

  // To XMLHttpRequest, a file that was moved or taken back looks like a lost connection.
  async #assertReadable() {
    try {
      await this.#file.slice(0, 1).arrayBuffer();
    } catch {
      throw new Problem({
        status: 400, title: "The file can no longer be read here", suggestion: "It may have been moved or changed; choose it again.",
      });
    }
  }
}
