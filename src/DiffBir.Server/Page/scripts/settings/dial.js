// The dial between fidelity and realism, and the guidance scale that it stands for.

/** The dial's right end: the generator is free. */
export const realism = 100;

const bands = ["faithful", "close", "balanced", "lively", "free"];

/**
 * The guidance scale of a dial position from 0 (fidelity, the model's strongest guidance) to 100 (realism). It is a cube,
 * because the difference between 0 and 0.05 is as visible as that between 0.5 and 1; rounded to two digits, so that people
 * can type it.
 */
export const toGuidanceScale = (position, strongest) =>
  Number((strongest * (1 - position / realism) ** 3).toPrecision(2));

/** The dial position of a guidance scale; what is stronger than the dial goes stands at its end. */
export const toPosition = (scale, strongest) =>
  Math.round(realism * (1 - Math.cbrt(Math.min(scale, strongest) / strongest)));

/** What a position does, as a part of the keys of its texts. */
export const band = (position) => bands[Math.min(bands.length - 1, Math.floor((position / realism) * bands.length))];
