// How large the result gets.

import { element } from "../dom.js";
import { size } from "../words/format.js";
import { say, sayWith, t } from "../words/i18n.js";
import { outputOf, scaled } from "./target-size.js";
import { TargetFields } from "./target-fields.js";

const usualFactors = [1, 2, 4, 8];
const firstOther = 3;

export class UpscaleChoice {
  #maxOutputPixels;
  #radios = usualFactors.map((factor) => element("input", { type: "radio", name: "upscale", value: factor }));
  #other = element("input", { type: "radio", name: "upscale", value: "other" });
  #fields;
  #hint = element("p", { class: "hint", role: "status" });

  /**
   * @param option The server's description of the option.
   * @param limits The server's limits.
   */
  constructor(option, { maxOutputPixels }) {
    this.#maxOutputPixels = maxOutputPixels ?? Infinity;
    this.#fields = new TargetFields(option, firstOther);
    const otherText = element("span");
    const legend = element("legend");
    say(otherText, "upscale.other");
    say(legend, "upscale.legend");
    const factors = this.#radios.map((radio) => element("label", {}, radio, element("span", {}, `${radio.value}×`)));
    const segments = element("div", { class: "segments" }, ...factors, element("label", {}, this.#other, otherText));
    this.element = element("fieldset", {}, legend, segments, this.#fields.element, this.#hint);
  }

  /** The options that say it: `upscale` or `size`. */
  get values() {
    return this.#other.checked ? this.#fields.values : { upscale: this.#factor };
  }

  /** Takes over options; those that say nothing leave it as it is. */
  set values({ upscale, size }) {
    if (!upscale && !size) return;
    for (const radio of this.#radios) radio.checked = !size && radio.value === upscale;
    this.#other.checked = !this.#radios.some((radio) => radio.checked);
    if (this.#other.checked) this.#fields.values = { upscale, size };
  }

  /** Says what size the photos would get. */
  update(photos) {
    this.#fields.element.hidden = !this.#other.checked;
    this.#fields.update();
    sayWith(this.#hint, () => this.#describe(photos));
  }

  /** Whether the server would make a result as large as asked; true where a photo's size is not known. */
  fits(photo) {
    const output = this.#outputOf(photo);
    return !output || output.width * output.height <= this.#maxOutputPixels;
  }

  /** The field with an impossible value; null if all is well. */
  check() {
    return this.#other.checked ? this.#fields.check() : null;
  }

  get #factor() {
    return this.#radios.find((radio) => radio.checked)?.value;
  }

  #outputOf(photo) {
    if (!photo.width) return null;
    if (!this.#other.checked) return scaled(photo, Number(this.#factor));
    const { target, factor } = this.#fields;
    if (target) return target.width > 0 && target.height > 0 ? outputOf(target, photo) : null;
    return factor ? scaled(photo, factor) : null;
  }

  #describe(photos) {
    const [photo] = photos;
    const output = photos.length === 1 ? this.#outputOf(photo) : null;
    if (!output) return "";
    return t(this.fits(photo) ? "upscale.size" : "upscale.too-large", { from: size(photo), to: size(output) });
  }
}
