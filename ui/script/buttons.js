// What the buttons do, by the name of their data attribute.

const actions = {
  ask(button) {
    send(button.dataset.ask || button.textContent);
    toBox();
  },
  verdict(button) {
    const { item } = button.closest("[data-item]").dataset;
    judge(item, verdicts[item] === button.dataset.verdict ? null : button.dataset.verdict);
  },
  attach: () => chooser.click(),
  unshow() {
    setPicture(null);
    toBox();
  },
  new: newChat,
  stop,
  reset() {
    setStrength(null);
    slider.focus();
  },
  retry(button) {
    if (live) return;
    const turn = button.closest(".turn");
    const question = find(".question p", turn).textContent;
    const picture = find(".question img", turn)?.src;
    turn.remove();
    send(question, picture);
    toBox();
  },
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const name = button && Object.keys(actions).find((action) => action in button.dataset);
  if (name) actions[name](button);
});
