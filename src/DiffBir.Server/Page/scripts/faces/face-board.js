// A photo with its faces: each can be switched off, moved, and its five points dragged.

import { element } from "../dom.js";
import { say } from "../words/i18n.js";
import { frameOf, moved } from "./marks.js";

const svgSpace = "http://www.w3.org/2000/svg";
const pointNames = ["left-eye", "right-eye", "nose", "left-mouth", "right-mouth"];
const clickDistance = 4; // pixels of the screen that a finger may tremble
const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const keyStep = 1 / 400; // of the photo's longer side
const pointShare = 70; // a point's radius is this part of the photo's longer side

export class FaceBoard {
  #size;
  #picture = element("img", { class: "faces-picture", alt: "" });
  #drawing = svg("svg", { class: "faces-drawing" });
  #onChange;
  faces = [];

  /** @param onChange Called when a face is switched, moved or added. */
  constructor(onChange) {
    this.#onChange = onChange;
    say(this.#picture, "faces.picture", {}, "alt");
    this.element = element("div", { class: "faces-board" }, this.#picture, this.#drawing);
  }

  /** Shows a photo with its faces. */
  show(url, size, faces) {
    this.#size = size;
    this.#picture.src = url;
    this.#drawing.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    this.element.style.setProperty("--ratio", String(size.width / size.height));
    this.faces = faces;
    this.#draw();
  }

  /** Adds a face and moves the focus to it. */
  add(face) {
    this.faces.push(face);
    this.#draw();
    this.#drawing.lastElementChild.querySelector(".face-frame").focus();
  }

  #draw() {
    this.#drawing.replaceChildren(...this.faces.map((face, index) => this.#makeFace(face, index + 1)));
    this.#onChange();
  }

  #makeFace(face, number) {
    const group = svg("g", { class: "face" });
    const frame = svg("rect", { class: "face-frame", tabindex: "0", role: "checkbox" });
    say(frame, "faces.face", { number }, "aria-label");
    const points = face.points.map((_, index) => {
      const point = svg("circle", { class: "face-point", tabindex: "0", role: "button" });
      say(point, `faces.${pointNames[index]}`, { number }, "aria-label");
      return point;
    });
    group.append(frame, ...points);
    const place = () => this.#place(face, group, frame, points);
    this.#drag(frame, {
      move: (dx, dy) => (face.points = moved(face.points, dx, dy)),
      click: () => (face.isOn = !face.isOn),
      then: place,
    });
    points.forEach((point, index) =>
      this.#drag(point, { move: (dx, dy) => ([face.points[index]] = moved([face.points[index]], dx, dy)), then: place }),
    );
    place();
    return group;
  }

  #place(face, group, frame, points) {
    const longer = Math.max(this.#size.width, this.#size.height);
    const { left, top, width, height } = frameOf(face);
    set(frame, { x: left, y: top, width, height, rx: longer / 200, "aria-checked": face.isOn });
    // Points of small faces must not cover each other.
    const radius = Math.min(longer / pointShare, width / 8);
    points.forEach((point, index) => set(point, { cx: face.points[index][0], cy: face.points[index][1], r: radius }));
    group.classList.toggle("off", !face.isOn);
    this.#onChange();
  }

  /** Lets a pointer or the arrow keys move something; a click or the space bar switches it. */
  #drag(target, { move, click = () => {}, then }) {
    let last = null;
    let distance = 0;
    target.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      target.focus();
      target.setPointerCapture(event.pointerId);
      [last, distance] = [event, 0];
    });
    target.addEventListener("pointermove", (event) => {
      if (!last) return;
      const scale = this.#size.width / this.#drawing.getBoundingClientRect().width;
      const [dx, dy] = [event.clientX - last.clientX, event.clientY - last.clientY];
      [last, distance] = [event, distance + Math.hypot(dx, dy)];
      move(dx * scale, dy * scale);
      then();
    });
    target.addEventListener("pointerup", () => {
      if (last && distance < clickDistance) click();
      last = null;
      then();
    });
    target.addEventListener("pointercancel", () => (last = null));
    target.addEventListener("keydown", (event) => {
      const way = keys[event.key];
      if (!way && event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      const step = Math.max(this.#size.width, this.#size.height) * keyStep * (event.shiftKey ? 10 : 1);
      if (way) move(way[0] * step, way[1] * step);
      else click();
      then();
    });
  }
}

function svg(tag, attributes) {
  const made = document.createElementNS(svgSpace, tag);
  set(made, attributes);
  return made;
}

function set(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) target.setAttribute(name, String(value));
}
