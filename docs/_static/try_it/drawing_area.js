// A canvas to draw on with mouse, pen, finger or keyboard; it keeps strokes of points.

import { paintStroke } from "./digit_image.js";

const PEN = 0.055; // of the side
const STEP = 0.025; // of the side: how far an arrow key moves the pen
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class DrawingArea {
  // `onChange` is called after each change of `strokes`, lists of [x, y] from 0 to 1.
  constructor(canvas, onChange) {
    this.canvas = canvas;
    this.onChange = onChange;
    this.strokes = [];
    this.isDown = false;
    this.pen = null; // the place of the keyboard's pen
    canvas.addEventListener("pointerdown", (event) => this.lower(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, () => (this.isDown = false));
    }
    canvas.addEventListener("keydown", (event) => this.press(event));
    canvas.addEventListener("blur", () => this.hidePen());
    new ResizeObserver(() => this.paint()).observe(canvas);
  }

  clear() {
    this.strokes = [];
    this.isDown = false;
    this.change();
  }

  undo() {
    this.strokes.pop();
    this.isDown = false;
    this.change();
  }

  lower(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.isDown = true;
    this.pen = null;
    this.strokes.push([this.place(event)]);
    this.change();
  }

  move(event) {
    if (!this.isDown || this.pen) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.strokes.at(-1).push(...(events.length ? events : [event]).map((each) => this.place(each)));
    this.change();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  press(event) {
    if (event.key in ARROWS) this.step(ARROWS[event.key]);
    else if (event.key === " ") this.toggle();
    else if (event.key === "Backspace") this.undo();
    else if (event.key === "Delete") this.clear();
    else return;
    event.preventDefault();
  }

  toggle() {
    this.pen ??= [0.5, 0.5];
    this.isDown = !this.isDown;
    if (this.isDown) this.strokes.push([[...this.pen]]);
    this.change();
  }

  step(direction) {
    this.pen ??= [0.5, 0.5];
    this.pen = this.pen.map((at, i) => Math.min(1, Math.max(0, at + STEP * direction[i])));
    if (this.isDown) this.strokes.at(-1).push([...this.pen]);
    this.change();
  }

  hidePen() {
    if (this.pen) this.isDown = false;
    this.pen = null;
    this.paint();
  }

  change() {
    this.paint();
    this.onChange();
  }

  paint() {
    const side = Math.round(this.canvas.clientWidth * devicePixelRatio);
    if (!side) return;
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, side, side);
    context.strokeStyle = getComputedStyle(this.canvas).color;
    context.lineWidth = PEN * side;
    for (const stroke of this.strokes) paintStroke(context, stroke.map(([x, y]) => [x * side, y * side]));
    if (!this.pen) return;
    context.beginPath();
    context.arc(this.pen[0] * side, this.pen[1] * side, PEN * side, 0, 2 * Math.PI);
    context.lineWidth = 2 * devicePixelRatio;
    context.strokeStyle = this.isDown ? "#d55e00" : "#0072b2";
    context.stroke();
  }
}
