// Blobs of the server as addresses for <img>, because <img> cannot send headers.

/** Loads pictures once each and gives their memory back together. */
export class Pictures {
  #loads = new Map();
  #urls = [];

  /** The address of a picture; `load` fetches its blob the first time that a name is asked for. */
  get(name, load) {
    if (!this.#loads.has(name)) {
      const loading = load().then((blob) => this.#keep(blob));
      loading.catch(() => this.#loads.delete(name));
      this.#loads.set(name, loading);
    }
    return this.#loads.get(name);
  }

  /** Frees every picture. */
  release() {
    this.#urls.forEach((url) => URL.revokeObjectURL(url));
    this.#urls = [];
    this.#loads.clear();
  }

  #keep(blob) {
    const url = URL.createObjectURL(blob);
    this.#urls.push(url);
    return url;
  }
}
