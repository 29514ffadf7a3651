// Options' names in words.

import { has, t } from "../words/i18n.js";

/** An option's own words in the page's language, else the server's. */
export const words = (key, fallback) => (has(key) ? t(key) : fallback);

/** A name of the command line as words: guidance-start becomes Guidance start. */
export const inWords = (name) => name[0].toUpperCase() + name.slice(1).replaceAll("-", " ");
