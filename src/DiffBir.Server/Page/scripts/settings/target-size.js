// Sizes of results in pixels or on paper, as the option `size` writes them.

const centimetersPerInch = 2.54;

/** What a size can be asked for in; a paper is turned as the photo is, a screen is not. */
export const kinds = ["cover", "fit", "cm", "in"];

const pattern = /^(fit:)?([\d.]+)x([\d.]+)(?:(cm|in)@([\d.]+)dpi)?$/;

/** A size as text: 3840x2160, fit:3840x2160, 20x30cm@300dpi. */
export const toText = ({ kind, width, height, dpi }) =>
  kind === "cover" || kind === "fit"
    ? `${kind === "fit" ? "fit:" : ""}${width}x${height}`
    : `${width}x${height}${kind}@${dpi}dpi`;

/** The size that a text means; null where it is none. */
export function parse(text) {
  const [found, fit, width, height, unit, dpi] = pattern.exec(text) ?? [];
  if (!found) return null;
  const size = { kind: unit ?? (fit ? "fit" : "cover"), width: Number(width), height: Number(height) };
  return unit ? { ...size, dpi: Number(dpi) } : size;
}

/**
 * The size in pixels that the server makes of a photo, about: it keeps its proportions.
 * @param size { kind, width, height, dpi }.
 * @param photo { width, height } in pixels.
 */
export function outputOf({ kind, width, height, dpi }, photo) {
  const perUnit = { cm: dpi / centimetersPerInch, in: dpi }[kind] ?? 1;
  const isPaper = kind === "cm" || kind === "in";
  const isTurned = isPaper && photo.height > photo.width !== height > width;
  const target = isTurned ? { width: height, height: width } : { width, height };
  const scales = [(target.width * perUnit) / photo.width, (target.height * perUnit) / photo.height];
  return scaled(photo, kind === "fit" ? Math.min(...scales) : Math.max(...scales), kind === "fit" ? Math.floor : Math.ceil);
}

/** A photo's size times a factor. */
export const scaled = ({ width, height }, factor, round = Math.floor) => ({
  width: Math.max(1, round(nearly(width * factor))),
  height: Math.max(1, round(nearly(height * factor))),
});

// 47.99999999 pixels are 48.
const nearly = (length) => Number(length.toFixed(6));
