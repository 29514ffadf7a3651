// Whether the server answers.

import { byId } from "./dom.js";
import { say } from "./words/i18n.js";

/** Shows a banner while the server does not answer. */
export function showConnection(isThere) {
  const banner = byId("banner");
  if (banner.hidden === isThere) return;
  banner.hidden = isThere;
  if (!isThere) say(banner, "connection.lost");
}
