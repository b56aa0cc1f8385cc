// The demo's page: sends drawings and pictures to the server of `skmnist demo` on this
// computer, and shows its answers.

import { cutOut, drawBoxes, linkBoxes, makeBars, onPick, pageText, showDigit, showPage } from "./answer.js";
import { prepareCamera } from "./camera.js";
import { Drawing } from "./drawing.js";
import { NO_ANSWER, Requests } from "./requests.js";

const get = (id) => document.getElementById(id);
const EMPTY = "The probabilities move while you draw.";
const UNCLEAR = "No digit can be seen yet.";
const NO_DIGITS = "No digits found.";
const SOON = 300; // milliseconds before a sign of life: most answers are faster
const REST = 700; // milliseconds without a change before an answer is read out

let state = { classes: [], most_bytes: Infinity, examples: [] };
let answer = null; // to the picture or the drawing that is shown
let shownPage = 0;
let isPicture = false; // instead of the drawing
let newest = null; // the address of the picture that was asked for last
let speaking = 0;

const requests = new Requests();

// Messages

function showError(message) {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  get("error").textContent = text;
  get("error").hidden = !text;
}

function speak(text) {
  clearTimeout(speaking);
  speaking = setTimeout(() => (get("status").textContent = text), REST);
}

let clock = 0;

function showWaiting(isOn) {
  clearInterval(clock);
  get("waiting").hidden = true;
  if (!isOn) return;
  const start = performance.now();
  clock = setInterval(() => {
    const seconds = Math.floor((performance.now() - start) / 1000);
    get("elapsed").textContent = seconds < 2 ? "Reading …" : `Reading … ${seconds} s`;
    get("waiting").hidden = false;
  }, SOON);
}

// Answers

function show(found) {
  answer = found;
  shownPage = 0;
  showAnswer();
}

function isSeveral(found) {
  return found !== null && (found.pages.length > 1 || found.pages.some((page) => page.digits.length > 1));
}

function showAnswer() {
  const page = answer.pages[shownPage];
  const several = isSeveral(answer);
  get("picture").hidden = !isPicture && !several;
  if (page) drawBoxes(page, several, several && isPicture);
  if (several) speak(showPage(page, shownPage, answer.pages.length, answer.more, isPicture));
  else speak(showDigit(answer.digit, state.classes, isPicture ? NO_DIGITS : UNCLEAR));
}

function showNothing() {
  answer = null;
  speak(showDigit(null, state.classes, EMPTY));
}

// The drawing

function drawingChanged(isDown) {
  showError("");
  leavePicture();
  readDrawing(isDown);
}

function readDrawing(isDown) {
  updateTools();
  if (drawing.isEmpty) {
    requests.forget();
    get("picture").hidden = true;
    showNothing();
    return;
  }
  // While a stroke is drawn, only one digit is looked for, which is faster.
  const kind = isDown && !isSeveral(answer) ? "live" : "drawing";
  requests.ask({ kind, name: "the drawing", content: () => drawing.asFile(), show: showDrawing, fail: showError });
}

function showDrawing(found) {
  if (!isPicture && !drawing.isEmpty) show(found);
}

function updateTools() {
  get("hint").hidden = isPicture || !drawing.isEmpty;
  get("clear").disabled = !isPicture && drawing.isEmpty;
  get("clear").textContent = isPicture ? "Draw again" : "Clear";
  get("undo").disabled = drawing.isEmpty;
  get("undo").hidden = isPicture;
  get("sheet").classList.toggle("drawn", !isPicture);
  get("canvas").hidden = isPicture;
  get("title").textContent = isPicture ? "The picture" : "Draw a digit";
}

// On a telephone the examples are far below.
function bringIntoView() {
  get("sheet").scrollIntoView({ block: "nearest" });
}

// Pictures

function readPicture(file, name) {
  showError("");
  bringIntoView();
  if (file.size > state.most_bytes) {
    const [most, size] = [state.most_bytes, file.size].map((bytes) => Math.round(bytes / 1e6));
    showError(`A picture must have at most ${most} MB, got ${size} MB.`);
    return;
  }
  showWaiting(true);
  const url = (newest = URL.createObjectURL(file));
  requests.ask({
    kind: "picture",
    name: name || file.name || "the picture",
    content: () => load(file),
    show: (found) => {
      showWaiting(false);
      showPicture(found, url);
    },
    fail: (message) => {
      showError(message);
      // A page that was read before stays, unless this picture has taken its place.
      if (isPicture && answer) {
        newest = get("photo").src;
        showWaiting(false);
        return;
      }
      leavePicture();
      readDrawing(false);
    },
  });
  preview(url);
}

