// The dial between fidelity and realism, with words for what it does, and three of its positions to choose from.

import { element } from "../dom.js";
import { say } from "../words/i18n.js";
import { band, realism, toGuidanceScale, toPosition } from "./dial.js";

const presets = ["faithful", "balanced", "sharp"];

export class DialControl {
  #range = element("input", {
    id: "dial",
    type: "range",
    min: 0,
    max: realism,
    step: 5,
    "aria-describedby": "dial-text",
  });
  #presets = presets.map((preset) => element("input", { type: "radio", name: "dial-preset", value: preset }));
  #text = element("p", { id: "dial-text", class: "hint" });
  #number = element("code", { class: "dial-value" });
  #scale; // as asked for; undefined as long as nobody did
  #strongest = 1;
  #middle = realism / 2;
  #usual; // what the model decides; undefined where that is no position in between
  #isPlaced = true; // whether the position is the scale's

  constructor() {
    const label = element("label", { for: "dial" });
    const [fidelity, freedom, legend] = [element("span"), element("span"), element("legend")];
    say(label, "dial.label");
    say(legend, "preset.legend");
    say(fidelity, "dial.fidelity");
    say(freedom, "dial.realism");
    this.#range.addEventListener("input", () => (this.#scale = this.#scaleHere));
    for (const radio of this.#presets) radio.addEventListener("input", () => this.#choose(radio.value));
    this.element = element(
      "div",
      { class: "dial" },
      element("fieldset", {}, legend, element("div", { class: "segments presets" }, ...this.#presets.map(makeLabel))),
      element("div", { class: "dial-head" }, label, this.#number),
      this.#range,
      element("div", { class: "dial-ends", "aria-hidden": "true" }, fidelity, freedom),
      this.#text,
    );
  }

  /** The guidance scale as text; undefined where the model decides. */
  get value() {
    if (this.#scale !== undefined) return String(this.#scale);
    return this.#usual === undefined ? String(this.#scaleHere) : undefined;
  }

  set value(scale) {
    this.#scale = scale === undefined ? undefined : Number(scale);
    this.#isPlaced = false;
  }

  get #scaleHere() {
    return toGuidanceScale(Number(this.#range.value), this.#strongest);
  }

  /**
   * Shows what the position does. An untouched dial stands at the model's default, or in the middle where that is one of its
   * ends. With another model the position stays, and means a scale of that model's.
   */
  update(modelDefault, strongest) {
    const isOther = strongest !== this.#strongest;
    this.#strongest = strongest;
    const usual = toPosition(modelDefault, strongest);
    this.#usual = usual > 0 && usual < realism ? modelDefault : undefined;
    this.#middle = this.#usual === undefined ? realism / 2 : usual;
    if (this.#scale === undefined) this.#range.value = this.#middle;
    else if (!this.#isPlaced) this.#range.value = toPosition(this.#scale, strongest);
    else if (isOther) this.#scale = this.#scaleHere;
    this.#isPlaced = true;
    this.#show(Number(this.#range.value));
  }

  #show(position) {
    for (const radio of this.#presets) radio.checked = this.#positionOf(radio.value) === position;
    this.#range.style.setProperty("--filled", `${position}%`);
    this.#number.textContent = `guidance-scale ${this.#scale ?? this.#usual ?? this.#scaleHere}`;
    say(this.#text, `dial.${band(position)}.text`);
    say(this.#range, `dial.${band(position)}`, {}, "aria-valuetext");
  }

  /** Turns the dial to a position, as a user does. */
  choose(position) {
    this.#range.value = position;
    this.#scale = this.#scaleHere;
  }

  #choose(preset) {
    this.#range.value = this.#positionOf(preset);
    this.#scale = preset === "balanced" ? undefined : this.#scaleHere;
  }

  // The range rounds to its own steps.
  #positionOf(preset) {
    return { faithful: 0, balanced: Math.round(this.#middle / 5) * 5, sharp: realism }[preset];
  }
}

function makeLabel(radio) {
  const text = element("span");
  say(text, `preset.${radio.value}`);
  return element("label", {}, radio, text);
}
