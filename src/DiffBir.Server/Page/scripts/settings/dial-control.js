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
  #scale; // as asked for; undefined as long as the model decides
  #strongest = 1;
  #isPlaced = true; // whether the position is the scale's

  constructor() {
    const label = element("label", { for: "dial" });
    const [fidelity, freedom] = [element("span"), element("span")];
    say(label, "dial.label");
    say(fidelity, "dial.fidelity");
    say(freedom, "dial.realism");
    this.#range.addEventListener("input", () => (this.#scale = this.#scaleHere));
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
    return this.#scale === undefined ? undefined : String(this.#scale);
  }

  set value(scale) {
    this.#scale = scale === undefined ? undefined : Number(scale);
    this.#isPlaced = false;
  }

  get #scaleHere() {
    return toGuidanceScale(Number(this.#range.value), this.#strongest);
  }

  /**
   * Shows what the position does; an untouched dial stands at the model's default. With another model the position stays,
   * and means a scale of that model's.
   */
  update(modelDefault, strongest) {
    const isOther = strongest !== this.#strongest;
    this.#strongest = strongest;
    if (this.#scale === undefined) this.#range.value = toPosition(modelDefault, strongest);
    else if (!this.#isPlaced) this.#range.value = toPosition(this.#scale, strongest);
    else if (isOther) this.#scale = this.#scaleHere;
    this.#isPlaced = true;
    const position = Number(this.#range.value);
    this.#range.style.setProperty("--filled", `${position}%`);
    this.#number.textContent = `guidance-scale ${this.#scaleHere}`;
    say(this.#text, `dial.${band(position)}.text`);
    say(this.#range, `dial.${band(position)}`, {}, "aria-valuetext");
  }
}
