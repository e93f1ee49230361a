// Verdicts on items.

function judge(item, verdict, undoable = true) {
  const before = verdicts[item] ?? null;
  verdicts[item] = verdict;
  showVerdicts(turns);
  toast.hidden = true;
  const { user, conversation } = visitor;
  saving = saving.then(async () => {
    const reply = await server.judge({ user, conversation, item, verdict });
    if (reply?.saved) {
      if (verdict && undoable && !live) tell("Noted for your next message.", () => judge(item, before, false));
      return;
    }
    if (verdicts[item] === verdict) verdicts[item] = before;
    showVerdicts(turns);
    tell(reply?.error ?? "The connection was lost, so this was not saved. Please try again.");
  });
}
