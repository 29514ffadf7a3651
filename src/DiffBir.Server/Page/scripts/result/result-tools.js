// What can be done with a restored photo.

import { element, icon } from "../dom.js";
import { say } from "../words/i18n.js";

const lefts = ["original", "clean", "weights"];

export class ResultTools {
  #compare;
  #left;
  #download;
  #hint = element("p", { class: "hint", role: "status" });

  /**
   * @param compare The CompareSlider that shows the result.
   * @param actions onDownload(); onLeft(kind): what to show on the left.
   */
  constructor(compare, { onDownload, onLeft }) {
    this.#compare = compare;
    this.#left = this.#makeLeft(onLeft);
    this.#download = makeDownload(onDownload);
    this.element = element(
      "div",
      { class: "tools", hidden: true },
      element("div", { class: "looks" }, this.#left.element, this.#makeZoom()),
      this.#hint,
      this.#download,
    );
  }

  /** Shows what is possible with a job that is done. */
  show({ intermediates }) {
    this.element.hidden = false;
    this.#left.offer(["original", ...intermediates]);
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
        onLeft(kind);
      });
      return { kind, radio, label: element("label", {}, radio, text) };
    });
    return {
      element: element("fieldset", { class: "segments" }, legend, ...choices.map(({ label }) => label)),
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

function makeDownload(onClick) {
  const text = element("span");
  say(text, "job.download");
  return element(
    "button",
    { type: "button", class: "button primary large", on: { click: onClick } },
    icon("download"),
    text,
  );
}

function iconButton(key, iconName, onClick) {
  const made = element("button", { type: "button", class: "icon-button", on: { click: onClick } }, icon(iconName));
  say(made, key, {}, "aria-label");
  say(made, key, {}, "title");
  return made;
}
