// The form of all further options, built from what the server says about them.

import { element } from "../dom.js";
import { join, sayWith, t } from "../words/i18n.js";
import { inWords, words } from "./option-words.js";

/** Fields for options, grouped; sends "input" from its fields like any form. */
export class OptionsForm {
  #fields;

  /**
   * @param root Where the fields go.
   * @param options Of GET /api/options.
   * @param modelDefault Gives the model's default of an option by name; undefined if the model has none.
   */
  constructor(root, options, modelDefault) {
    this.#fields = new Map(options.map((option) => [option.name, new Field(option, modelDefault)]));
    for (const [key, group] of Map.groupBy(options, (option) => option.group)) {
      const summary = element("summary");
      sayWith(summary, () => words(`group.${key}`, group[0].groupTitle));
      root.append(
        element(
          "details",
          { class: "option-group", name: "option-group" },
          summary,
          ...group.map(({ name }) => this.#fields.get(name).element),
        ),
      );
    }
  }

  /** The options that differ from their defaults and have an effect: text by name. */
  values() {
    const changed = [...this.#fields.values()].filter((field) => field.isChanged && !field.element.hidden);
    return Object.fromEntries(changed.map((field) => [field.option.name, field.value]));
  }

  /** Sets fields by name; those that are not named get their defaults. */
  set(values) {
    for (const [name, field] of this.#fields) field.value = values[name] ?? field.initial;
  }

  /**
   * Shows what fits the model and the other options; a group of which nothing is left goes too.
   * @param withoutEffect The names of the options that change nothing with the model.
   */
  update(withoutEffect = []) {
    for (const field of this.#fields.values()) {
      field.update((name) => this.#effective(name));
      field.element.hidden ||= withoutEffect.includes(field.option.name);
    }
    for (const group of new Set([...this.#fields.values()].map(({ element }) => element.closest("details"))))
      group.hidden = [...group.querySelectorAll(".field")].every(({ hidden }) => hidden);
  }

  /** Marks fields with impossible values; the first of them, or null. */
  check() {
    const wrong = [...this.#fields.values()].filter((field) => !field.check() && !field.element.hidden);
    if (wrong.length === 0) return null;
    wrong[0].element.closest("details").open = true;
    return wrong[0].input;
  }

  #effective(name) {
    const field = this.#fields.get(name);
    return field?.value || field?.modelDefault;
  }
}

class Field {
  #error;
  #modelDefault;

  constructor(option, modelDefault) {
    this.option = option;
    this.#modelDefault = modelDefault;
    const id = `option-${option.name}`;
    this.input = this.#makeInput(id);
    const label = element("label", { for: id, title: `--${option.name}` });
    sayWith(label, () => words(`option.${option.name}`, inWords(option.name)));
    const help = element("p", { id: `${id}-help`, class: "hint" });
    sayWith(help, () => this.#describe());
    this.#error = element("p", { id: `${id}-error`, class: "field-error", hidden: true });
    this.input.setAttribute("aria-describedby", `${id}-help ${id}-error`);
    const parts =
      option.type === "boolean" ? [element("div", { class: "check" }, this.input, label)] : [label, this.input];
    this.element = element("div", { class: "field" }, ...parts, help, this.#error);
    this.input.addEventListener("change", () => this.check());
  }

  /** The value of an untouched field; an empty one leaves the decision to the model. */
  get initial() {
    return this.option.default === null || this.option.default === undefined ? "" : String(this.option.default);
  }

  get value() {
    return this.option.type === "boolean" ? String(this.input.checked) : this.input.value.trim();
  }

  set value(value) {
    if (this.option.type === "boolean") this.input.checked = value === "true";
    else this.input.value = value;
  }

  get isChanged() {
    return this.value !== this.initial && !(this.value === "" && this.option.type !== "text");
  }

  get modelDefault() {
    return this.#modelDefault(this.option.name);
  }

  /** Shows the model's default, and hides a field that has no effect beside the others. */
  update(effective) {
    const byModel = () =>
      this.modelDefault === undefined || this.modelDefault === ""
        ? t("option.by-model")
        : t("option.by-model-value", { value: this.modelDefault });
    if (this.initial === "" && this.option.type === "choice") sayWith(this.input.options[0], byModel);
    else if (this.initial === "" && this.option.type !== "boolean") sayWith(this.input, byModel, "placeholder");
    const conditions = Object.entries(this.option.appliesTo ?? {});
    this.element.hidden = !conditions.every(([name, values]) => values.includes(effective(name)));
  }

  /** Whether the value is possible; says so beside the field if it is not. */
  check() {
    const isGood = this.input.validity.valid;
    this.input.setAttribute("aria-invalid", String(!isGood));
    this.#error.hidden = isGood;
    if (!isGood) sayWith(this.#error, () => this.#range() || t("option.invalid"));
    return isGood;
  }

  #makeInput(id) {
    const { type, minimum, maximum, choices } = this.option;
    if (type === "boolean") return element("input", { id, type: "checkbox", checked: this.initial === "true" });
    if (type === "choice") {
      const values = this.initial === "" ? ["", ...choices] : choices;
      const select = element("select", { id }, ...values.map((value) => element("option", { value }, value)));
      select.value = this.initial;
      return select;
    }

    if (type === "number" || type === "integer") {
      const numeric = { type: "number", step: type === "integer" ? 1 : "any", min: minimum, max: maximum };
      return element("input", {
        id,
        ...numeric,
        inputmode: type === "integer" ? null : "decimal",
        value: this.initial,
      });
    }

    return element("input", { id, type: "text", value: this.initial, autocomplete: "off", spellcheck: "false" });
  }

  #describe() {
    const help = words(`option.${this.option.name}.help`, this.option.help);
    return help.includes(this.option.maximum) ? help : join([help, this.#range()]);
  }

  #range() {
    const { minimum, maximum } = this.option;
    if (minimum === undefined || minimum === null) return "";
    return maximum === undefined || maximum === null
      ? t("option.minimum", { minimum })
      : t("option.range", { minimum, maximum });
  }
}
