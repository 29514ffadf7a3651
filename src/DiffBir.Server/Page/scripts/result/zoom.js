// Where a picture lies in its frame.

const smallestLimit = 4; // times the fitted size, for pictures that are small already
const pixelLimit = 8; // screen pixels for one of the picture's

/** A picture in a frame: fitted at scale 1, moved only as far as its edges. Sizes and places are in screen pixels. */
export class Zoom {
  scale = 1;
  #frame = { width: 1, height: 1 };
  #picture = { width: 1, height: 1 };
  #center = { x: 0.5, y: 0.5 }; // the point of the picture in the middle of the frame, as parts of its size

  /** Takes over the sizes of frame and picture; keeps what is in the middle. */
  resize(frame, picture) {
    this.#frame = frame;
    this.#picture = picture;
    this.#settle();
  }

  /** The size of the picture at scale 1. */
  get fitted() {
    const factor = Math.min(this.#frame.width / this.#picture.width, this.#frame.height / this.#picture.height);
    return { width: this.#picture.width * factor, height: this.#picture.height * factor };
  }

  /** The picture's left upper corner in the frame. */
  get corner() {
    const { width, height } = this.fitted;
    return {
      x: this.#frame.width / 2 - this.#center.x * width * this.scale,
      y: this.#frame.height / 2 - this.#center.y * height * this.scale,
    };
  }

  /** The scale at which a pixel of the picture is one of the screen. */
  get pixelScale() {
    return this.#picture.width / this.fitted.width;
  }

  get largest() {
    return Math.max(smallestLimit, pixelLimit * this.pixelScale);
  }

  /** Zooms by a factor; the point of the picture at x, y of the frame stays there. */
  by(factor, x = this.#frame.width / 2, y = this.#frame.height / 2) {
    const { width, height } = this.fitted;
    const { x: left, y: top } = this.corner;
    const before = this.scale;
    this.scale = Math.min(this.largest, Math.max(1, before * factor));
    const point = { x: (x - left) / (width * before), y: (y - top) / (height * before) };
    this.#center = {
      x: point.x - (x - this.#frame.width / 2) / (width * this.scale),
      y: point.y - (y - this.#frame.height / 2) / (height * this.scale),
    };
    this.#settle();
  }

  /** Moves the picture. */
  pan(x, y) {
    const { width, height } = this.fitted;
    this.#center.x -= x / (width * this.scale);
    this.#center.y -= y / (height * this.scale);
    this.#settle();
  }

  /** Fits the picture into the frame. */
  reset() {
    this.scale = 1;
    this.#settle();
  }

  #settle() {
    const { width, height } = this.fitted;
    this.scale = Math.min(this.largest, Math.max(1, this.scale));
    this.#center = {
      x: settle(this.#center.x, this.#frame.width / (width * this.scale)),
      y: settle(this.#center.y, this.#frame.height / (height * this.scale)),
    };
  }
}

/** The nearest center at which no gap opens beside the picture; `part` is how much of it the frame shows. */
const settle = (center, part) => (part >= 1 ? 0.5 : Math.min(1 - part / 2, Math.max(part / 2, center)));
