// From pen strokes to an image in MNIST's form: 28 x 28 pixels, the ink 20 pixels on its
// longer side, its centre of mass in the middle. `to_mnist_form` of skmnist does the same.

import { paintStroke } from "./drawing.js";

const SIDE = 28;
const BOX = 20;
const MOST_MOVES = 8; // pixels: the margin around the box, so the farthest ink may move
const PEN = 2.6; // pixels of the 28: as wide as most of MNIST's strokes
const FINE = 8; // strokes are drawn so many times larger, and averaged

// Strokes are lists of [x, y]; the unit does not matter.
export function drawImage(strokes) {
  return toMnistForm(redraw(strokes), (BOX + 8) * FINE);
}

// Draw the strokes at one size, with a pen that fits it: however large somebody writes,
// the network sees lines of the width that it knows.
function redraw(strokes) {
  const side = (BOX + 8) * FINE;
  const points = strokes.flat();
  const [left, right] = span(points.map(([x]) => x));
  const [top, bottom] = span(points.map(([, y]) => y));
  const length = Math.max(right - left, bottom - top) || 1;
  const scale = ((BOX - PEN) * FINE) / length;
  const place = ([x, y]) => [
    side / 2 + scale * (x - (left + right) / 2),
    side / 2 + scale * (y - (top + bottom) / 2),
  ];
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const context = canvas.getContext("2d");
  context.lineWidth = PEN * FINE;
  for (const stroke of strokes) paintStroke(context, stroke.map(place));
  const { data } = context.getImageData(0, 0, side, side);
  return Float64Array.from({ length: side * side }, (_, i) => data[4 * i + 3] / 255);
}

// Scale and centre a square drawing, row by row from 0 to 1; returns 784 pixels.
export function toMnistForm(drawing, side) {
  const rows = new Float64Array(side);
  const columns = new Float64Array(side);
  drawing.forEach((ink, i) => {
    rows[Math.floor(i / side)] += ink;
    columns[i % side] += ink;
  });
  const spans = [rows, columns].map(findInk);
  const step = Math.max(...spans.map(([start, stop]) => stop - start)) / BOX;
  const [down, across] = [rows, columns].map((profile, k) => weigh(profile, spans[k][0], step));
  const image = new Float64Array(SIDE * SIDE);
  // Each new pixel is the mean over its area.
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      for (const [i, high] of down[y]) {
        for (const [j, wide] of across[x]) image[SIDE * y + x] += high * wide * drawing[side * i + j];
      }
    }
  }
  const most = Math.max(...image);
  return centre(Uint8Array.from(image, (ink) => roundHalfToEven((255 * ink) / most)));
}

// How much of which old pixels each new pixel covers, along one axis.
function weigh(profile, start, step) {
  const shift = roundHalfToEven(SIDE / 2 - ((mean(profile) - start) / step - 0.5));
  return Array.from({ length: SIDE }, (_, k) => {
    const low = start + step * (k - shift);
    const covered = [];
    for (let i = Math.max(0, Math.floor(low)); i < Math.min(profile.length, low + step); i++) {
      const share = Math.min(low + step, i + 1) - Math.max(low, i);
      if (share > 0) covered.push([i, share]);
    }
    return covered;
  });
}

// Move the image a pixel at a time until its centre of mass lies in the middle pixel.
function centre(image) {
  for (let n = 0; n < MOST_MOVES; n++) {
    const rows = new Float64Array(SIDE);
    const columns = new Float64Array(SIDE);
    image.forEach((ink, i) => {
      rows[Math.floor(i / SIDE)] += ink;
      columns[i % SIDE] += ink;
    });
    const [down, right] = [rows, columns].map((profile) =>
      Math.sign(SIDE / 2 - Math.floor(mean(profile))),
    );
    if (!down && !right) break;
    image = move(image, down, right);
  }
  return image;
}

function move(image, down, right) {
  const moved = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [i, j] = [y - down, x - right];
      if (i >= 0 && i < SIDE && j >= 0 && j < SIDE) moved[SIDE * y + x] = image[SIDE * i + j];
    }
  }
  return moved;
}

function mean(profile) {
  let [total, moment] = [0, 0];
  profile.forEach((ink, i) => {
    total += ink;
    moment += ink * (i + 0.5);
  });
  return moment / total;
}

function findInk(profile) {
  const inked = Array.from(profile, (ink) => ink > 0);
  return [inked.indexOf(true), inked.lastIndexOf(true) + 1];
}

function span(values) {
  return [Math.min(...values), Math.max(...values)];
}

// As NumPy rounds, so that both languages give the same pixels.
function roundHalfToEven(value) {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 ? floor + 1 : floor;
}
