// Requests to the server: one at a time, and only the newest of those that wait.

export const NO_ANSWER = "The demo does not answer. Has `skmnist demo` ended?";

export class Requests {
  constructor() {
    this.waiting = null;
    this.running = null;
  }

  get isReadingPicture() {
    return this.running?.kind === "picture";
  }

  // `kind` and `name` are the server's parameters, `content` returns the body; `show` is
  // called with the answer, `fail` with a message.
  ask(request) {
    this.waiting = request;
    // A picture may take long; the next thing shall not wait for it.
    if (this.isReadingPicture) this.running.stop.abort();
    if (!this.running) this.sendNext();
  }

  forget() {
    this.waiting = null;
    this.running?.stop.abort();
  }

  async sendNext() {
    while (this.waiting) {
      const request = { ...this.waiting, stop: new AbortController() };
      this.running = request;
      this.waiting = null;
      try {
        const found = await send(request);
        // An answer to a drawing shows how the bars move, even if the drawing went on.
        const isOutdated = request.stop.signal.aborted || this.waiting?.kind === "picture";
        if (!isOutdated) request.show(found);
      } catch (error) {
        if (error.name !== "AbortError") request.fail(error.message);
      }
    }
    this.running = null;
  }
}

async function send({ kind, name, content, stop }) {
  const body = await content();
  let response;
  try {
    response = await fetch(`read?${new URLSearchParams({ kind, name })}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body,
      signal: stop.signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(NO_ANSWER);
  }
  const found = await response.json();
  if (!response.ok) throw new Error(found.error);
  return found;
}
