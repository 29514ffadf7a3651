// What this browser remembers. Where storage is forbidden or full, things are remembered until the page closes.

const prefix = "diffbir.";
const unkept = new Map();

/** The value remembered under a name; `fallback` if there is none. */
export function recall(name, fallback = null) {
  if (unkept.has(name)) return unkept.get(name);
  try {
    return JSON.parse(localStorage.getItem(prefix + name)) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Remembers a value that JSON can hold; null forgets it. */
export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, JSON.stringify(value));
    unkept.delete(name);
  } catch {
    unkept.set(name, value);
  }
}

/** Calls back when another tab of this browser remembers something else under a name. */
export function onRemembered(name, callback) {
  addEventListener("storage", (event) => {
    if (event.key === prefix + name || event.key === null) callback();
  });
}
