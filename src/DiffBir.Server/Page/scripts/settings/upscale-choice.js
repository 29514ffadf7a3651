// How large the result gets.

import { element } from "../dom.js";
import { size } from "../words/format.js";
import { say, sayWith, t } from "../words/i18n.js";

const usualFactors = [1, 2, 4, 8];
const firstOther = 3;

export class UpscaleChoice {
  #maxOutputPixels;
  #radios = usualFactors.map((factor) => element("input", { type: "radio", name: "upscale", value: factor }));
  #other = element("input", { type: "radio", name: "upscale", value: "other" });
  #exact;
  #exactField;
  #hint = element("p", { class: "hint", role: "status" });

  /**
   * @param option The server's description of the option.
   * @param limits The server's limits.
   */
  constructor({ minimum, maximum }, { maxOutputPixels }) {
    this.#maxOutputPixels = maxOutputPixels ?? Infinity;
    this.#exact = element("input", {
      id: "upscale-exact",
      type: "number",
      min: minimum,
      max: maximum,
      step: "any",
      value: firstOther,
    });
    const exactLabel = element("label", { for: "upscale-exact", class: "visually-hidden" });
    const otherText = element("span");
    const legend = element("legend");
    say(exactLabel, "upscale.exact");
    say(otherText, "upscale.other");
    say(legend, "upscale.legend");
    this.#exactField = element("div", { class: "upscale-exact" }, exactLabel, this.#exact);
    const factors = this.#radios.map((radio) => element("label", {}, radio, element("span", {}, `${radio.value}×`)));
    const segments = element("div", { class: "segments" }, ...factors, element("label", {}, this.#other, otherText));
    this.element = element("fieldset", {}, legend, segments, this.#exactField, this.#hint);
  }

  get value() {
    return this.#other.checked ? this.#exact.value : this.#radios.find((radio) => radio.checked)?.value;
  }

  set value(value) {
    for (const radio of this.#radios) radio.checked = radio.value === value;
    this.#other.checked = !this.#radios.some((radio) => radio.checked);
    if (this.#other.checked) this.#exact.value = value;
  }

  /** Says what size the photos would get. */
  update(photos) {
    this.#exactField.hidden = !this.#other.checked;
    sayWith(this.#hint, () => this.#describe(photos));
  }

  /** The field with an impossible value; null if all is well. */
  check() {
    const isWrong = this.#other.checked && (this.#exact.value === "" || !this.#exact.validity.valid);
    this.#exact.setAttribute("aria-invalid", String(isWrong));
    return isWrong ? this.#exact : null;
  }

  #describe(photos) {
    const factor = Number(this.value);
    const [photo] = photos;
    if (photos.length !== 1 || !photo.width || !factor) return "";
    const output = { width: Math.round(photo.width * factor), height: Math.round(photo.height * factor) };
    const isTooLarge = output.width * output.height > this.#maxOutputPixels;
    return t(isTooLarge ? "upscale.too-large" : "upscale.size", { from: size(photo), to: size(output) });
  }
}
