// A picture that is shown: made small here, so that little travels, and kept nowhere.

const PICTURE_SIDE = 768;
const LOOKS_LIKE_THIS = "Something that looks like this";
const tray = find(".shown");
const chooser = find("input[type=file]");
let picture = null; // a data URL

function setPicture(url) {
  picture = url;
  tray.hidden = !url;
  if (url) find("img", tray).src = url;
  else find("img", tray).removeAttribute("src");
  showCount();
}

async function showPicture(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, PICTURE_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff"; // what is transparent is white, as on the server
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    setPicture(canvas.toDataURL("image/jpeg", 0.88));
    toBox();
  } catch {
    tell("That file can’t be read as a picture. Try a JPEG or a PNG.");
  }
}

function pictureIn(transfer) {
  return [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));
}

chooser.addEventListener("change", () => {
  if (chooser.files[0]) showPicture(chooser.files[0]);
  chooser.value = "";
});
element.addEventListener("paste", (event) => {
  const file = pictureIn(event.clipboardData);
  if (!file) return;
  event.preventDefault();
  showPicture(file);
});
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    element.classList.toggle("dropping", name === "dragover");
    const file = name === "drop" && pictureIn(event.dataTransfer);
    if (file) showPicture(file);
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) element.classList.remove("dropping");
});

