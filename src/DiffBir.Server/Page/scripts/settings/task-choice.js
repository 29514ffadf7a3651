// What the photo suffers from.

import { element } from "../dom.js";
import { has, say, sayWith, t } from "../words/i18n.js";

export class TaskChoice {
  #radios;

  /** @param option The server's description of the option. */
  constructor({ choices, default: usual }) {
    this.#radios = choices.map((task) =>
      element("input", { type: "radio", name: "task", value: task, checked: task === usual }),
    );
    const legend = element("legend");
    say(legend, "task.legend");
    this.element = element("fieldset", { class: "choices" }, legend, ...this.#radios.map(makeCard));
  }

  get value() {
    return this.#radios.find((radio) => radio.checked)?.value;
  }

  set value(task) {
    for (const radio of this.#radios) radio.checked = radio.value === task;
  }

  /** Offers what a model can do, and nothing where the answer changes nothing; everything if no model is known. */
  offer(model) {
    this.element.hidden = model?.tasksDiffer === false;
    for (const radio of this.#radios) radio.disabled = Boolean(model) && !model.tasks.includes(radio.value);
    const possible = this.#radios.filter((radio) => !radio.disabled);
    if (!possible.some((radio) => radio.checked)) this.value = possible[0]?.value;
  }
}

function makeCard(radio) {
  const title = element("span", { class: "choice-title" });
  const text = element("span", { class: "choice-text" });
  sayWith(title, () => (has(`task.${radio.value}`) ? t(`task.${radio.value}`) : radio.value));
  sayWith(text, () => (has(`task.${radio.value}.text`) ? t(`task.${radio.value}.text`) : ""));
  return element("label", { class: "choice" }, radio, title, text);
}