async function load(file) {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new Error(`'${file.name}' cannot be read: is it a file?`);
  }
}

// Show a picture at once, if the browser knows its format.
async function preview(url) {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    return;
  }
  if (newest !== url || !requests.isReadingPicture) return;
  enterPicture(url);
  answer = null;
  get("boxes").replaceChildren();
  showDigit(null, state.classes, "Reading …");
}

async function showPicture(found, url) {
  const image = new Image();
  image.src = url;
  const isKnown = found.pages.length === 1 && (await image.decode().then(() => true, () => false));
  if (newest !== url) return;
  enterPicture(isKnown ? url : found.pages[0].picture);
  show(found);
}

function enterPicture(url) {
  isPicture = true;
  if (get("photo").src !== url) dropPicture();
  get("photo").src = url;
  get("picture").hidden = false;
  updateTools();
}

function leavePicture() {
  newest = null;
  showWaiting(false);
  if (!isPicture) return;
  isPicture = false;
  showNothing();
  get("picture").hidden = true;
  dropPicture();
}

// Give back the memory of the file that is shown.
function dropPicture() {
  URL.revokeObjectURL(get("photo").src);
  get("photo").removeAttribute("src");
}

// Show a digit of the page as a picture of its own would be shown.
function inspect(index) {
  const url = newest;
  const page = answer.pages[shownPage];
  requests.ask({
    kind: "live",
    name: "the digit",
    content: () => cutOut(page, page.digits[index]),
    show: ({ digit }) => {
      if (newest !== url || answer?.pages[shownPage] !== page) return;
      speak(showDigit(digit, state.classes, UNCLEAR, true));
      get("digit").scrollIntoView({ block: "nearest" });
    },
    fail: showError,
  });
}

function turnPage(step) {
  shownPage += step;
  get("photo").src = answer.pages[shownPage].picture;
  showAnswer();
}

async function readExample({ url, name }) {
  try {
    const response = await fetch(url);
    readPicture(await response.blob(), name);
  } catch {
    showError(NO_ANSWER);
  }
}

// Set-up

const drawing = new Drawing(get("canvas"), drawingChanged);

get("clear").addEventListener("click", () => {
  drawing.clear();
  get("canvas").focus({ preventScroll: true });
  bringIntoView();
});
get("undo").addEventListener("click", () => drawing.undo());
get("choose").addEventListener("click", () => get("file").click());
get("file").addEventListener("change", () => {
  const [file] = get("file").files;
  if (file) readPicture(file);
  get("file").value = ""; // so that the same file can be chosen again
});
get("previous").addEventListener("click", () => turnPage(-1));
get("next").addEventListener("click", () => turnPage(1));
get("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(pageText(answer.pages[shownPage]));
  } catch {
    showError("The browser does not allow the page to copy. Select the text instead.");
    return;
  }
  get("copy").textContent = "Copied";
  setTimeout(() => (get("copy").textContent = "Copy the text"), 1500);
});

addEventListener("dragover", (event) => {
  event.preventDefault();
  get("sheet").classList.add("over");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) get("sheet").classList.remove("over");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  get("sheet").classList.remove("over");
  const { files } = event.dataTransfer;
  if (files.length === 1) readPicture(files[0]);
  else if (files.length) showError(`One picture is read at a time, got ${files.length}.`);
  else showError("Only files can be dropped here: save the picture first.");
});
addEventListener("paste", (event) => {
  const [file] = event.clipboardData.files;
  if (file) readPicture(file);
  else showError("The clipboard holds no picture.");
});
prepareCamera(readPicture, showError);
linkBoxes();
onPick(inspect);

async function start() {
  state = await (await fetch("state")).json();
  makeBars(state.classes);
  showNothing();
  updateTools();
  for (const example of state.examples) {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", title: example.name });
    button.append(Object.assign(document.createElement("img"), { src: example.url, alt: `Read ${example.name}` }));
    button.addEventListener("click", () => readExample(example));
    item.append(button);
    get("examples").append(item);
  }
  get("network").textContent = state.model
    ? `The network is ${state.model}.`
    : "The network comes with skmnist. For one of your own: skmnist demo --model FILE";
}

start().catch(() => showError(NO_ANSWER));
