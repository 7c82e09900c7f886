// The PIN on the screen, typed here, makes this browser the display's own.

import { call } from "./api.js";
import { emit, on, waitOr } from "./bus.js";
import { byId, setText } from "./dom.js";

const problemText = byId("claim-problem");
const pin = byId("pin");
const button = byId("claim-button");
let isOpen = false;

function open() {
  if (isOpen) return;
  isOpen = true;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  byId("app").hidden = true;
  byId("claim").hidden = false;
  byId("connection-banner").hidden = true;
  document.title = "Claim this display";
  pin.value = "";
  pin.focus();
}

function close() {
  isOpen = false;
  byId("claim").hidden = true;
  emit("claimed");
}

function explain(problem) {
  if (problem.status === 429) return;
  setText(problemText, problem.message);
  pin.setAttribute("aria-invalid", "true");
  pin.select();
  pin.focus();
}

/** Too many tries: counts the seconds down, and keeps the button shut for as long. */
async function countDown(problem) {
  button.disabled = true;
  for (let left = Math.ceil(problem.retryAfter ?? 10); left > 0; left -= 1) {
    setText(problemText, `${problem.detail ?? "Too many tries"} Try again in ${left} s.`.replace(/([^.!?]) Try/, "$1. Try"));
    await waitOr(1000);
  }
  button.disabled = false;
  setText(problemText, "Try again now. Look at the screen first: it may show a new PIN.");
  pin.select();
  pin.focus();
}

async function submit(event) {
  event.preventDefault();
  if (button.disabled) return;
  const digits = pin.value.replace(/\D/g, "");
  if (digits.length !== 6) return explain({ message: "The PIN has six digits. It is on the screen." });
  button.disabled = true;
  setText(problemText, "");
  pin.removeAttribute("aria-invalid");
  try {
    await call("POST", "/claim", { pin: digits });
    button.disabled = false;
    close();
  } catch (problem) {
    button.disabled = false;
    if (problem.status === 429) await countDown(problem);
    else explain(problem);
  }
}

export function startClaim() {
  byId("claim-form").addEventListener("submit", submit);
  pin.addEventListener("input", () => {
    pin.removeAttribute("aria-invalid");
    if (!button.disabled) setText(problemText, "");
    if (pin.value.replace(/\D/g, "").length === 6 && !button.disabled) byId("claim-form").requestSubmit();
  });
  on("unauthorized", open);
}
