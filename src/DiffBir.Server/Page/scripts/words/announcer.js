// Tells screen readers what changed without moving the focus.

import { byId } from "../dom.js";
import { t } from "./i18n.js";

/** Says a text of the page once. */
export function announce(key, parameters) {
  const region = byId("announcer");
  const text = t(key, parameters);
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}
