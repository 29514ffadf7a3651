// Keeps the list of jobs as the server sees it. The job that is looked at is followed by job-watch.js instead.

import { hasEnded, sleep } from "./job-watch.js";

const pause = 2_500; // milliseconds
const atOnce = 4; // requests; browsers allow six to one server

/** Asks about every job once, then again and again about those that have not ended. */
export async function poll(api, list, { isWatched, onConnection }) {
  await ask(
    api,
    list,
    list.entries.filter((entry) => !entry.gone),
    onConnection,
  );
  for (;;) {
    await sleep(pause);
    if (document.hidden) continue;
    await ask(
      api,
      list,
      list.active.filter((entry) => !isWatched(entry.id)),
      onConnection,
    );
  }
}

async function ask(api, list, entries, onConnection) {
  const waiting = [...entries];
  const worker = async () => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      try {
        const job = await api.job(entry.id);
        list.put(job);
        if (!entry.thumbnail || (hasEnded(job) && !hasEnded(entry))) await illustrate(api, list, job);
        onConnection(true);
      } catch (error) {
        if (error.isTemporary) onConnection(error.status !== 0);
        else if (error.status === 404 || error.status === 410) list.change(entry.id, { gone: true });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const thumbnailSide = 240; // pixels

/** Gives an entry of the list a small picture: of the result if there is one, else of the original. */
export async function illustrate(api, list, job) {
  const view = job.state === "done" ? api.result(job.id, { view: true }) : api.original(job.id);
  try {
    list.change(job.id, { thumbnail: await thumbnail(await view) });
  } catch {
    // The list shows a placeholder.
  }
}

async function thumbnail(blob) {
  const picture = await createImageBitmap(blob);
  const scale = Math.min(1, thumbnailSide / Math.min(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.toDataURL("image/jpeg", 0.8);
}
