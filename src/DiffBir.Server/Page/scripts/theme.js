// Light or dark: the system's choice until the user makes one.

import { recall, remember } from "./memory/storage.js";

const system = matchMedia("(prefers-color-scheme: dark)");

/** Lets a button switch between light and dark. */
export function bindTheme(button) {
  const show = () => {
    const theme = recall("theme");
    if (theme) document.documentElement.dataset.theme = theme;
    button.setAttribute("aria-pressed", String((theme ?? (system.matches ? "dark" : "light")) === "dark"));
  };
  button.addEventListener("click", () => {
    remember("theme", button.getAttribute("aria-pressed") === "true" ? "light" : "dark");
    show();
  });
  system.addEventListener("change", show);
  show();
}
