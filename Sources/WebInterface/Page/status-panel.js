// How the display is doing, for the curious.

import { on } from "./bus.js";
import { byId, element } from "./dom.js";
import { pulse } from "./live.js";
import { setDeviceName } from "./player.js";
import { bytes, count, sentences, span } from "./words.js";

let isOpen = false;
let latest = null;
let drawn = "";

const memoryWords = { normal: "plenty", low: "getting short", critical: "very short" };
const driverWords = { drm: "HDMI screen", spi: "SPI panel", headless: "Browser only (headless)" };
const outcomeWords = { active: "in use", usable: "could be used", unusable: "not usable", failed: "failed", untried: "not tried" };
const sandboxWords = { no_new_privs: "no new privileges", landlock: "Landlock", seccomp: "seccomp" };

function rows({ device, board, display, memory, decoder, storage, network }) {
  const cache = memory?.cache;
  const looks = cache ? cache.hits + cache.misses : 0;
  const sandbox = Object.entries(decoder?.sandbox ?? {});
  return [
    ["Version", device && `Vitrine ${device.version}, running for ${span(device.uptime_seconds ?? 0)}`],
    ["Board", board && [board.model, board.architecture].filter(Boolean).join(", ")],
    ["Temperature", board?.temperature_celsius !== undefined && `${Math.round(board.temperature_celsius)} °C`],
    ["Power", board?.undervoltage && "The supply is too weak: the voltage dropped since the start. Use a better supply or cable."],
    ["Screen", display?.width && `${display.width} × ${display.height} at ${Number((display.refresh_hz ?? 0).toFixed(2))} Hz`],
    ...(display?.chain ?? []).map(({ driver, outcome, reason }) => [
      driverWords[driver] ?? driver, [outcomeWords[outcome] ?? outcome, reason].filter(Boolean).join(": "),
    ]),
    ["Memory", memory && `${bytes(memory.available_bytes)} available, ${memoryWords[memory.level] ?? memory.level}`],
    ["Picture cache", cache && `${bytes(cache.used_bytes)} of ${bytes(cache.budget_bytes)}, ${count(cache.frames, "picture")}`
      + (looks ? `, ${Math.round(100 * cache.hits / looks)} % found there` : "")],
    ["Decoder", decoder && `${decoder.state}, ${decoder.restarts === 0 ? "never restarted" : `restarted ${count(decoder.restarts, "time")}`}`],
    ["Sandbox", sandbox.length > 0 && sandbox.map(([name, there]) => `${sandboxWords[name] ?? name}: ${there ? "on" : "missing in this kernel"}`).join(", ")],
    ["Storage", storage && `${bytes(storage.free_bytes)} free of ${bytes(storage.total_bytes)}${storage.read_only ? ", read-only: nothing can be added" : ""}`],
    ["Reached at", network?.urls?.length > 0 && network.urls.join(", ")],
  ].filter(([, text]) => text);
}

function draw() {
  if (!isOpen || !latest) return;
  const faults = latest.faults ?? [];
  const lines = rows(latest);
  const signature = JSON.stringify([faults, lines]);
  if (signature === drawn) return;
  drawn = signature;
  byId("status-panel").replaceChildren(
    ...faults.map(({ detail, suggestion }) => element("p", { class: "notice", "data-state": "set_aside" }, sentences(detail, suggestion))),
    element("dl", { class: "facts" }, ...lines.map(([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, text)))));
}

export function showStatusPanel() {
  isOpen = true;
  draw();
  pulse();
}

export function stopStatusPanel() {
  isOpen = false;
}

export function startStatusPanel() {
  on("status", (status) => {
    latest = status;
    setDeviceName(status.device?.name);
    byId("health-dot").hidden = !(status.faults?.length > 0);
    byId("open-settings").setAttribute("aria-label", status.faults?.length ? "Settings and status: something needs a look" : "Settings and status");
    draw();
  });
}
