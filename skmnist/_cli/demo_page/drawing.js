// The drawing area: strokes of mouse, pen, finger or keyboard, kept as points. The
// documentation's page on drawing uses this file, too.

const COLORS = { paper: "#fcfbf8", ink: "#17191c" };
const PEN = 0.045; // of the side: the width of a stroke, as of a felt pen on a card
const SENT = 448; // pixels: the side of the drawing that is sent; a detector sees no more
const STEP = 0.02; // of the side: how far an arrow key moves the pen
const NEAR = 0.002; // of the side: points nearer than this add nothing

export class Drawing {
  // `onChange` is called with whether the pen is down. `strokes` are lists of [x, y] from
  // 0 to 1. `getColors` is asked whenever the canvas is painted.
  constructor(canvas, onChange, { pen = PEN, getColors = () => COLORS } = {}) {
    this.canvas = canvas;
    this.onChange = onChange;
    this.width = pen;
    this.getColors = getColors;
    this.strokes = [];
    this.stroke = null; // the one that is being drawn
    this.pointer = null;
    this.pen = [0.5, 0.5]; // the place of the keyboard's pen
    this.byKeys = false;
    canvas.addEventListener("pointerdown", (event) => this.lower(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => this.lift(event));
    }
    canvas.addEventListener("keydown", (event) => this.press(event));
    canvas.addEventListener("blur", () => this.leave());
    new ResizeObserver(() => this.paint()).observe(canvas);
  }

  get isEmpty() {
    return this.strokes.length === 0;
  }

  clear() {
    this.strokes = [];
    this.stroke = null;
    this.pointer = null;
    this.changed();
  }

  undo() {
    this.stroke = null;
    this.pointer = null;
    this.strokes.pop();
    this.changed();
  }

  // The drawing as a PNG file, dark on light as it is seen.
  async asFile() {
    const copy = document.createElement("canvas");
    copy.width = copy.height = SENT;
    this.paintStrokes(copy.getContext("2d"), SENT, COLORS);
    return new Promise((resolve) => copy.toBlob(resolve, "image/png"));
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  lower(event) {
    if (event.button !== 0 || this.pointer !== null) return;
    this.byKeys = false;
    this.pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.begin(this.place(event));
  }

  move(event) {
    if (event.pointerId !== this.pointer || !this.stroke) return;
    const between = event.getCoalescedEvents?.() ?? [];
    for (const each of between.length ? between : [event]) this.extend(this.place(each));
    this.changed();
  }

  lift(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.end();
  }

  begin(point) {
    this.stroke = [point];
    this.strokes.push(this.stroke);
    this.changed();
  }

  extend(point) {
    const [x, y] = this.stroke.at(-1);
    if (Math.hypot(point[0] - x, point[1] - y) >= NEAR) this.stroke.push(point);
  }

  end() {
    this.stroke = null;
    this.changed();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "z") return;
      this.undo();
    } else if (event.key === "Backspace") this.undo();
    else if (event.key === "Delete") this.clear();
    else if (event.key === " " || event.key === "Enter") this.toggle();
    else if (event.key in ARROWS) this.step(ARROWS[event.key], event.shiftKey ? STEP / 4 : STEP);
    else return;
    event.preventDefault();
  }

  toggle() {
    this.byKeys = true;
    if (this.stroke) this.end();
    else this.begin([...this.pen]);
  }

  step([x, y], length) {
    this.byKeys = true;
    this.pen = this.pen.map((at, i) => Math.min(1, Math.max(0, at + [x, y][i] * length)));
    if (this.stroke) this.extend([...this.pen]);
    if (this.stroke) this.changed();
    else this.paint();
  }

  leave() {
    const wasDown = this.byKeys && this.stroke;
    this.byKeys = false;
    if (wasDown) this.end();
    else this.paint();
  }

  changed() {
    this.paint();
    this.onChange(this.stroke !== null);
  }

  paint() {
    const side = Math.round(this.canvas.clientWidth * devicePixelRatio);
    if (side === 0) return;
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    const context = this.canvas.getContext("2d");
    this.paintStrokes(context, side, this.getColors());
    if (this.byKeys) this.paintPen(context, side);
  }

  paintStrokes(context, side, { paper, ink }) {
    context.clearRect(0, 0, side, side);
    context.fillStyle = paper;
    context.fillRect(0, 0, side, side);
    context.strokeStyle = ink;
    context.lineWidth = this.width * side;
    for (const stroke of this.strokes) paintStroke(context, stroke.map(([x, y]) => [x * side, y * side]));
  }

  paintPen(context, side) {
    const [x, y] = this.pen;
    context.beginPath();
    context.arc(x * side, y * side, 0.75 * this.width * side, 0, 2 * Math.PI);
    context.lineWidth = 2 * devicePixelRatio;
    context.strokeStyle = this.stroke ? "#d55e00" : "#0072b2";
    context.stroke();
  }
}

const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

// Draw a smooth line through points in pixels: they bend it, and it passes between them.
export function paintStroke(context, points) {
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length - 1; i++) {
    const [[x, y], [nextX, nextY]] = [points[i], points[i + 1]];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  const [x, y] = points.at(-1);
  // A line without any length would leave no ink.
  context.lineTo(points.length > 1 ? x : x + 0.01, y);
  context.stroke();
}
