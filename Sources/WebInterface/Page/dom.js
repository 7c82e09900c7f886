// Small tools for building the page. Text goes in as text only: a file name can never become markup.

export const byId = (id) => document.getElementById(id);

/** element("li", { class: "row", onclick: f, "aria-label": "…" }, "text", child, …) */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const made = document.createElementNS(space, "svg");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  made.append(use);
  return made;
}

export function setIcon(svg, name) {
  svg.querySelector("use").setAttribute("href", `#i-${name}`);
}

/** What a name's control characters look like: a newline in a file name is seen, and breaks no line. */
export function visible(name) {
  return name.replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0))).replace(/\u007f/g, "\u2421");
}

/** A file name, isolated, so that right-to-left text turns nothing around it. */
export function nameElement(name) {
  return element("bdi", {}, visible(name));
}

/** Sets text only when it differs: screen readers stay quiet, and a selection stays. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

let announceTimer = 0;
/** Says something to those who listen to the page; the last of several in a row wins. */
export function announce(text) {
  clearTimeout(announceTimer);
  announceTimer = setTimeout(() => setText(byId("announcer"), text), 150);
}

/** A short message at the lower edge. Errors stay until they are closed. */
export function toast(text, { error = false, action = null } = {}) {
  const close = () => note.remove();
  const note = element("div", { class: error ? "toast error" : "toast" },
    element("span", {}, text),
    action && element("button", { class: "link", type: "button", onclick: () => { close(); action.run(); } }, action.label),
    element("button", { class: "quiet round small-round", type: "button", "aria-label": "Dismiss", onclick: close }, icon("close")));
  for (const old of byId("toasts").querySelectorAll(".toast")) {
    if (old.firstChild.textContent === text) old.remove();
  }
  byId("toasts").append(note);
  if (!error) setTimeout(close, 6000);
  return note;
}
