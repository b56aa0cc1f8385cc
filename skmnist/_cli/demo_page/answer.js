// What the network answers: the label, the bars and the stages of a digit, or the boxes
// and the text of a page.

const get = (id) => document.getElementById(id);
const NAMESPACE = "http://www.w3.org/2000/svg";
const MARGIN = 0.35; // of a digit's height: the paper around it that is cut out with it
const LARGEST = 448; // pixels: side of what is cut out
// A transparent pixel.
const BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

// Certainty is not quite 100 %, nor is it 0 %.
function formatShare(share) {
  if (share >= 0.9995 && share < 1) return ">99.9\u00a0%";
  if (share < 0.0005) return "0\u00a0%";
  return `${(100 * share).toFixed(1)}\u00a0%`;
}

function make(name, parent, properties = {}) {
  const element = document.createElement(name);
  parent.append(Object.assign(element, properties));
  return element;
}

// Bars

export function makeBars(classes) {
  // As many as fit side by side on a telephone.
  get("bars").classList.toggle("few", classes.length <= 10 && classes.every((label) => label.length <= 2));
  for (const label of classes) {
    const line = make("li", get("bars"));
    make("span", line, { className: "name", textContent: label, title: label });
    make("div", make("div", line, { className: "track" }), { className: "fill" });
    make("span", line, { className: "share", textContent: "0\u00a0%" });
  }
}

// Show one digit; with null, that there is none, and why. A digit of a page is shown
// below its text.
export function showDigit(digit, classes, reason, ofPage = false) {
  const shares = digit?.probabilities ?? classes.map(() => 0);
  const best = digit ? shares.indexOf(Math.max(...shares)) : -1;
  [...get("bars").children].forEach((line, i) => {
    line.classList.toggle("best", i === best);
    line.querySelector(".fill").style.setProperty("--share", shares[i]);
    line.querySelector(".share").textContent = formatShare(shares[i]);
  });
  const label = digit ? classes[best] : "?";
  get("label").textContent = label;
  get("label").classList.toggle("none", !digit);
  get("label").classList.toggle("long", label.length > 2);
  const sure = get("sure");
  sure.textContent = !digit ? reason : ofPage ? "probability of the digit alone" : "probability";
  if (digit) sure.prepend(Object.assign(document.createElement("b"), { textContent: formatShare(shares[best]) }));
  for (const image of document.querySelectorAll("[data-stage]")) {
    if (digit) image.src = digit.stages[image.dataset.stage];
    else image.src = BLANK;
  }
  get("digit").hidden = false;
  get("page").hidden = !ofPage;
  return digit ? `${label}, ${formatShare(shares[best])}` : reason;
}

// Pages

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

// Show the text of a page; `which` of how many pages.
export function showPage(page, which, total, more, canBePicked) {
  const numbers = page.rows.flat().length;
  const found = numbers ? `${count(numbers, "number")}, ${count(page.digits.length, "digit")}` : "No digits";
  get("found").textContent = found;
  get("pager").hidden = total < 2;
  get("which").textContent = `Page ${which + 1} of ${total}`;
  get("previous").disabled = which === 0;
  get("next").disabled = which === total - 1;
  get("more").hidden = !more;
  get("legend").hidden = page.digits.every((digit) => digit.certain);
  get("copy").hidden = get("point").hidden = numbers === 0;
  get("pick").hidden = !canBePicked;
  const text = get("text");
  text.hidden = numbers === 0;
  text.replaceChildren();
  let number = 0;
  for (const row of page.rows) {
    const line = make("p", text);
    row.forEach((word, i) => {
      if (i) line.append(" ");
      const span = make("span", line, { textContent: word });
      span.dataset.number = number++;
    });
  }
  get("digit").hidden = true;
  get("page").hidden = false;
  return found;
}

export function pageText(page) {
  return page.rows.map((row) => row.join(" ")).join("\n");
}

