// Which networks restore the photo.

import { element } from "../dom.js";
import { join, say, sayWith, t } from "../words/i18n.js";

export class ModelChoice {
  #models;
  #usual;
  #select;
  #text = element("p", { id: "model-text", class: "hint" });

  /** @param allModels Of GET /api/models; those that are not ready and lack no files are not part of the server. */
  constructor(allModels) {
    const models = allModels.filter(({ available, missing }) => available || missing.length > 0);
    const ready = models.filter(({ available }) => available);
    this.#models = models;
    this.#usual = ready.find(({ isDefault }) => isDefault) ?? ready[0];
    this.#select = element(
      "select",
      { id: "model", "aria-describedby": "model-text" },
      ...models.map(({ name, title, available }) => element("option", { value: name, disabled: !available }, title)),
    );
    const label = element("label", { for: "model" });
    say(label, "model.label");
    this.element = element("div", { class: "field" }, label, this.#select, this.#text);
  }

  /** Whether there is anything to choose. */
  get isChoice() {
    return this.#models.filter(({ available }) => available).length > 1;
  }

  /** The chosen model; undefined if none is ready. */
  get model() {
    return this.#models.find(({ name }) => name === this.#select.value);
  }

  get value() {
    return this.#select.value;
  }

  /** A model's name; one that is not ready gives way to the server's default. */
  set value(name) {
    const isReady = this.#models.some((model) => model.name === name && model.available);
    this.#select.value = isReady ? name : (this.#usual?.name ?? "");
  }

  update() {
    sayWith(this.#text, () => join([this.#license(), this.#missing()]));
  }

  #license() {
    return this.model ? t("model.license", { license: this.model.license }) : t("model.none");
  }

  #missing() {
    const missing = this.#models.filter(({ available }) => !available);
    if (missing.length === 0) return "";
    return t("model.missing", { names: missing.map(({ name }) => name).join(", "), name: missing[0].name });
  }
}
