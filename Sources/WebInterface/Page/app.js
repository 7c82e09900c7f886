// Where the page begins: its parts are started, and shown once the display lets this browser in.

import { on } from "./bus.js";
import { startClaim } from "./claim.js";
import { openDetails, startDetails } from "./details.js";
import { byId } from "./dom.js";
import { startDropping } from "./dropping.js";
import { startLibrary } from "./library.js";
import { pulse, startLive } from "./live.js";
import { startPlayer } from "./player.js";
import { startScreen } from "./screen.js";
import { startSettings } from "./settings.js";
import { startSheets } from "./sheets.js";
import { startShortcuts } from "./shortcuts.js";
import { startStatusPanel } from "./status-panel.js";
import { addFiles, startUploads } from "./uploads.js";

let isIn = false;

startSheets();
startClaim();
startLive();
startScreen();
startPlayer();
startStatusPanel();
startSettings();
startDetails();
startDropping(addFiles);
startShortcuts();

on("status", () => {
  byId("app").hidden = false;
  if (isIn) return;
  isIn = true;
  startLibrary({ open: openDetails });
  startUploads();
});
on("claimed", pulse);
pulse();
