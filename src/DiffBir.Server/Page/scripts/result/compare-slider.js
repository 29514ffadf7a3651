// Two pictures of the same scene, one over the other, and a line between them that can be moved; both zoom together.

import { element, icon } from "../dom.js";
import { percent } from "../words/format.js";
import { say } from "../words/i18n.js";
import { Zoom } from "./zoom.js";

const step = 2; // percent
const leap = 10;
const zoomStep = 1.25;
const panStep = 0.1; // of the frame
const clickDistance = 4; // pixels that a finger may tremble

export class CompareSlider {
  #zoom = new Zoom();
  #size = { width: 1, height: 1 };
  #split = 50;
  #pointers = new Map();
  #gesture = null;

  constructor() {
    this.#before = element("img", { class: "compare-picture", alt: "", draggable: "false" });
    this.#after = element("img", { class: "compare-picture", alt: "", draggable: "false" });
    this.#beforeLayer = element("div", { class: "compare-layer before" }, this.#before);
    this.#beforeLabel = element("span", { class: "compare-label before" });
    this.#afterLabel = element("span", { class: "compare-label after" });
    this.#handle = element(
      "div",
      { class: "compare-handle", role: "slider", tabindex: "0", "aria-valuemin": "0", "aria-valuemax": "100" },
      element("span", { class: "compare-grip" }, icon("handle")),
    );
    this.element = element(
      "div",
      { class: "compare", tabindex: "0", role: "group" },
      element("div", { class: "compare-layer" }, this.#after),
      this.#beforeLayer,
      this.#beforeLabel,
      this.#afterLabel,
      this.#handle,
    );
    say(this.element, "compare.view", {}, "aria-label");
    say(this.#handle, "compare.handle", {}, "aria-label");
    this.#listen();
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  #before;
  #after;
  #beforeLayer;
  #beforeLabel;
  #afterLabel;
  #handle;

  /** Shows a new pair, whole; `size` is the size of the second in pixels. */
  show({ before, after, size }) {
    this.#size = size;
    this.#after.src = after;
    this.element.style.setProperty("--ratio", String(size.width / size.height));
    this.#zoom.reset();
    this.#moveTo(50);
    this.showBefore(before);
    say(this.#afterLabel, "compare.after");
  }

  /** Changes the picture on the left; `key` is its name, of compare.before and others. */
  showBefore(url, key = "compare.before") {
    this.#before.src = url;
    say(this.#beforeLabel, key);
    say(this.#before, key, {}, "alt");
    say(this.#after, "compare.after", {}, "alt");
    this.#draw();
  }

  zoomIn = () => this.#zoomBy(zoomStep ** 2);
  zoomOut = () => this.#zoomBy(zoomStep ** -2);

  /** Shows the whole picture. */
  fit = () => {
    this.#zoom.reset();
    this.#draw();
  };

  /** Puts the focus on the line between the pictures. */
  focus() {
    this.#handle.focus({ preventScroll: true });
  }

  #zoomBy(factor, x, y) {
    this.#zoom.by(factor, x, y);
    this.#draw();
  }

  #panBy(x, y) {
    this.#zoom.pan(x, y);
    this.#draw();
  }

  #moveTo(split) {
    this.#split = Math.min(100, Math.max(0, split));
    this.#draw();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    this.#zoom.resize({ width, height }, this.#size);
    const { x, y } = this.#zoom.corner;
    for (const picture of [this.#before, this.#after]) {
      picture.style.width = `${this.#zoom.fitted.width}px`;
      picture.style.height = `${this.#zoom.fitted.height}px`;
      picture.style.transform = `translate(${x}px, ${y}px) scale(${this.#zoom.scale})`;
    }
    this.element.style.setProperty("--split", `${this.#split}%`);
    this.element.classList.toggle("zoomed", this.#zoom.scale > 1);
    this.element.classList.toggle("pixels", this.#zoom.scale > 4 * this.#zoom.pixelScale);
    this.element.dataset.zoom = this.#zoom.scale.toFixed(2);
    this.#beforeLabel.classList.toggle("covered", this.#split < 12);
    this.#afterLabel.classList.toggle("covered", this.#split > 88);
    this.#handle.setAttribute("aria-valuenow", String(Math.round(this.#split)));
    say(this.#handle, "compare.value", { part: () => percent(this.#split / 100) }, "aria-valuetext");
  }

  #listen() {
    const frame = this.element;
    this.#handle.addEventListener("keydown", (event) => this.#onHandleKey(event));
    frame.addEventListener("keydown", (event) => this.#onFrameKey(event));
    frame.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => this.#onDown(event));
    frame.addEventListener("pointermove", (event) => this.#onMove(event));
    frame.addEventListener("pointerup", (event) => this.#onUp(event));
    frame.addEventListener("pointercancel", (event) => this.#onUp(event));
    frame.addEventListener("dblclick", (event) => this.#onDoubleClick(event));
  }

  #onHandleKey(event) {
    const amount = event.shiftKey ? leap : step;
    const moves = {
      ArrowLeft: -amount,
      ArrowDown: -amount,
      ArrowRight: amount,
      ArrowUp: amount,
      PageDown: -leap,
      PageUp: leap,
      Home: -100,
      End: 100,
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#moveTo(this.#split + moves[event.key]);
  }

  #onFrameKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { clientWidth: width, clientHeight: height } = this.element;
    const actions = {
      "+": () => this.#zoomBy(zoomStep),
      "=": () => this.#zoomBy(zoomStep),
      "-": () => this.#zoomBy(1 / zoomStep),
      0: this.fit,
      ArrowLeft: () => this.#panBy(panStep * width, 0),
      ArrowRight: () => this.#panBy(-panStep * width, 0),
      ArrowUp: () => this.#panBy(0, panStep * height),
      ArrowDown: () => this.#panBy(0, -panStep * height),
    };
    const isIdle = event.key.startsWith("Arrow") && this.#zoom.scale === 1;
    if (!(event.key in actions) || isIdle) return;
    event.preventDefault();
    actions[event.key]();
  }

  // Where zooming out has nothing to do, the wheel scrolls the page.
  #onWheel(event) {
    if (event.deltaY > 0 && this.#zoom.scale === 1 && !event.ctrlKey) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const { x, y } = this.#place(event);
    this.#zoomBy(Math.exp((-event.deltaY * lines) / 400), x, y);
  }

  #onDoubleClick(event) {
    const { x, y } = this.#place(event);
    if (this.#zoom.scale > 1) this.fit();
    else this.#zoomBy(Math.max(2, this.#zoom.pixelScale), x, y);
  }

  #onDown(event) {
    if (event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#place(event));
    if (this.#pointers.size > 1) {
      this.#gesture = "pinch";
      return;
    }
    const onHandle = this.#handle.contains(event.target);
    if (onHandle) this.#handle.focus({ preventScroll: true });
    this.#gesture = !onHandle && this.#zoom.scale > 1 ? "pan" : "split";
    this.#origin = this.#place(event);
    if (event.pointerType === "mouse" && this.#gesture === "split") this.#splitAt(event);
  }

  #origin;

  #onMove(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = this.#place(event);
    if (this.#gesture === "pinch") this.#pinch(event.pointerId, before, now);
    else if (this.#gesture === "pan") this.#panBy(now.x - before.x, now.y - before.y);
    else if (event.pointerType === "mouse" || Math.abs(now.x - this.#origin.x) > clickDistance) this.#splitAt(event);
    this.#pointers.set(event.pointerId, now);
  }

  #onUp(event) {
    this.#pointers.delete(event.pointerId);
    this.#gesture = this.#pointers.size === 1 && this.#gesture === "pinch" ? "pan" : this.#gesture;
    if (this.#pointers.size === 0) this.#gesture = null;
  }

  #pinch(id, before, now) {
    const [, other] = [...this.#pointers].find(([key]) => key !== id);
    const was = middle(before, other);
    const is = middle(now, other);
    this.#zoom.pan(is.x - was.x, is.y - was.y);
    this.#zoomBy(distance(now, other) / Math.max(1, distance(before, other)), is.x, is.y);
  }

  #splitAt(event) {
    this.#moveTo((this.#place(event).x / this.element.clientWidth) * 100);
  }

  #place(event) {
    const { left, top } = this.element.getBoundingClientRect();
    return { x: event.clientX - left - this.element.clientLeft, y: event.clientY - top - this.element.clientTop };
  }
}

const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
