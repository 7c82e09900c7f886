// The library: a grid that fills as one scrolls, with search and kinds.

import { get } from "./api.js";
import { emit, on } from "./bus.js";
import { Card } from "./card.js";
import { announce, byId, setText } from "./dom.js";
import { currentID } from "./player.js";
import { isSelecting, isSelected, startSelection, toggleSelected } from "./selection.js";
import { count } from "./words.js";

const pageSize = 60;
const cards = new Map();
const grid = byId("grid");
let query = "";
let kind = "";
let next = null;
let loading = 0;
let onopen = () => {};
let generation = 0;

const isFiltered = () => Boolean(query || kind);

function address(after) {
  const parameters = new URLSearchParams({ limit: String(pageSize) });
  if (query) parameters.set("query", query);
  if (kind) parameters.set("kind", kind);
  if (after) parameters.set("after", after);
  return `/media?${parameters}`;
}

/** Reads the first page; keeps what is shown until it is there. */
async function reload({ anew = false } = {}) {
  const mine = ++generation;
  loading += 1;
  try {
    const page = await get(address(), { quiet: true });
    if (mine !== generation) return;
    if (anew || cards.size <= pageSize) {
      const wanted = new Set(page.items.map((medium) => medium.id));
      for (const id of [...cards.keys()]) if (!wanted.has(id)) take(id);
      next = page.next ?? null;
    }
    page.items.forEach((medium, place) => put(medium, place));
    showProblem("");
    if (anew && isFiltered()) announce(page.items.length ? `${count(page.items.length, "result")}${next ? " or more" : ""}` : "Nothing found");
  } catch (problem) {
    if (mine === generation && problem.status !== 401 && !problem.isOffline) showProblem(problem.message);
  } finally {
    loading -= 1;
    if (mine === generation) showEnds();
  }
}

async function loadMore() {
  if (!next || loading) return;
  const mine = generation;
  loading += 1;
  try {
    const page = await get(address(next));
    if (mine !== generation) return;
    page.items.forEach((medium) => put(medium));
    next = page.next ?? null;
    showProblem("");
  } catch (problem) {
    if (problem.status !== 401) showProblem(problem.message);
  } finally {
    loading -= 1;
    showEnds();
  }
}

/** Shows a medium; at this place, or where it is already, or last. */
function put(medium, place) {
  let card = cards.get(medium.id);
  if (card) card.render(medium);
  else {
    card = new Card(medium, activate);
    cards.set(medium.id, card);
    card.setOnAir(medium.id === currentID());
    card.setSelected(isSelecting() ? isSelected(medium.id) : null);
  }
  if (place === undefined) {
    if (!card.node.parentNode) grid.append(card.node);
  } else if (grid.children[place] !== card.node) grid.insertBefore(card.node, grid.children[place] ?? null);
}

function take(id) {
  const card = cards.get(id);
  if (!card) return;
  const neighbour = card.node.nextElementSibling ?? card.node.previousElementSibling;
  if (card.node.contains(document.activeElement)) neighbour?.querySelector("button")?.focus();
  card.node.remove();
  cards.delete(id);
}

function activate(medium) {
  if (isSelecting()) toggleSelected(medium.id);
  else onopen(medium);
}

function showEnds() {
  const isEmpty = cards.size === 0 && !next;
  byId("more").hidden = !next;
  byId("library-empty").hidden = !isEmpty;
  byId("filters").hidden = isEmpty && !isFiltered();
  byId("select-mode").hidden = cards.size === 0;
  setText(byId("empty-title"), isFiltered() ? "Nothing found" : "Nothing here yet");
  setText(byId("empty-text"), isFiltered()
    ? "No name in the library matches. Try fewer letters, or all kinds."
    : `${matchMedia("(hover: none)").matches ? "Add photos, animations or videos with the button above." : "Drop photos, animations or videos anywhere on this page, or choose them with the button."} They are checked, kept and played in a loop.`);
}

function showProblem(text) {
  setText(byId("library-error"), text);
  byId("library-error").hidden = !text;
}

// Many events make one reload; while they go on, there is one after the other.
let isDue = false;
let isReloading = false;
async function reloadSoon() {
  isDue = true;
  if (isReloading) return;
  isReloading = true;
  while (isDue) {
    await new Promise((done) => setTimeout(done, 400));
    isDue = false;
    await reload();
  }
  isReloading = false;
}

export const cardOf = (id) => cards.get(id);
export const allCards = () => cards.values();

export function startLibrary({ open }) {
  onopen = open;
  let typing = 0;
  byId("search").addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      query = event.target.value.trim();
      reload({ anew: true });
    }, 250);
  });
  for (const choice of document.querySelectorAll("input[name=kind]")) {
    choice.addEventListener("change", () => {
      kind = choice.value;
      reload({ anew: true });
    });
  }
  byId("more-button").addEventListener("click", loadMore);
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) loadMore();
  }, { rootMargin: "600px" }).observe(byId("more"));

  on("medium", (medium) => {
    if (cards.has(medium.id)) cards.get(medium.id).render(medium);
    else reloadSoon();
  });
  on("medium-gone", (id) => { take(id); showEnds(); });
  on("library-changed", reloadSoon);
  on("online", () => reload());
  on("claimed", () => reload());
  on("shown", () => reload());
  const follow = (player) => {
    for (const [id, card] of cards) card.setOnAir(id === player?.current?.id);
  };
  on("status", (status) => {
    follow(status.player);
    if ([...cards.values()].some((card) => card.medium.state === "processing")) reloadSoon();
  });
  on("player", follow);
  startSelection({ cards: allCards, ongone: (id) => emit("medium-gone", id) });
  return reload({ anew: true });
}
