// The page in the browser: what is typed and pressed goes out as events, and what comes back is painted.
// gr.HTML takes one script, with `element`, `trigger`, `props`, `server` and `watch` as it gives them: the files of this
// folder are joined in the order that ui/page.py names, share one scope, and run once.

const limit = props.max_message_chars;

const find = (selector, root = element) => root.querySelector(selector);
const [turns, welcome, form, box, banner, toast, spoken, count] =
  [".turns", ".welcome", "form", "textarea", ".banner", ".toast", "[data-spoken]", "#count"].map((name) => find(name));

let verdicts = {};
let saving = Promise.resolve(); // what the next message waits for: feedback on its way, an answer that is stopping
let live = null; // the turn whose answer is streaming