// Draw the boxes of a page over its picture, with labels unless it is a single digit.
// One box can be reached by the Tab key, the others from there by the arrow keys.
export function drawBoxes(page, withLabels, canBePicked) {
  const svg = get("boxes");
  svg.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
  const pixel = page.width / (svg.clientWidth || page.width);
  const boxes = page.digits.map((digit) => drawBox(digit, withLabels && pixel));
  svg.replaceChildren(...boxes);
  if (!canBePicked) return;
  boxes.forEach((box, i) => {
    box.setAttribute("role", "button");
    box.setAttribute("tabindex", i ? -1 : 0);
    box.setAttribute("aria-label", box.querySelector("title").textContent);
  });
}

// Call a function with the place of a digit in the list, when its box is clicked.
export function onPick(pick) {
  const svg = get("boxes");
  const choose = (box) => {
    if (!box?.hasAttribute("role")) return;
    for (const other of svg.children) other.classList.toggle("picked", other === box);
    pick([...svg.children].indexOf(box));
  };
  svg.addEventListener("click", (event) => choose(event.target.closest("g")));
  svg.addEventListener("keydown", (event) => {
    const box = event.target.closest("g");
    const moves = { ArrowRight: box?.nextSibling, ArrowLeft: box?.previousSibling };
    if (event.key === "Enter" || event.key === " ") choose(box);
    else if (moves[event.key]) {
      box.setAttribute("tabindex", -1);
      moves[event.key].setAttribute("tabindex", 0);
      moves[event.key].focus();
    } else return;
    event.preventDefault();
  });
}

// Cut a digit of a page out of its picture, upright, as a file.
export function cutOut(page, digit) {
  const photo = get("photo");
  const [boxLeft, boxTop, boxRight, boxBottom] = digit.box;
  const isTurned = page.turned % 180 !== 0;
  const margin = MARGIN * (isTurned ? boxRight - boxLeft : boxBottom - boxTop);
  const scale = photo.naturalWidth / page.width;
  const [left, top] = [boxLeft, boxTop].map((place) => scale * Math.max(place - margin, 0));
  const right = scale * Math.min(boxRight + margin, page.width);
  const bottom = scale * Math.min(boxBottom + margin, page.height);
  const [width, height] = [right - left, bottom - top];
  const shrink = Math.min(1, LARGEST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = (isTurned ? [height, width] : [width, height]).map((side) => Math.ceil(shrink * side));
  const context = canvas.getContext("2d");
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((-page.turned * Math.PI) / 180);
  context.scale(shrink, shrink);
  context.drawImage(photo, -(left + right) / 2, -(top + bottom) / 2);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

// The size of a label: half of its digit, but large enough to be read, if there is room.
function labelSize(height, pixel) {
  return Math.min(Math.max(height / 2, 10 * pixel), 0.75 * height, 26 * pixel);
}

function draw(name, attributes) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// `pixel` is the length of a pixel of the screen in pixels of the picture; 0 for no label.
function drawBox(digit, pixel) {
  const [left, top, right, bottom] = digit.box;
  const group = draw("g", { class: digit.certain ? "" : "doubtful", "data-number": digit.number });
  group.append(draw("rect", { class: "box", x: left, y: top, width: right - left, height: bottom - top }));
  const title = draw("title", {});
  title.textContent = `${digit.label}, ${formatShare(digit.probability)}`;
  group.append(title);
  if (!pixel) return group;
  const label = digit.label + (digit.certain ? "" : "?");
  const size = labelSize(bottom - top, pixel);
  const width = (0.62 * label.length + 0.3) * size;
  const above = Math.max(top - 1.1 * size, 0);
  group.append(draw("rect", { class: "tag", x: left, y: above, width, height: 1.1 * size }));
  const text = draw("text", { x: left + width / 2, y: above + 0.92 * size, "font-size": size, "text-anchor": "middle" });
  text.textContent = label;
  group.append(text);
  return group;
}

// Pointing at a number of the text shows its boxes, and the other way round.
export function linkBoxes() {
  const mark = (number) => {
    for (const element of document.querySelectorAll("[data-number]")) {
      element.classList.toggle("shown", element.dataset.number === number);
    }
  };
  for (const place of [get("text"), get("boxes")]) {
    place.addEventListener("pointerover", (event) => mark(event.target.closest("[data-number]")?.dataset.number));
    place.addEventListener("pointerleave", () => mark(null));
  }
}
