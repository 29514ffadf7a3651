// Which networks restore the photo: what each is for, under which license, and how long it takes.

import { element } from "../dom.js";
import { duration } from "../words/format.js";
import { has, join, say, sayWith, t } from "../words/i18n.js";

export class ModelChoice {
  #models;
  #usual;
  #radios;
  #times = new Map(); // seconds by name
  #facts = []; // writes what is said of each model

  /** @param allModels Of GET /api/models; those that are not ready and lack no files are not part of the server. */
  constructor(allModels) {
    this.#models = allModels.filter(({ available }) => available);
    this.#usual = this.#models.find(({ isDefault }) => isDefault) ?? this.#models[0];
    this.#radios = this.#models.map(({ name }) => element("input", { type: "radio", name: "model", value: name }));
    const legend = element("legend");
    say(legend, "model.label");
    this.element = element(
      "fieldset",
      { class: "choices" },
      legend,
      ...this.#models.map((model, index) => this.#makeCard(model, this.#radios[index])),
      this.#models.length === 0 ? makeHint("model.none") : null,
      makeOthers(allModels.filter(({ available, missing }) => !available && missing.length > 0)),
    );
  }

  /** Whether there is anything to choose. */
  get isChoice() {
    return this.#models.length > 1;
  }

  /** The chosen model; undefined if none is ready. */
  get model() {
    return this.#models.find(({ name }) => name === this.value);
  }

  get value() {
    return this.#radios.find((radio) => radio.checked)?.value ?? "";
  }

  /** A model's name; one that is not ready gives way to the server's default. */
  set value(name) {
    const isReady = this.#models.some((model) => model.name === name);
    const chosen = isReady ? name : this.#usual?.name;
    for (const radio of this.#radios) radio.checked = radio.value === chosen;
  }

  /** Says how long a photo takes: { model, seconds } of each; none where no photo is chosen. */
  showTimes(estimates) {
    this.#times = new Map(estimates.map(({ model, seconds }) => [model, seconds]));
    this.#facts.forEach((write) => write());
  }

  #makeCard(model, radio) {
    const [title, use, facts] = [
      element("span", { class: "choice-title" }),
      element("span", { class: "choice-text" }),
      element("span", { class: "choice-text" }),
    ];
    sayWith(title, () => titleOf(model));
    sayWith(use, () => useOf(model));
    const write = () => sayWith(facts, () => join([this.#time(model), license(model)]));
    this.#facts.push(write);
    write();
    return element("label", { class: "choice" }, radio, title, use, facts);
  }

  #time({ name }) {
    const seconds = this.#times.get(name);
    if (seconds === undefined) return "";
    return seconds === null ? t("model.time-unknown") : t("model.time", { time: duration(seconds) });
  }
}

/** A model's own words in the page's language, else the server's. */
export const titleOf = ({ name, title }) => (has(`model.${name}`) ? t(`model.${name}`) : title);

const useOf = ({ name }) => (has(`model.${name}.use`) ? t(`model.${name}.use`) : "");

const license = (model) => t("model.license", { license: model.license });

function makeHint(key) {
  const hint = element("p", { class: "hint" });
  say(hint, key);
  return hint;
}

/** Models that could be here, for whoever runs the server. */
function makeOthers(models) {
  if (models.length === 0) return null;
  const summary = element("summary");
  say(summary, "model.others", { count: models.length });
  const items = models.map((model) => {
    const [title, text] = [element("strong"), element("span", { class: "choice-text" })];
    sayWith(title, () => titleOf(model));
    sayWith(text, () => join([useOf(model), license(model)]));
    return element("li", {}, title, text);
  });
  return element(
    "details",
    { class: "option-group model-others" },
    summary,
    makeHint("model.others.text"),
    element("ul", {}, ...items),
  );
}
