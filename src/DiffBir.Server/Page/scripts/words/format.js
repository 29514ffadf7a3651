// Numbers in words of the page's language.

import { language, t } from "./i18n.js";

/** A number of bytes as people say it: 3.4 MB. */
export function bytes(count) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let value = count;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return new Intl.NumberFormat(language(), {
    style: "unit",
    unit: units[unit],
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}

/** A time that has passed: 12 seconds, 3 minutes. */
export function duration(seconds) {
  if (seconds < 90) return inUnit(Math.max(1, Math.round(seconds)), "second");
  if (seconds < 5400) return inUnit(Math.round(seconds / 60), "minute");
  return inUnit(Math.round(seconds / 3600), "hour");
}

/** The time that is left, rounded up so far that it does not flicker; null says that nobody knows yet. */
export function timeLeft(seconds) {
  if (seconds === null || seconds === undefined) return t("left.unknown");
  if (seconds < 10) return t("left.moment");
  if (seconds <= 55) return t("left.time", { time: inUnit(Math.ceil(seconds / 5) * 5, "second") });
  if (seconds <= 5400) return t("left.time", { time: inUnit(Math.ceil(seconds / 60), "minute") });
  return t("left.time", { time: inUnit(Math.ceil(seconds / 3600), "hour") });
}

/** A part of a whole: 45 %. */
export const percent = (fraction) =>
  new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: 0 }).format(fraction);

// Control characters, and those that turn the direction of what stands around them.
const notText = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** What somebody wrote as text: without what could make it, or the sentence around it, read backwards. */
export const plain = (text) => text.replace(notText, "");

/** A file's name as text. */
export const nameOf = (file) => plain(file.name);

/** An image's size in pixels: 640 × 480. */
export const size = ({ width, height }) => `${width} × ${height}`;

/** A moment: today's as a time, others with their date. */
export function moment(iso) {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(
    language(),
    today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" },
  ).format(date);
}

const inUnit = (value, unit) =>
  new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "long" }).format(value);
