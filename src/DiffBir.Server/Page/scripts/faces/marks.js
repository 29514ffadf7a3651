// Faces as five points in pixels of the upright photo: eyes, nose, corners of the mouth, as seen in the picture.

// A face that looks straight ahead; the distance between its eyes is 1, and its middle the origin.
const usual = [
  [-0.5, -0.48],
  [0.5, -0.48],
  [0, 0.11],
  [-0.44, 0.56],
  [0.44, 0.56],
];
const eyeShare = 5; // a new face's eyes are this part of the photo's shorter side apart
const shares = [0.5, 0.25, 0.75]; // where new faces are placed, of the photo's sides
const margin = 0.6; // of the distance between the eyes, around the points

/** A face to be moved to where one is: in the middle of a photo, or beside it where other faces are. */
export function newFace({ width, height }, others) {
  const eyes = Math.min(width, height) / eyeShare;
  const places = shares.flatMap((y) => shares.map((x) => [x * width, y * height]));
  const taken = others.map((face) => middleOf(face.points));
  const room = ([x, y]) => Math.min(2 * eyes, ...taken.map(([left, top]) => Math.hypot(x - left, y - top)));
  const [left, top] = places.reduce((best, place) => (room(place) > room(best) ? place : best));
  return { isOn: true, points: moved(usual.map(([x, y]) => [x * eyes, y * eyes]), left, top) };
}

/** Faces as POST /api/faces gives them. */
export const foundFaces = (faces) => faces.map(({ landmarks }) => ({ isOn: true, points: landmarks }));

/** The text for the field face-landmarks: the faces that are switched on. */
export const toText = (faces) => JSON.stringify(faces.filter(({ isOn }) => isOn).map(({ points }) => points.map(rounded)));

/** The rectangle around a face: left, top, width and height. */
export function frameOf({ points }) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const room = margin * Math.hypot(points[1][0] - points[0][0], points[1][1] - points[0][1]);
  const [left, top] = [Math.min(...xs) - room, Math.min(...ys) - room];
  return { left, top, width: Math.max(...xs) + room - left, height: Math.max(...ys) + room - top };
}

/** The face moved as a whole. */
export const moved = (points, dx, dy) => points.map(([x, y]) => [x + dx, y + dy]);

const middleOf = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
const rounded = ([x, y]) => [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
