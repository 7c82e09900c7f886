// Numbers and states in words.

export function bytes(count) {
  if (count < 1000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = count, unit = -1;
  do { value /= 1000; unit += 1; } while (value >= 999.5 && unit < units.length - 1);
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** 75 → 1:15 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 0.001));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function duration(seconds) {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  return seconds < 60 ? `${Math.round(seconds)} s` : clock(Math.round(seconds));
}

/** How long something runs: 3 days 4 h */
export function span(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return `${days} ${days === 1 ? "day" : "days"} ${hours % 24} h`;
}

export function timeLeft(seconds) {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 3) return "almost done";
  if (seconds < 55) return `${Math.ceil(seconds / 5) * 5} s left`;
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes < 60 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

export function day(timestamp) {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return "";
  return date.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

const kinds = { image: "Photo", animation: "Animation", video: "Video" };
export const kind = (medium) => kinds[medium.kind] ?? "File";

export function facts(medium) {
  const parts = [kind(medium)];
  if (medium.width && medium.height) parts.push(`${medium.width} × ${medium.height}`);
  if (medium.duration_seconds) parts.push(duration(medium.duration_seconds));
  if (medium.size_bytes) parts.push(bytes(medium.size_bytes));
  if (medium.added_at) parts.push(`added ${day(medium.added_at)}`);
  return parts.join(" · ");
}

/** A reason and what to do about it, as sentences of one text. */
export function sentences(...texts) {
  return texts.filter(Boolean).map((text) => {
    const trimmed = text.trim();
    // A file's name is written as it is.
    const isName = /^[^\s]*\.[a-z]/.test(trimmed);
    const begun = isName ? trimmed : trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
    return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
  }).join(" ");
}
