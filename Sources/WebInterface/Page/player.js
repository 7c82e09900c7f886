// What is playing now, and the buttons below the picture.

import { post } from "./api.js";
import { emit, on } from "./bus.js";
import { byId, nameElement, setIcon, setText, toast, visible } from "./dom.js";
import { pulse } from "./live.js";
import { clock } from "./words.js";

let player = null;
let readAt = 0;
let ticking = 0;
let shownPosition = 0;

// --- what is on

const rules = {
  message: "A message that cannot wait",
  live: "Live on the air",
  pick: "Picked by hand",
  schedule: "From the schedule",
  playlist: "From a playlist",
  all: "From the whole library",
  fault: "",
  test: "The test picture",
  welcome: "The display shows its address",
};

function showPlayer(state) {
  player = state;
  readAt = performance.now();
  const { current } = player;
  const name = byId("now-name");
  const title = current?.name ?? (player.rule === "welcome" ? "Welcome screen" : "Nothing is playing");
  if (name.dataset.title !== title) {
    name.dataset.title = title;
    name.replaceChildren(nameElement(title));
    document.title = current ? `${visible(title)} – ${deviceName}` : deviceName;
  }
  const rule = rules[player.rule] ?? player.rule?.replaceAll("_", " ") ?? "";
  setText(byId("now-rule"), [player.state === "paused" ? "Paused" : "", rule].filter(Boolean).join(" · "));
  const isPlaying = player.state === "playing";
  const button = byId("play-pause");
  const label = player.state === "paused" ? "Play" : "Pause";
  button.setAttribute("aria-label", label);
  button.title = `${label} (space)`;
  setIcon(button, player.state === "paused" ? "play" : "pause");
  for (const each of ["previous", "play-pause", "next"]) byId(each).disabled = player.state === "idle";
  showPosition();
  clearInterval(ticking);
  if (isPlaying && current?.duration_seconds && !document.hidden) ticking = setInterval(showPosition, 500);
}

function showPosition() {
  const { current, state } = player;
  const length = current?.duration_seconds;
  const bar = byId("position");
  bar.hidden = !length;
  byId("position-times").hidden = !length;
  if (!length) return;
  const passed = state === "playing" ? (performance.now() - readAt) / 1000 : 0;
  const position = Math.min((current.position_seconds ?? 0) + passed, length);
  const fill = byId("position-fill");
  fill.classList.toggle("jump", position < shownPosition || position > shownPosition + 2);
  shownPosition = position;
  fill.style.transform = `scaleX(${position / length})`;
  bar.setAttribute("aria-valuemax", String(Math.round(length)));
  bar.setAttribute("aria-valuenow", String(Math.floor(position)));
  bar.setAttribute("aria-valuetext", `${clock(position)} of ${clock(length)}`);
  setText(byId("position-now"), clock(position));
  setText(byId("position-end"), clock(length));
}

// --- buttons

async function command(name, body) {
  try {
    const state = await post(`/player/${name}`, body);
    const fresh = state?.player ?? state;
    if (fresh?.state) {
      showPlayer(fresh);
      emit("player", fresh);
    }
    pulse();
    return true;
  } catch (problem) {
    if (problem.status !== 401) toast(problem.message, { error: true });
    return false;
  }
}

export const togglePause = () => command(player?.state === "paused" ? "resume" : "pause");
export const next = () => command("next");
export const previous = () => command("previous");
export const show = (id) => command("show", { id });
export const currentID = () => player?.current?.id;

let deviceName = "Vitrine";
export function setDeviceName(name) {
  if (!name || name === deviceName) return;
  deviceName = name;
  setText(byId("device-name"), visible(name));
  byId("now-name").dataset.title = "";
  if (player) showPlayer(player);
  else document.title = visible(name);
}

export function startPlayer() {
  byId("play-pause").addEventListener("click", togglePause);
  byId("next").addEventListener("click", next);
  byId("previous").addEventListener("click", previous);
  on("status", (status) => { if (status.player) showPlayer(status.player); });
  on("hidden", () => clearInterval(ticking));
}
