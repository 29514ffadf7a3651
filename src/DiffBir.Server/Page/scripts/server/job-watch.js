// Follows a job until its end, across broken connections.

import { ApiError } from "./api.js";

const firstPause = 1_000; // milliseconds before the first new try; doubled up to the longest
const longestPause = 15_000;

/** Whether a job has come to its end. */
export const hasEnded = (job) => job.state === "done" || job.state === "failed" || job.state === "cancelled";

/**
 * Follows a job until it ends or the signal says so.
 * @param listener onJob(job), onProgress(progress), onPreview(), onConnection(isThere).
 * @throws {ApiError} The server does not know the job, or does not let us see it.
 */
export async function watch(api, id, listener, signal) {
  let pause = firstPause;
  while (!signal.aborted) {
    try {
      for await (const { type, data } of api.events(id, signal)) {
        pause = firstPause;
        listener.onConnection(true);
        if (type === "progress") listener.onProgress(data);
        else if (type === "preview") listener.onPreview();
        else if (type === "job") {
          listener.onJob(data);
          if (hasEnded(data)) return;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      if (!error.isTemporary) {
        listener.onConnection(true);
        throw error;
      }
      listener.onConnection(false);
    }
    await sleep(pause, signal);
    pause = Math.min(2 * pause, longestPause);
  }
}

/** Waits; a signal ends it early. */
export function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
