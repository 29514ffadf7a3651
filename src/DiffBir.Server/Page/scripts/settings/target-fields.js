// A size that is none of the usual multiples: another multiple, pixels, or a print.

import { element } from "../dom.js";
import { say } from "../words/i18n.js";
import { kinds, parse, toText } from "./target-size.js";

const multiple = "times";
const usual = { cover: [3840, 2160], fit: [3840, 3840], cm: [15, 10], in: [6, 4] };
const usualDpi = 300;

export class TargetFields {
  #kind = element("select", { id: "upscale-kind" });
  #times;
  #width = number("size-width", { min: 0.1 });
  #height = number("size-height", { min: 0.1 });
  #dpi = number("size-dpi", { min: 1, max: 2400, value: usualDpi });
  #timesField;
  #sides;
  #resolution;
  #shownKind = null;

  /**
   * @param option The server's description of `upscale`.
   * @param factor The multiple at first.
   */
  constructor({ minimum, maximum }, factor) {
    this.#times = number("upscale-exact", { min: minimum, max: maximum, value: factor });
    for (const kind of [multiple, ...kinds]) {
      const option = element("option", { value: kind });
      say(option, `size.${kind}`);
      this.#kind.append(option);
    }
    this.#timesField = labeled("upscale.exact", this.#times);
    this.#sides = element(
      "div",
      { class: "size-sides" },
      labeled("size.width", this.#width),
      labeled("size.height", this.#height),
    );
    this.#resolution = labeled("size.dpi", this.#dpi);
    this.element = element(
      "div",
      { class: "upscale-exact" },
      labeled("size.kind", this.#kind),
      this.#timesField,
      this.#sides,
      this.#resolution,
    );
  }

  /** The options that say it. */
  get values() {
    const { target } = this;
    return target ? { size: toText(target) } : { upscale: this.#times.value };
  }

  set values({ upscale, size }) {
    const target = size ? parse(size) : null;
    this.#kind.value = target?.kind ?? multiple;
    this.#shownKind = this.#kind.value;
    if (!target) this.#times.value = upscale ?? this.#times.value;
    else [this.#width.value, this.#height.value, this.#dpi.value] = [target.width, target.height, target.dpi ?? usualDpi];
  }

  /** The size in pixels or on paper; null where a multiple is asked for. */
  get target() {
    if (this.#kind.value === multiple) return null;
    const [width, height, dpi] = [this.#width, this.#height, this.#dpi].map((field) => Number(field.value));
    return { kind: this.#kind.value, width, height, dpi };
  }

  /** The multiple. */
  get factor() {
    return Number(this.#times.value);
  }

  /** Shows the fields of the kind that is chosen, with usual values where it was another kind before. */
  update() {
    const kind = this.#kind.value;
    const isPaper = kind === "cm" || kind === "in";
    if (kind !== this.#shownKind && usual[kind]) [this.#width.value, this.#height.value] = usual[kind];
    this.#shownKind = kind;
    for (const side of [this.#width, this.#height]) side.step = isPaper ? "any" : 1;
    for (const side of [this.#width, this.#height]) side.min = isPaper ? 0.1 : 1;
    this.#timesField.hidden = kind !== multiple;
    this.#sides.hidden = kind === multiple;
    this.#resolution.hidden = !isPaper;
  }

  /** The first field with an impossible value; null if all is well. */
  check() {
    const fields = [this.#times, this.#width, this.#height, this.#dpi];
    let first = null;
    for (const field of fields) {
      const isShown = !field.closest("[hidden]");
      const isWrong = isShown && (field.value === "" || !field.validity.valid);
      field.setAttribute("aria-invalid", String(isWrong));
      if (isWrong) first ??= field;
    }
    return first;
  }
}

const number = (id, attributes) =>
  element("input", { id, type: "number", step: "any", inputmode: "decimal", ...attributes });

function labeled(key, input) {
  const label = element("label", { for: input.id });
  say(label, key);
  return element("div", { class: "field" }, label, input);
}
