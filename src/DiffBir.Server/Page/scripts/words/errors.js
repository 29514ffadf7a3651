// Errors in the user's words.

import { element } from "../dom.js";
import { ApiError } from "../server/api.js";
import { has, language, say, sayWith, t } from "./i18n.js";

/**
 * Writes what went wrong and what to do about it. The server's sentence is the most precise but English; in other
 * languages it stands below the page's own sentence for the error's code.
 */
export function sayError(target, { code, detail = "" }) {
  const text = element("span");
  const original = element("span", { class: "message-detail", lang: "en" });
  sayWith(text, () =>
    language() === "en" && detail ? detail : t(has(`error.${code}`) ? `error.${code}` : "error.unexpected"),
  );
  sayWith(original, () => (language() === "en" ? "" : detail));
  target.replaceChildren(text, original);
  target.hidden = false;
}

/** Writes a text of the page as an error. */
export function sayProblem(target, key, parameters) {
  const text = element("span");
  say(text, key, parameters);
  target.replaceChildren(text);
  target.hidden = false;
}

/** Passes on what is a fault of the page; turns the rest into an ApiError. */
export function asApiError(error) {
  if (error instanceof ApiError) return error;
  throw error;
}
