// Buttons with words.

import { element, icon } from "./dom.js";
import { say } from "./words/i18n.js";

/**
 * Makes a button.
 * @param kind Its classes.
 * @param iconName The icon before the words; null for none.
 * @param key The words.
 */
export function makeButton(kind, iconName, key, onClick) {
  const text = element("span");
  say(text, key);
  return element("button", { type: "button", class: kind, on: { click: onClick } }, iconName ? icon(iconName) : null, text);
}
