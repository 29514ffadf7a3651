// The dial between fidelity and realism, with words for what it does.

import { element } from "../dom.js";
import { say } from "../words/i18n.js";
import { band, realism, toGuidanceScale, toPosition } from "./dial.js";

export class DialControl {
  #range = element("input", {
    id: "dial",
    type: "range",
    min: 0,
    max: realism,
    step: 5,
    "aria-describedby": "dial-text",
  });
  #text = element("p", { id: "dial-text", class: "hint" });
  #number = element("code", { class: "dial-value" });
  #isTouched = false;

  constructor() {
    const label = element("label", { for: "dial" });
    const [fidelity, freedom] = [element("span"), element("span")];
    say(label, "dial.label");
    say(fidelity, "dial.fidelity");
    say(freedom, "dial.realism");
    this.#range.addEventListener("input", () => (this.#isTouched = true));
    this.element = element(
      "div",
      { class: "dial" },
      element("div", { class: "dial-head" }, label, this.#number),
      this.#range,
      element("div", { class: "dial-ends", "aria-hidden": "true" }, fidelity, freedom),
      this.#text,
    );
  }

  /** The guidance scale as text; undefined as long as the model decides. */
  get value() {
    return this.#isTouched ? String(toGuidanceScale(Number(this.#range.value))) : undefined;
  }

  set value(scale) {
    this.#isTouched = scale !== undefined;
    if (this.#isTouched) this.#range.value = toPosition(Number(scale));
  }

  /** Shows what the position does; an untouched dial stands at the model's default. */
  update(modelDefault) {
    if (!this.#isTouched) this.#range.value = toPosition(modelDefault);
    const position = Number(this.#range.value);
    this.#range.style.setProperty("--filled", `${position}%`);
    this.#number.textContent = `guidance-scale ${toGuidanceScale(position)}`;
    say(this.#text, `dial.${band(position)}.text`);
    say(this.#range, `dial.${band(position)}`, {}, "aria-valuetext");
  }
}
