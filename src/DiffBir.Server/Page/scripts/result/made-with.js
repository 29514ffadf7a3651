// The settings that made a finished photo.

import { element, icon } from "../dom.js";
import { plain } from "../words/format.js";
import { has, say, sayWith, t } from "../words/i18n.js";
import { band, toPosition } from "../settings/dial.js";
import { titleOf } from "../settings/model-choice.js";
import { defaultOf } from "../settings/model-defaults.js";
import { inWords, words } from "../settings/option-words.js";

const inPlainWords = ["task", "upscale", "size", "longest-side", "guidance-scale", "faces", "face-landmarks"];

export class MadeWith {
  #schema = null;
  #models = [];
  #job = null;
  #list = element("dl");

  /** @param onUse Called with a job whose settings the user wants for the next photo. */
  constructor(onUse) {
    const [title, use] = [element("h2"), element("span")];
    say(title, "made.title");
    say(use, "made.use");
    const button = element(
      "button",
      { type: "button", class: "button quiet", on: { click: () => onUse(this.#job) } },
      icon("again"),
      use,
    );
    this.element = element("section", { class: "made-with", hidden: true }, title, this.#list, button);
  }

  /** Takes over what the server offers: without it nothing can be said in words. */
  know(schema, models) {
    [this.#schema, this.#models] = [schema, models];
    this.show(this.#job);
  }

  /** Shows a job's settings; null shows none. */
  show(job) {
    this.#job = job;
    this.element.hidden = !job || !this.#schema;
    if (this.element.hidden) return;
    const rows = this.#rows(job).map(([label, value]) => {
      const [term, text] = [element("dt"), element("dd", { dir: "auto" })];
      sayWith(term, label);
      sayWith(text, value);
      return element("div", {}, term, text);
    });
    this.#list.replaceChildren(...rows);
  }

  /** What is different of another job's settings, in a few words. */
  difference(other) {
    if (!this.#schema) return "";
    const own = new Set(this.#rows(this.#job).map(([label, value]) => `${label()} ${value()}`));
    const rows = this.#rows(other).filter(([label, value]) => !own.has(`${label()} ${value()}`));
    return rows.map(([, value]) => value()).join(", ");
  }

  // Each a pair of functions that write in the page's language.
  #rows({ model: name, options, facesFoundBy }) {
    const model = this.#models.find((candidate) => candidate.name === name);
    return [
      [() => t("model.label"), () => (model ? titleOf(model) : name)],
      [() => t("upscale.legend"), () => sizeAsked(options, model)],
      ...this.#everyday(options, model),
      ...(facesFoundBy ? [[() => t("faces.label"), () => t(`made.faces-${facesFoundBy}`)]] : []),
      ...Object.entries(options)
        .filter(([option]) => !inPlainWords.includes(option))
        .map(([option, value]) => this.#row(option, value)),
    ];
  }

  #everyday(options, model) {
    const rows = [];
    if (model?.tasksDiffer && (options.task ?? this.#usual("task")))
      rows.push([() => t("task.legend"), () => taskInWords(options.task ?? this.#usual("task"))]);
    const scale = options["guidance-scale"] ?? defaultOf(model, "guidance-scale");
    if (scale !== undefined && model?.regenerates && !model.withoutEffect.includes("guidance-scale"))
      rows.push([() => t("dial.label"), () => dialInWords(Number(scale), defaultOf(model, "strongest-guidance") ?? 1)]);
    return rows;
  }

  #row(name, value) {
    const option = this.#schema.options.find((candidate) => candidate.name === name);
    return [
      () => words(`option.${name}`, inWords(plain(name))),
      () => (option?.type === "boolean" ? t(value === "true" ? "made.yes" : "made.no") : plain(value)),
    ];
  }

  #usual(name) {
    return this.#schema.options.find((option) => option.name === name)?.default;
  }
}

const taskInWords = (task) => (has(`task.${task}`) ? t(`task.${task}`) : task);

const dialInWords = (scale, strongest) =>
  t("made.dial", { words: t(`dial.${band(toPosition(scale, strongest))}`), scale });

function sizeAsked(options, model) {
  if (options.size) return options.size;
  if (options["longest-side"]) return t("made.longest-side", { side: options["longest-side"] });
  return `${options.upscale ?? defaultOf(model, "upscale") ?? 1}×`;
}
