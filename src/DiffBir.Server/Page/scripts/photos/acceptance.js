// Which files the server takes, so that the others are told before anything is sent.

/** What the server's formats are called by browsers, and how their files begin. */
const formats = {
  png: { type: "image/png", endings: [".png"], starts: [/^\x89PNG/] },
  jpg: { type: "image/jpeg", endings: [".jpg", ".jpeg", ".jpe", ".jfif"], starts: [/^\xff\xd8\xff/] },
  webp: { type: "image/webp", endings: [".webp"], starts: [/^RIFF[^]{4}WEBP/] },
  tiff: { type: "image/tiff", endings: [".tif", ".tiff"], starts: [/^II[*+]\0/, /^MM\0[*+]/] },
  avif: { type: "image/avif", endings: [".avif"], starts: [/^[^]{4}ftyp(avi[fs]|mif1[^]{4}([^]{4})*avif)/] },
  gif: { type: "image/gif", endings: [".gif"], starts: [/^GIF8[79]a/] },
};

/** Kinds of pictures that people have and that the server does not take. */
const others = {
  heic: /^[^]{4}ftyp(he|mif1)/,
  bmp: /^BM/,
  jpeg2000: /^(\xff\x4f\xff\x51|\0\0\0\x0cjP {2})/,
  jpegxl: /^(\xff\x0a|\0\0\0\x0cJXL )/,
  photoshop: /^8BPS/,
};

const startLength = 32; // bytes

/** What a file picker offers for formats of the server. */
export const pickerTypes = (names) =>
  names.flatMap((name) => [formats[name]?.type ?? [], ...(formats[name]?.endings ?? [])].flat()).join(",");

/**
 * Looks at a file's size and first bytes.
 * @param schema Of GET /api/options.
 * @returns The error that the server would answer with; null where none can be foreseen.
 */
export async function problemOf(file, { formats: names, limits }) {
  if (file.size > (limits.maxBytes ?? Infinity)) return { code: "image-too-large" };
  const start = await startOf(file);
  if (start === null) return { code: "file-unreadable" };
  if (names.some((name) => formats[name]?.starts.some((pattern) => pattern.test(start)))) return null;
  const kind = Object.keys(others).find((name) => others[name].test(start));
  return { code: kind ? `not-read.${kind}` : "not-an-image" };
}

/** Whether a picture has more pixels than the server decodes. */
export const hasTooManyPixels = ({ width, height }, { limits }) => width * height > (limits.maxPixels ?? Infinity);

/** The first bytes as characters; null where the file is a folder, or has gone. */
async function startOf(file) {
  try {
    return String.fromCharCode(...new Uint8Array(await file.slice(0, startLength).arrayBuffer()));
  } catch {
    return null;
  }
}
