// The box: what is typed, and what its buttons do.

// Where a keyboard would cover half of the screen, it goes away instead of coming up unasked.
function toBox() {
  if (matchMedia("(pointer: fine)").matches) box.focus({ preventScroll: true });
  else box.blur();
}

function showCount() {
  const length = [...box.value].length;
  const over = length > limit;
  count.hidden = length < limit * 0.9;
  count.textContent = `${length.toLocaleString("en")} of ${limit.toLocaleString("en")} characters${over ? ": please shorten" : ""}`;
  count.classList.toggle("over", over);
  box.setAttribute("aria-invalid", String(over));
  find(".send").disabled = over || !(box.value.trim() || picture);
}

function fit() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
  showCount();
}

async function submit() {
  const text = box.value;
  if (live || !(text.trim() || picture) || [...text.trim()].length > limit) return;
  const goes = picture;
  box.value = "";
  setPicture(null);
  fit();
  toBox();
  await send(text, goes);
}

box.addEventListener("input", fit);
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
