// A photograph: by the camera of this computer, or by the camera program of a telephone.

const get = (id) => document.getElementById(id);

// Make a button take photographs; without a camera it is hidden.
export function prepareCamera(onPhoto, onError) {
  const dialog = get("camera");
  const video = get("video");
  if (!navigator.mediaDevices?.getUserMedia) {
    get("shoot").hidden = true;
    return;
  }
  const close = () => {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    get("take").disabled = true;
  };
  get("shoot").addEventListener("click", () => {
    if (matchMedia("(pointer: coarse)").matches) askTelephone(onPhoto);
    else open(dialog, video).catch((error) => onError(explain(error)));
  });
  video.addEventListener("loadeddata", () => (get("take").disabled = false));
  get("take").addEventListener("click", async () => {
    const photo = await asFile(video);
    dialog.close();
    onPhoto(photo);
  });
  get("cancel").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", close);
}

async function open(dialog, video) {
  // The camera turned away from the person, as large as it can.
  const wanted = { facingMode: "environment", width: { ideal: 3840 }, height: { ideal: 2160 } };
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wanted });
  dialog.showModal();
}

function asFile(video) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((resolve) =>
    canvas.toBlob((blob) => resolve(new File([blob], "photo.jpg")), "image/jpeg", 0.95),
  );
}

function askTelephone(onPhoto) {
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept: "image/*", capture: "environment" });
  input.addEventListener("change", () => input.files.length && onPhoto(input.files[0]));
  input.click();
}

function explain(error) {
  if (error.name === "NotFoundError") return "This computer has no camera that can be used.";
  if (error.name === "NotAllowedError") return "The browser does not allow the page to use the camera.";
  return `The camera cannot be used: ${error.message}`;
}
