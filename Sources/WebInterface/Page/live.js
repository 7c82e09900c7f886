// The page's pulse: what the display does now, by events where they work and by asking where they do not.

import { get, url } from "./api.js";
import { emit, on } from "./bus.js";
import { byId } from "./dom.js";

const slowPulse = 8000;
const quickPulse = 2000;
let events = null;
let eventsWork = false;
let timer = 0;
let isOffline = false;
let asking = false;
let again = false;

/** Asks for the status now. */
export async function pulse() {
  if (asking) { again = true; return; }
  asking = true;
  clearTimeout(timer);
  try {
    const status = await get("/status", { deadline: 6000 });
    setOffline(false);
    emit("status", status);
    listenForEvents();
  } catch (problem) {
    if (problem.status === 401) { asking = false; return; }
    if (problem.isOffline) setOffline(true);
  }
  asking = false;
  if (document.hidden) return;
  const wait = again ? 150 : eventsWork && !isOffline ? slowPulse : quickPulse;
  again = false;
  timer = setTimeout(pulse, wait);
}

function setOffline(offline) {
  if (offline) stopEvents();
  if (offline === isOffline) return;
  isOffline = offline;
  byId("connection-banner").hidden = !offline;
  document.body.classList.toggle("offline", offline);
  if (!offline) emit("online");
}

function listenForEvents() {
  if (events || document.hidden) return;
  events = new EventSource(url("/events"));
  events.onopen = () => { eventsWork = true; };
  events.onerror = () => {
    stopEvents();
    clearTimeout(timer);
    timer = setTimeout(pulse, quickPulse);
  };
  events.onmessage = (event) => receive("message", event.data);
  for (const name of ["status", "medium", "medium-removed", "job", "config"]) {
    events.addEventListener(name, (event) => receive(name, event.data));
  }
}

function receive(name, text) {
  let data;
  try { data = JSON.parse(text); } catch { data = null; }
  if (name === "status" && data?.player) emit("status", data);
  else if (name === "medium" && data?.id && data.state) emit("medium", data);
  else if (name === "medium-removed" && data?.id) emit("medium-gone", data.id);
  else if (name === "job") emit("job", data);
  else if (name === "config") pulse();
  else {
    // Too much changed to be told apart.
    emit("library-changed");
    pulse();
  }
}

function stopEvents() {
  events?.close();
  events = null;
  eventsWork = false;
}

export function startLive() {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      stopEvents();
      emit("hidden");
    } else {
      emit("shown");
      pulse();
    }
  });
  on("unauthorized", () => { clearTimeout(timer); stopEvents(); });
  on("offline", () => { if (!isOffline) pulse(); });
  addEventListener("online", pulse);
  addEventListener("pagehide", stopEvents);
}
