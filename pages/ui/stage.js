// What the stage of a replay tells at one event: where the user was and what they did, in words. It
// knows no time and no buttons (replay.js does).
const dwellStage = (() => {
  const WORDS = {
    page_view: "Opened a page", click: "Clicked", tap: "Tapped", scroll: "Scrolled", search: "Searched", prompt: "Sent a prompt",
    model_response: "Was answered", copy: "Copied from the answer", select: "Selected a part of the answer", feedback: "Gave feedback",
    citation_click: "Opened a citation", new_chat: "Began a new chat", error: "Met an error", login: "Logged in", logout: "Logged out",
    signup: "Signed up", workflow_start: "Began a workflow", workflow_step: "Took a step of a workflow",
    workflow_complete: "Completed a workflow", heartbeat: "Was still there", idle: "Went idle", active: "Came back",
    hover: "Pointed at something", session_start: "Began the session", session_end: "Ended the session",
    page_leave: "Left the page", submit: "Sent a form",
  };
  const BODY = `
    <div class="dwell-stage">
      <div class="dwell-page" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i><i></i><b></b></div>
      <div class="dwell-scroll" aria-hidden="true"><b></b></div>
      <div class="dwell-seen">
        <div class="dwell-where" data-part="page"></div>
        <div class="dwell-doing"><span data-part="action"></span><small data-part="ago"></small></div>
        <div class="dwell-told">
          <span data-part="now"></span><span data-part="depth"></span><span data-part="errors"></span>
        </div>
      </div>
    </div>`;

  const typeOf = (track, i) => track.types[track.type[i]];

  // What happened at an event, in a few words.
  function words(track, i) {
    const [name] = typeOf(track, i), detail = track.detail[i] >= 0 ? track.details[track.detail[i]] : "";
    let text = WORDS[name] || name.replace(/_/g, " ").replace(/^./, (first) => first.toUpperCase());
    if (name === "page_view" && track.page[i] >= 0) text = `Opened ${track.pages[track.page[i]]}`;
    if (name === "scroll" && track.scroll[i] >= 0) text = `Scrolled to ${track.scroll[i]} %`;
    if (detail) text += name === "model_response" ? ` by ${detail}` : name === "click" ? ` ${detail}` : `: ${detail}`;
    return text;
  }

  function tell(root, track, i) {
    const part = (name) => root.querySelector(`[data-part=${name}]`), stage = root.querySelector(".dwell-stage");
    const last = track.action[i], depth = track.scroll[i], wrong = track.errors[i], place = track.page[i];
    const now = words(track, i), turns = track.turns.length, isChat = place < 0 && turns > 0;
    const turn = track.turns.filter(([from]) => from <= track.at[i]).length;
    part("number").textContent = `event ${(i + 1).toLocaleString("en")} of ${track.count.toLocaleString("en")}`;
    part("page").textContent = isChat ? `Chat, turn ${turn} of ${turns}` : place >= 0 ? track.pages[place] : "No page told";
    part("page").classList.toggle("dwell-none", place < 0 && !isChat);
    part("action").textContent = last >= 0 ? words(track, last) : "No action yet";
    part("action").classList.toggle("dwell-bad", last >= 0 && typeOf(track, last)[1] === 2);
    part("now").textContent = last === i ? "" : `Now: ${now.charAt(0).toLowerCase()}${now.slice(1)}`;
    part("depth").textContent = depth >= 0 ? `Scroll depth ${depth} %` : isChat ? "" : "Scroll depth not told";
    part("errors").textContent = wrong === 1 ? "1 error so far" : `${wrong || "No"} errors so far`;
    part("errors").classList.toggle("dwell-bad", wrong > 0);
    root.querySelector(".dwell-scroll b").style.height = `${Math.max(depth, 0)}%`;
    root.querySelector(".dwell-page b").style.top = `${Math.max(depth, 0) * 0.6}%`;
    stage.classList.toggle("dwell-is-chat", isChat);
    stage.classList.toggle("dwell-is-unknown", depth < 0);
    stage.classList.toggle("dwell-is-error", typeOf(track, i)[1] === 2);
  }

  return { BODY, words, tell };
})();
