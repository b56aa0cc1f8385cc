// The network: a file that skmnist saved, run by ONNX Runtime Web. Both lie beside this
// script, and nothing is fetched from anywhere else.

const here = (path) => new URL(path, import.meta.url).href;

export async function loadNetwork() {
  const ort = await import(here("runtime/ort.wasm.bundle.min.mjs"));
  ort.env.wasm.wasmPaths = { wasm: here("runtime/ort-wasm-simd-threaded.wasm") };
  // Several threads would need headers that few static hosts send.
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(here("network/digits.onnx"));
  return async (pixels) => {
    const input = new ort.Tensor("uint8", pixels, [1, 784]);
    const { probabilities } = await session.run({ pixels: input }, ["probabilities"]);
    return Array.from(probabilities.data);
  };
}
