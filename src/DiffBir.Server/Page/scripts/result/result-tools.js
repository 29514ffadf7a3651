// What can be done with a restored photo.

import { element, icon } from "../dom.js";
import { say } from "../words/i18n.js";
import { FacePairs } from "./face-pairs.js";
import { OtherResults } from "./other-results.js";

const lefts = ["original", "clean", "weights"];

export class ResultTools {
  #compare;
  #left;
  #faces;
  #others;
  #kinds = [];
  #hint = element("p", { class: "hint", role: "status" });

  /**
   * @param compare The CompareSlider that shows the result.
   * @param actions onLeft(kind): what to show on the left; onOther(id): which job's result to show there; onFace(number): which
   *   face, 0 for the whole photo.
   */
  constructor(compare, { onLeft, onOther, onFace }) {
    this.#compare = compare;
    this.#left = this.#makeLeft(onLeft);
    this.#others = new OtherResults((id) => {
      this.#left.choose(id ? null : "original");
      say(this.#hint, id ? "left.other" : "left.original");
      if (id) onOther(id);
      else onLeft("original");
    });
    this.#faces = new FacePairs((number) => {
      this.#left.element.disabled = this.#others.disabled = number > 0;
      this.#others.reset();
      this.#left.offer(this.#kinds);
      say(this.#hint, number > 0 ? "pairs.hint" : "left.original");
      onFace(number);
    });
    this.element = element(
      "div",
      { class: "tools", hidden: true },
      element("div", { class: "looks" }, this.#left.element, this.#makeZoom()),
      this.#others.element,
      this.#faces.element,
      this.#hint,
    );
  }

  /**
   * Shows what is possible with a job that is done.
   * @param others Other results of its photo, as OtherResults takes them.
   */
  show({ intermediates, faces }, others) {
    this.element.hidden = false;
    this.#kinds = ["original", ...intermediates];
    this.#left.element.disabled = this.#others.disabled = false;
    this.#left.offer(this.#kinds);
    this.#others.offer(others);
    this.#faces.offer(faces ?? 0);
    say(this.#hint, "left.original");
  }

  hide() {
    this.element.hidden = true;
  }

  #makeLeft(onLeft) {
    const legend = element("legend", { class: "visually-hidden" });
    say(legend, "left.legend");
    const choices = lefts.map((kind) => {
      const text = element("span");
      say(text, `compare.${kind}.choice`);
      const radio = element("input", { type: "radio", name: "left", value: kind });
      radio.addEventListener("change", () => {
        say(this.#hint, `left.${kind}`);
        this.#others.reset();
        onLeft(kind);
      });
      return { kind, radio, label: element("label", {}, radio, text) };
    });
    return {
      element: element("fieldset", { class: "segments" }, legend, ...choices.map(({ label }) => label)),
      choose: (chosen) => choices.forEach(({ kind, radio }) => (radio.checked = kind === chosen)),
      offer: (kinds) => {
        for (const { kind, radio, label } of choices) {
          label.hidden = !kinds.includes(kind);
          radio.checked = kind === "original";
        }
      },
    };
  }

  #makeZoom() {
    const zoom = element(
      "div",
      { class: "zoom", role: "group" },
      iconButton("zoom.out", "minus", this.#compare.zoomOut),
      iconButton("zoom.fit", "fit", this.#compare.fit),
      iconButton("zoom.in", "plus", this.#compare.zoomIn),
    );
    if (document.fullscreenEnabled)
      zoom.append(iconButton("zoom.fullscreen", "fullscreen", () => this.#compare.element.requestFullscreen()));
    say(zoom, "zoom.label", {}, "aria-label");
    return zoom;
  }
}

function iconButton(key, iconName, onClick) {
  const made = element("button", { type: "button", class: "icon-button", on: { click: onClick } }, icon(iconName));
  say(made, key, {}, "aria-label");
  say(made, key, {}, "title");
  return made;
}
