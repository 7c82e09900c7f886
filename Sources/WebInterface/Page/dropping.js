// Files dropped or pasted anywhere on the page; folders are looked through.

import { byId, toast } from "./dom.js";

const filesOf = (entry) => new Promise((resolve) => {
  if (entry.isFile) return entry.file((file) => resolve([file]), () => resolve([]));
  const reader = entry.createReader();
  const found = [];
  const read = () => reader.readEntries(async (entries) => {
    if (entries.length === 0) return resolve(found);
    for (const each of entries) found.push(...await filesOf(each));
    read();
  }, () => resolve(found));
  read();
});

async function filesFrom(transfer) {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.());
  if (!entries.some((entry) => entry?.isDirectory)) return [...transfer.files];
  const lists = await Promise.all(entries.filter(Boolean).map(filesOf));
  return lists.flat().filter((file) => !file.name.startsWith("."));
}

const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

export function startDropping(add) {
  const veil = byId("drop-veil");
  let depth = 0;
  const show = (shown) => {
    if (!shown) depth = 0;
    veil.hidden = !shown || byId("app").hidden;
  };
  addEventListener("dragenter", (event) => { if (hasFiles(event)) { depth += 1; show(true); } });
  addEventListener("dragleave", (event) => { if (hasFiles(event)) { depth -= 1; if (depth <= 0) show(false); } });
  addEventListener("dragover", (event) => { if (hasFiles(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } });
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(false);
    if (byId("app").hidden) return;
    const files = await filesFrom(event.dataTransfer);
    if (files.length) add(files);
    else toast("There was no file in what you dropped.", { error: true });
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length && !byId("app").hidden) add([...event.clipboardData.files]);
  });
}
