// Dialogs that the phone's back gesture closes.

const opened = [];

export const isAnyOpen = () => opened.length > 0;

export function openSheet(dialog, { onclose } = {}) {
  if (dialog.open) return;
  dialog.showModal();
  dialog.scrollTop = 0;
  opened.push(dialog);
  history.pushState({ sheet: opened.length }, "");
  dialog.addEventListener("close", () => {
    const place = opened.indexOf(dialog);
    if (place >= 0) opened.splice(place, 1);
    if (history.state?.sheet > opened.length) history.back();
    onclose?.();
  }, { once: true });
}

export function closeSheet(dialog) {
  if (dialog.open) dialog.close();
}

export function startSheets() {
  // A reload with a sheet open leaves its entry behind.
  if (history.state?.sheet) history.replaceState(null, "");
  addEventListener("popstate", () => {
    const wanted = history.state?.sheet ?? 0;
    while (opened.length > wanted) {
      const top = opened.pop();
      if (top.open) top.close();
    }
  });
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      if (event.target.closest("[data-close]")) return dialog.close();
      if (event.target !== dialog) return;
      const box = dialog.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside && event.detail > 0) dialog.close();
    });
  }
}
