// Calls to the appliance. Every failure becomes a Problem that can be shown to a person.

import { emit } from "./bus.js";
import { sentences } from "./words.js";

const root = "/api/v1";

export class Problem extends Error {
  /** status 0: nothing answered. `errors`: per field, as the configuration call gives them. */
  constructor({ status, title, detail, suggestion, category, errors, retryAfter }) {
    super(sentences(detail || title, suggestion) || "Something went wrong. Try again.");
    this.status = status;
    this.detail = detail || title;
    this.suggestion = suggestion;
    this.category = category;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }

  get isOffline() { return this.status === 0; }
  /** Waiting and trying again may help. */
  get isPassing() { return this.status === 0 || this.status === 423 || this.status === 429 || (this.status >= 500 && this.status !== 507); }
}

export const offlineProblem = () => new Problem({
  status: 0, title: "The display does not answer", suggestion: "Is it switched on, and are you on the same network?",
});

const plainWords = {
  403: ["The display refused this", "Open the page by the address that the screen shows."],
  404: ["It is no longer there", "Someone else may have deleted it."],
  413: ["The file is too large for the room that is left", "Delete something, or make the file smaller."],
  415: ["This is no photo, animation or video that can be shown here", "Try JPEG, PNG, HEIC, GIF, MP4 or WebM."],
  429: ["Too many tries", "Wait a moment."],
  503: ["The display is busy", "Try again in a moment."],
  507: ["The display has no room left", "Delete something first."],
};

/** Makes a Problem of an answer's status, headers (a function of the name) and text. */
export function problemFrom(status, header, text) {
  let body = {};
  if ((header("Content-Type") || "").includes("json")) {
    try { body = JSON.parse(text) || {}; } catch { body = {}; }
  }
  const [title, suggestion] = plainWords[status] ?? [`The display answered with error ${status}`, "Try again."];
  const retryAfter = Number(header("Retry-After") ?? body.retry_after_seconds) || undefined;
  const said = body.detail || (body.title !== undefined && !plainWords[status] ? body.title : undefined);
  return new Problem({
    status, retryAfter, title, detail: said, suggestion: body.suggestion ?? (said ? undefined : suggestion),
    category: body.category, errors: body.errors,
  });
}

/** Returns the decoded JSON, or null for an empty answer. Throws Problem. */
export async function call(method, path, body, { quiet = false, deadline = 20000 } = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), deadline);
  const options = { method, headers: { Accept: "application/json" }, cache: "no-store", signal: abort.signal };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer, text;
  try {
    answer = await fetch(root + path, options);
    text = await answer.text();
  } catch {
    if (!quiet) emit("offline");
    throw offlineProblem();
  } finally {
    clearTimeout(timer);
  }
  if (answer.status === 401 && path !== "/claim") emit("unauthorized");
  if (!answer.ok) throw problemFrom(answer.status, (name) => answer.headers.get(name), text);
  if (!text) return null;
  try { return JSON.parse(text); } catch {
    throw new Problem({ status: 500, title: "The display gave an answer that makes no sense", suggestion: "Reload the page." });
  }
}

export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body) => call("POST", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);

export const mediumPath = (id, part = "") => `/media/${encodeURIComponent(id)}${part}`;
export const url = (path) => root + path;
