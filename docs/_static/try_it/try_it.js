// The page: a drawing area, what the network sees of it, and what it answers.

import { drawImage } from "./digit_image.js";
import { Drawing } from "./drawing.js";
import { loadNetwork } from "./network.js";

const page = document.getElementById("try-it");
const find = (name) => page.querySelector(`.${name}`);

let network = null; // a promise, from the first stroke on
let isBusy = false;
let isStale = false;

const area = new Drawing(find("paper"), onChange, {
  pen: 0.055,
  getColors: () => ({ paper: "transparent", ink: getComputedStyle(find("paper")).color }),
});

makeBars();
find("clear").addEventListener("click", () => area.clear());
find("undo").addEventListener("click", () => area.undo());
// The runtime is some megabytes: it comes when somebody is about to draw.
for (const event of ["pointerenter", "pointerdown", "focus"]) {
  find("paper").addEventListener(event, () => (network ??= load()));
}

function onChange() {
  find("hint").hidden = !area.isEmpty;
  answer();
}

async function load() {
  find("state").textContent = "Loading the network and its runtime, once…";
  try {
    const run = await loadNetwork();
    find("state").textContent = "";
    return run;
  } catch (error) {
    find("state").textContent = `The network could not be loaded: ${error.message}`;
    throw error;
  }
}

// Answer for what is drawn now; while the network is busy, only remember that it changed.
async function answer() {
  if (area.isEmpty) {
    showNothing();
    return;
  }
  if (isBusy) {
    isStale = true;
    return;
  }
  isBusy = true;
  try {
    do {
      isStale = false;
      const pixels = drawImage(area.strokes);
      showImage(pixels);
      const probabilities = await (await (network ??= load()))(pixels);
      if (!area.isEmpty) showAnswer(probabilities);
    } while (isStale && !area.isEmpty);
  } catch {
    network = null; // `load` has said why; the next stroke tries again
  } finally {
    isBusy = false;
  }
}

function makeBars() {
  for (let digit = 0; digit < 10; digit++) {
    const row = document.createElement("li");
    row.innerHTML = `<b>${digit}</b><span class="track"><i></i></span><span class="share"></span>`;
    find("bars").append(row);
  }
  showNothing();
}

function showImage(pixels) {
  const context = find("seen").getContext("2d");
  const image = context.createImageData(28, 28);
  pixels.forEach((ink, i) => image.data.set([ink, ink, ink, 255], 4 * i));
  context.putImageData(image, 0, 0);
}

function showAnswer(probabilities) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  find("label").textContent = best;
  find("label").classList.remove("none");
  find("sure").textContent = format(probabilities[best]);
  [...find("bars").children].forEach((row, digit) => {
    row.classList.toggle("best", digit === best);
    row.style.setProperty("--probability", probabilities[digit]);
    row.querySelector(".share").textContent = format(probabilities[digit]);
  });
}

function showNothing() {
  showImage(new Uint8Array(784));
  showAnswer(Array(10).fill(0));
  find("best").classList.remove("best");
  find("label").classList.add("none");
  find("label").textContent = "?";
  for (const share of page.querySelectorAll(".sure, .share")) share.textContent = "\u00a0";
}

// Nothing is quite certain, and nothing impossible.
function format(probability) {
  if (probability > 0.9995) return ">\u202f99.9\u202f%";
  return `${(100 * probability).toFixed(1)}\u202f%`;
}
