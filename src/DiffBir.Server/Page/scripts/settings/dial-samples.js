// The middle of the photo, restored at four positions of the dial, to choose by eye.

import { makeButton } from "../buttons.js";
import { element } from "../dom.js";
import { watch } from "../server/job-watch.js";
import { asApiError, sayError } from "../words/errors.js";
import { say } from "../words/i18n.js";
import { band, realism, toGuidanceScale } from "./dial.js";

const side = 128; // pixels of the photo, before it is enlarged
const block = 8; // pixels of a block of JPEG on each side
const positions = [0, 35, 65, realism];
const ofFaces = ["faces", "face-landmarks", "background", "only-largest-face", "min-face"];
const notOfPieces = ["guidance-scale", "size", "longest-side", ...ofFaces, "format", "quality", "page"];

export class DialSamples {
  #api;
  #onChoose;
  #photo = null;
  #options = {};
  #strongest = 1;
  #stop = new AbortController();
  #jobs = new Set(); // of the server, until they are deleted
  #urls = [];
  #list = element("ul", { class: "dial-samples", hidden: true });
  #error = element("p", { class: "message error", role: "alert", hidden: true });
  #try = makeButton("button quiet", "picture", "samples.try", () => this.#begin());
  #end = makeButton("button quiet", "close", "samples.stop", () => this.#clear());

  /** @param onChoose Called with the position that was chosen. */
  constructor(api, onChoose) {
    this.#api = api;
    this.#onChoose = onChoose;
    this.element = element("div", { hidden: true }, this.#try, this.#end, this.#list, this.#error);
    this.#end.hidden = true;
    addEventListener("pagehide", () => this.#clear());
  }

  /**
   * Offers pieces of a photo; those of another one, or made with other options, are dropped.
   * @param photo { file, width, height }; undefined where there is none that the browser can show.
   * @param options Those that would be sent.
   * @param strongest The model's strongest guidance.
   */
  offer(photo, options, strongest) {
    const ofPieces = Object.fromEntries(Object.entries(options).filter(([name]) => !notOfPieces.includes(name)));
    const isOther = photo !== this.#photo || JSON.stringify([ofPieces, strongest]) !== JSON.stringify([this.#options, this.#strongest]);
    if (isOther) this.#clear();
    [this.#photo, this.#options, this.#strongest] = [photo, ofPieces, strongest];
    this.element.hidden = !photo;
  }

  async #begin() {
    this.#clear();
    const { signal } = this.#stop;
    const frames = positions.map((position) => this.#makeFrame(position));
    this.#list.replaceChildren(...frames.map(({ item }) => item));
    this.#list.hidden = this.#end.hidden = false;
    this.#try.hidden = true;
    try {
      const piece = await cutMiddle(this.#photo.file);
      for (const frame of frames) {
        const url = await this.#restore(piece, frame.position, signal);
        if (signal.aborted) return;
        frame.show(url);
      }
      this.#end.hidden = true;
      this.#try.hidden = false;
    } catch (error) {
      if (signal.aborted) return;
      this.#clear();
      sayError(this.#error, asApiError(error));
    }
  }

  async #restore(piece, position, signal) {
    const scale = String(toGuidanceScale(position, this.#strongest));
    const job = await this.#api.submit(piece, { ...this.#options, "guidance-scale": scale }, { signal });
    this.#jobs.add(job.id);
    await this.#endOf(job.id, signal);
    if (signal.aborted) return null;
    const blob = await this.#api.result(job.id, { view: true }, signal);
    this.#forget(job.id);
    const url = URL.createObjectURL(blob);
    this.#urls.push(url);
    return url;
  }

  #endOf(id, signal) {
    const nothing = () => {};
    const listener = { onJob: nothing, onProgress: nothing, onPreview: nothing, onConnection: nothing };
    return watch(this.#api, id, listener, signal);
  }

  /** Stops what is being made and lets go of everything. */
  #clear() {
    this.#stop.abort();
    this.#stop = new AbortController();
    for (const id of this.#jobs) this.#forget(id);
    this.#urls.forEach((url) => URL.revokeObjectURL(url));
    this.#urls = [];
    this.#list.replaceChildren();
    this.#list.hidden = this.#end.hidden = this.#error.hidden = true;
    this.#try.hidden = false;
  }

  #forget(id) {
    this.#jobs.delete(id);
    this.#api.remove(id, { keepalive: true }).catch(() => {}); // else it expires
  }

  #makeFrame(position) {
    const picture = element("img", { alt: "", hidden: true });
    const waiting = element("progress", { "aria-hidden": "true" });
    const text = element("span");
    say(text, `dial.${band(position)}`);
    const button = element(
      "button",
      { type: "button", class: "dial-sample", disabled: true, on: { click: () => this.#onChoose(position) } },
      element("span", { class: "dial-sample-frame" }, picture, waiting),
      text,
    );
    const show = (url) => {
      picture.src = url;
      picture.hidden = false;
      waiting.hidden = true;
      button.disabled = false;
    };
    return { item: element("li", {}, button), position, show };
  }
}

/** The middle of a photo as a file, upright. */
async function cutMiddle(file) {
  const picture = await createImageBitmap(file);
  const [width, height] = [Math.min(side, picture.width), Math.min(side, picture.height)];
  // Blocks of JPEG begin in the piece where they begin in the photo: models tell compression by them.
  const start = (whole, part) => Math.floor((whole - part) / 2 / block) * block;
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").drawImage(picture, -start(picture.width, width), -start(picture.height, height));
  picture.close();
  return new File([await canvas.convertToBlob({ type: "image/png" })], "piece.png", { type: "image/png" });
}
