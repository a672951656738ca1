// The replay of a session: a playhead over its lanes (track.js), and a stage below (stage.js). Made
// from events alone. The state stands in data-attributes of the root, and outlives a redrawn page.
(() => {
  const SPEEDS = [1, 10, 60], SKIP = 450, memory = new Map(), marks = new WeakMap();
  const ICONS = {
    play: "M7 5v14l12-7z", pause: "M6 5h4v14H6zM14 5h4v14h-4z", again: "M12 5V1L7 6l5 5V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z",
    back: "M6 6h2v12H6zM18 6v12l-8-6z", next: "M6 18V6l8 6zM16 6h2v12h-2z",
  };
  const speeds = SPEEDS.map((n) => `<button data-speed="${n}">${n}\u00d7</button>`).join("");
  const BODY = `
    <div class="dwell-lanes"><canvas role="img"></canvas><div class="dwell-head-line"></div>
      <div class="dwell-chosen-line" hidden></div><div class="dwell-hint" hidden></div></div>
    <input class="dwell-scrub" type="range" min="0" step="1" aria-label="Moment of the session">
    <div class="dwell-controls">
      <span class="dwell-buttons"><button data-do="back" title="Event before (left arrow)" aria-label="Event before"></button>
      <button data-do="play" class="dwell-play"></button>
      <button data-do="next" title="Next event (right arrow)" aria-label="Next event"></button></span>
      <span class="dwell-buttons" role="group" aria-label="Speed">${speeds}</span>
      <span class="dwell-clock" data-part="clock"></span><span data-part="number"></span>
      <span class="dwell-skipped" data-part="skipped"></span>
      <span class="dwell-buttons dwell-zoom" role="group" aria-label="Zoom">
      <button data-do="out" aria-label="Zoom out" title="Zoom out">\u2212</button>
      <button data-do="in" aria-label="Zoom in" title="Zoom in at the playhead">+</button><button data-do="all">All</button></span>
    </div>${dwellStage.BODY}`;
  const icon = (name) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
  const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function start(root) {
    const track = dwellTrack.read(root.dataset.track);
    const style = getComputedStyle(root), look = { text: style.color };
    for (const name of ["quiet", "grid", "surface", "series", "good", "bad", "turns", "runs"])
      look[name] = style.getPropertyValue(`--dwell-${name}`).trim();
    const kept = memory.get(root.dataset.session) || {};
    const state = { ms: 0, index: 0, speed: 10, playing: false, view: [0, Math.max(track.end, 1000)], skip: 0, seen: 0, ...kept };
    // Drawn anew it plays on; who comes back from elsewhere finds it where it was.
    state.playing = state.playing && performance.now() - state.seen < 2000;
    // What takes no time stands in the middle.
    if (track.end < 1000) state.view = [track.end / 2 - 500, track.end / 2 + 500];
    memory.set(root.dataset.session, state);
    root.innerHTML = BODY;
    const part = (name) => root.querySelector(`[data-part=${name}]`), canvas = root.querySelector("canvas");
    const scrub = root.querySelector(".dwell-scrub"), hint = root.querySelector(".dwell-hint");
    const line = root.querySelector(".dwell-head-line"), chosen = root.querySelector(".dwell-chosen-line");
    const play = root.querySelector("[data-do=play]");
    canvas.setAttribute("aria-label", root.dataset.alt);
    scrub.max = Math.max(Math.ceil(track.end), 1);
    for (const name of ["back", "next"]) root.querySelector(`[data-do=${name}]`).innerHTML = icon(name);
    let drawn = -1, before = 0, frame = 0;

    const x = (ms) => (ms - state.view[0]) / (state.view[1] - state.view[0]) * canvas.clientWidth;
    const isOver = () => state.index === track.count - 1 && state.ms >= track.end;

    function mark() {
      const left = x(state.ms);
      line.style.transform = `translateX(${left}px)`;
      line.hidden = left < -1 || left > canvas.clientWidth + 1;
      const number = Number(new URL(location.href).searchParams.get("event"));
      const at = number >= 1 && number <= track.count ? x(track.at[number - 1]) : -9;
      chosen.hidden = at < 0 || at > canvas.clientWidth;
      chosen.style.transform = `translateX(${at}px)`;
    }

    function show(whole = false) {
      if (whole || drawn !== state.index) dwellStage.tell(root, track, drawn = state.index);
      const last = track.action[state.index], ago = last >= 0 ? state.ms - track.at[last] : 0;
      part("ago").textContent = ago >= 1000 ? `${dwellTrack.span(ago)} ago` : "";
      part("clock").textContent = `${dwellTrack.span(state.ms)} of ${dwellTrack.span(track.end)}`;
      part("clock").title = dwellTrack.clock(track, state.ms);
      scrub.value = state.ms;
      scrub.setAttribute("aria-valuetext", `${dwellTrack.span(state.ms)}, event ${state.index + 1} of ${track.count}`);
      const word = state.playing ? "pause" : isOver() && track.count > 1 ? "again" : "play";
      if (play.dataset.icon !== word || whole) {
        play.dataset.icon = word;
        play.innerHTML = `${icon(word)}<span>${word.charAt(0).toUpperCase()}${word.slice(1)}</span>`;
        play.title = "Space";
      }
      for (const each of root.querySelectorAll("[data-speed]"))
        each.setAttribute("aria-pressed", Number(each.dataset.speed) === state.speed);
      Object.assign(root.dataset, {
        state: state.playing ? "playing" : isOver() ? "ended" : "paused", event: state.index + 1, ms: Math.round(state.ms),
      });
      root.dataset.rate = state.speed;
      if (state.ms < state.view[0] || state.ms > state.view[1]) follow();
      mark();
    }

    function look_at(from, to) {
      if (track.end < 1000) return;
      const size = Math.min(Math.max(to - from, 500), track.end);
      const begin = Math.min(Math.max(from, 0), track.end - size);
      state.view = [begin, begin + size];
      dwellTrack.draw(canvas, track, state.view, look);
      mark();
    }

    function follow() {
      const size = state.view[1] - state.view[0];
      look_at(state.ms - size * 0.1, state.ms + size * 0.9);
    }

    function zoom(by, centre = state.ms) {
      const whole = state.view[1] - state.view[0], size = whole * by, share = (centre - state.view[0]) / whole;
      look_at(centre - size * share, centre + size * (1 - share));
    }

    function seek(ms) {
      state.ms = Math.min(Math.max(ms, 0), track.end);
      state.index = dwellTrack.indexAt(track, state.ms);
      state.skip = 0;
      part("skipped").textContent = "";
      show();
    }

    function to(index) {
      state.index = Math.min(Math.max(index, 0), track.count - 1);
      state.ms = track.at[state.index];
      state.skip = 0;
      part("skipped").textContent = "";
      show();
    }

    function stop() {
      state.playing = false;
      cancelAnimationFrame(frame);
      show();
    }

    function run() {
      if (isOver()) to(0);
      state.playing = track.count > 1;
      before = performance.now();
      frame = requestAnimationFrame(tick);
      show();
    }

    function tick(now) {
      if (!root.isConnected || !state.playing) return;
      // A tab that was hidden goes on where it was.
      const passed = Math.min(now - before, 250);
      before = state.seen = now;
      if (state.skip > 0) {
        state.skip -= passed;
        if (state.skip <= 0) { part("skipped").textContent = ""; advance(state.index + 1); }
      } else {
        state.ms += passed * state.speed;
        // Of events at one moment each is passed; an idle gap is not waited for.
        while (state.index < track.count - 1 && track.at[state.index + 1] <= state.ms) advance(state.index + 1, state.ms);
        if (track.skipped[state.index]) {
          state.ms = track.at[state.index];
          state.skip = SKIP;
          part("skipped").textContent = `idle ${dwellTrack.span(track.at[state.index + 1] - state.ms)}, skipped`;
          root.dataset.skipped = Number(root.dataset.skipped || 0) + 1;
        }
      }
      if (state.index === track.count - 1) { state.ms = track.end; stop(); return; }
      if (!isCalm() || drawn !== state.index) show();
      frame = requestAnimationFrame(tick);
    }

    function advance(index, ms = track.at[index]) {
      state.index = index;
      state.ms = Math.max(ms, track.at[index]);
    }

    function nearest(event) {
      const share = (event.clientX - canvas.getBoundingClientRect().left) / canvas.clientWidth;
      const ms = state.view[0] + share * (state.view[1] - state.view[0]);
      const i = dwellTrack.indexAt(track, ms);
      return i < track.count - 1 && track.at[i + 1] - ms < ms - track.at[i] ? i + 1 : i;
    }

    function open(index) {
      const url = new URL(location.href), size = Number(root.dataset.size);
      url.searchParams.set("event", index + 1);
      url.searchParams.delete("only");
      if (index >= size) url.searchParams.set("part", Math.floor(index / size) + 1);
      else url.searchParams.delete("part");
      history.pushState({}, "", url.href);
      dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    }

    const does = {
      play: () => (state.playing ? stop() : run()),
      back: () => { stop(); to(state.ms > track.at[state.index] ? state.index : state.index - 1); },
      next: () => { stop(); to(state.index + 1); },
      in: () => zoom(0.4), out: () => zoom(2.5), all: () => look_at(0, Infinity),
    };
    root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.speed) { state.speed = Number(button.dataset.speed); show(); }
      if (button?.dataset.do) does[button.dataset.do]();
    });
    root.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isButton = event.target.tagName === "BUTTON";
      const end = () => { stop(); to(track.count - 1); };
      const known = { ArrowLeft: does.back, ArrowRight: does.next, Home: () => to(0), End: end };
      if (event.key === " " && !isButton) known[" "] = does.play;
      if (!known[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      known[event.key]();
    });
    scrub.addEventListener("input", () => {
      seek(Number(scrub.value));
      if (state.playing) before = performance.now();
    });
    let pressed = null;
    canvas.addEventListener("pointerdown", (event) => { pressed = { x: event.clientX, view: [...state.view], moved: false }; });
    canvas.addEventListener("pointermove", (event) => {
      if (pressed && event.buttons && Math.abs(event.clientX - pressed.x) > 4) {
        pressed.moved = true;
        const by = (event.clientX - pressed.x) / canvas.clientWidth * (pressed.view[1] - pressed.view[0]);
        look_at(pressed.view[0] - by, pressed.view[1] - by);
      }
      const i = nearest(event), left = x(track.at[i]);
      hint.hidden = false;
      hint.textContent = `${dwellTrack.clock(track, track.at[i])} \u00b7 ${dwellStage.words(track, i)} \u00b7 event ${i + 1}`;
      const most = canvas.clientWidth - hint.offsetWidth;
      hint.style.left = `${Math.min(Math.max(left - hint.offsetWidth / 2, 0), most)}px`;
    });
    canvas.addEventListener("pointerleave", () => { hint.hidden = true; pressed = null; });
    canvas.addEventListener("click", (event) => {
      if (pressed?.moved) { pressed = null; return; }
      const i = nearest(event);
      stop();
      to(i);
      open(i);
    });
    canvas.addEventListener("dblclick", (event) => zoom(0.4, track.at[nearest(event)]));
    marks.set(root, mark);
    const draw = () => dwellTrack.draw(canvas, track, state.view, look);
    new ResizeObserver(() => {
      if (!root.isConnected || !canvas.clientWidth) return;
      draw();
      mark();
    }).observe(canvas.parentElement);
    draw();
    document.fonts.ready.then(() => root.isConnected && draw());
    show(true);
    if (state.playing) run();
  }

  // An old id opened the session that its event is in now: the address is put right, without a new page.
  function correct(root) {
    const url = new URL(location.href);
    if (url.searchParams.get("session") !== root.dataset.asked) return;
    url.searchParams.set("session", root.dataset.session);
    history.replaceState(history.state, "", url.href);
  }

  // The row of the event that the address names comes into sight in its list, which has a height. It
  // is looked for once in each list, whether it is there or not.
  const shown = new WeakMap();
  function reveal() {
    const number = new URL(location.href).searchParams.get("event");
    const list = number && document.querySelector(".st-key-table_events .dwell-table");
    if (!list || shown.get(list) === number) return;
    shown.set(list, number);
    const is_named = (each) => new URL(each.href).searchParams.get("event") === number;
    const row = [...list.querySelectorAll("a.dwell-row")].find(is_named);
    if (!row) return;
    const above = row.closest("tr").offsetTop - list.scrollTop;
    if (above < 60 || above > list.clientHeight - 60) list.scrollTop += above - list.clientHeight / 2;
  }

  const start_all = () => document.querySelectorAll(".dwell-replay:not([data-ready])").forEach((root) => {
    root.dataset.ready = "1";
    if (root.dataset.asked) correct(root);
    start(root);
  });
  const mark_all = () => document.querySelectorAll(".dwell-replay[data-ready]").forEach((root) => marks.get(root)?.());
  addEventListener("popstate", () => setTimeout(mark_all));
  new MutationObserver(() => { reveal(); start_all(); }).observe(document, { childList: true, subtree: true });
})();
