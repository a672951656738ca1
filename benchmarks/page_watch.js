// Watches a page from within: when its numbers were drawn, and when all of it was. A click or a
// load starts the clock; nothing is asked for from outside while it runs.
(() => {
  let began = 0, numbers = null, last = 0, runs = 0, before = "", selector = "h1", asked = false;

  const all = (words) => [...document.querySelectorAll(words)];
  // Bars of a chart have no text, but a shape.
  const text = () => all(selector).map((each) => each.textContent || each.getAttribute("d")).join("|");
  const state = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;

  function look() {
    asked = false;
    const shown = all(selector);
    const isOld = shown.some((each) => each.closest("[data-stale=true]"));
    if (numbers === null && shown.length && !isOld && text() !== before) {
      // After the paint of this frame.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { numbers ??= performance.now(); };
      channel.port2.postMessage(0);
    }
  }

  new MutationObserver((changes) => {
    last = performance.now();
    if (changes.some((each) => each.attributeName === "data-test-script-state") && state() === "running")
      runs += 1;
    if (asked || numbers !== null) return;
    asked = true;
    requestAnimationFrame(look);
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });

  function start(words, wasDrawn) {
    [selector, numbers, runs] = [words, null, 0];
    before = wasDrawn ? text() : "";
    if (wasDrawn) began = last = performance.now();
  }
  // The page is loaded anew: what it has to show is known from before.
  const words = sessionStorage.getItem("bench");
  if (words) start(words, false);

  window.bench = {
    expect(words) { sessionStorage.setItem("bench", words); start(words, true); },
    isDone() {
      const charts = all("[data-testid=stPlotlyChart]").every((each) => each.querySelector(".main-svg"));
      const isOld = document.querySelector("[data-stale=true], [data-testid=stSkeleton]");
      const isQuiet = performance.now() - last > 300;
      // A short run may begin and end before anybody looks.
      const hasRun = runs || numbers !== null;
      return Boolean(hasRun && state() === "notRunning" && charts && !isOld && isQuiet && text());
    },
    // Numbers that are the same as before were drawn when all was.
    told() { return [(numbers ?? last) - began, last - began].map((ms) => ms / 1000); },
  };
  document.addEventListener("pointerdown", () => { began = last = performance.now(); }, true);
})();
