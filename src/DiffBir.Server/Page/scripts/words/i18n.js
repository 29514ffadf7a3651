// Every word on the page comes from a file in locales/ and changes with the language while the page is open.

import { recall, remember } from "../memory/storage.js";

/** The languages by their code, each named in itself. */
export const languages = { en: "English", "zh-CN": "简体中文" };

const fallback = "en";
const texts = {};
let current = fallback;

/** The code of the page's language. */
export const language = () => current;

/** The language that fits a browser's wishes best. */
export function choose(wishes) {
  const known = Object.keys(languages);
  for (const wish of wishes) {
    const primary = wish.toLowerCase().split("-")[0];
    const match =
      known.find((code) => code.toLowerCase() === wish.toLowerCase()) ??
      known.find((code) => code.split("-")[0] === primary);
    if (match) return match;
  }
  return fallback;
}

/** Loads the texts and sets the language: the one chosen before, else the browser's. */
export async function start() {
  await load(fallback);
  await speak(recall("language") ?? choose(navigator.languages));
}

/** Lets a <select> change the language; the browser remembers the choice. */
export function bindLanguage(select) {
  for (const [code, name] of Object.entries(languages)) {
    const option = new Option(name, code);
    option.lang = code;
    select.append(option);
  }
  select.value = current;
  select.addEventListener("change", async () => {
    remember("language", select.value);
    await speak(select.value);
  });
}

/** Whether the page has words for a key in its language. */
export const has = (key) => key in texts[current];

/**
 * The text of a key with its {parameters} filled in. A parameter may be a function, which is called when the text is
 * made. A text may have several forms, named after exact numbers or a language's plural categories; `count` chooses.
 */
export function t(key, parameters = {}) {
  let text = texts[current]?.[key] ?? texts[fallback]?.[key] ?? key;
  if (typeof text === "object")
    text = text[parameters.count] ?? text[new Intl.PluralRules(current).select(parameters.count)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = parameters[name];
    return typeof value === "function" ? value() : (value ?? whole);
  });
}

/** Sentences as one text; Chinese puts no space between them. */
export const join = (sentences) => sentences.filter(Boolean).join(current.startsWith("zh") ? "" : " ");

const said = new WeakMap();

/** Writes a text into an element, or into one of its attributes, and keeps it in the page's language from then on. */
export function say(target, key, parameters = {}, attribute = null) {
  sayWith(target, () => t(key, parameters), attribute);
}

/** Writes what a function returns, as `say` does, for texts that are put together. */
export function sayWith(target, write, attribute = null) {
  const writers = said.get(target) ?? new Map();
  writers.set(attribute, write);
  said.set(target, writers);
  target.setAttribute("data-said", "");
  put(target, attribute, write);
}

function put(target, attribute, write) {
  const text = write();
  if (attribute) target.setAttribute(attribute, text);
  else if (target.textContent !== text) target.textContent = text;
}

async function speak(code) {
  await load(code);
  current = code;
  document.documentElement.lang = code;
  adopt();
  for (const target of document.querySelectorAll("[data-said]"))
    for (const [attribute, write] of said.get(target) ?? []) put(target, attribute, write);
}

/** Lets index.html name its texts: data-i18n for the content, data-i18n-aria-label for the label. */
function adopt() {
  for (const target of document.querySelectorAll("[data-i18n]")) {
    say(target, target.dataset.i18n);
    delete target.dataset.i18n;
  }
  for (const target of document.querySelectorAll("[data-i18n-aria-label]")) {
    say(target, target.dataset.i18nAriaLabel, {}, "aria-label");
    delete target.dataset.i18nAriaLabel;
  }
}

async function load(code) {
  texts[code] ??= await (await fetch(`/assets/locales/${code}.json`)).json();
}
