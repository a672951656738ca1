// Dwell's tracker: tells a collector what a visitor does on a page. It never throws into the page,
// never sends what somebody typed unless it is told to, and needs nothing but the browser.
//
// How an event travels: `add` gives it an id, a time and a session and puts it into the buffer;
// `flush` makes one request of the buffer; what does not arrive waits in localStorage until `bring`
// takes it there, under the same event ids, so that the lake has it once. See docs/tracker.md.

// Beside these: key, endpoint, userId, modelGroup, environment, sessionType, chatId.
const DEFAULTS = {
  experimentId: "default",
  trackScroll: true,
  trackClicks: true,
  trackSelection: true,
  trackActivity: true,
  trackHover: false,
  trackKeys: false,
  texts: false,
  scrollThrottle: 500,
  activityIdleTimeout: 3e4,
  heartbeat: 3e5,
  sessionTimeout: 18e5,
  buffer: 5,
};
const options = { ...DEFAULTS };
const STATE = "dwell"; // JSON: v visitor, s session, t its last event, u its last known user
const OPTED_OUT = "dwell.out";
const QUEUE = "dwell.q"; // with a time and an id: one request that waits, under a key of its own
const FULL = 2e4; // characters of a request: of a page that is left, browsers bring 64 KB at most
const MOST_KEPT = 60; // requests that wait; the oldest go first

// ---- What may fail does so in here: a storage that is blocked, a getter that throws.

const safe =
  (work) =>
  (...given) => {
    try {
      return work(...given);
    } catch {
      // The page matters more than what is known of it.
    }
  };

const now = () => Date.now();
const later = (work, milliseconds) => setTimeout(safe(work), milliseconds);

// On the window, while events go down: the page cannot stop them before.
const on = (types, work) =>
  types.split(" ").forEach((type) => addEventListener(type, safe(work), true));

// localStorage; where it is blocked or full, an object that lives as long as the page.
let store = safe(() => localStorage)() || {};
const put = (name, text) => {
  try {
    store[name] = text;
  } catch {
    store = { ...store, [name]: text };
  }
};
const drop = (name) => delete store[name];
const queued = () =>
  Object.keys(store)
    .filter((name) => name.startsWith(QUEUE))
    .sort();

const newId = () =>
  [...crypto.getRandomValues(new Uint32Array(4))].map((number) => number.toString(36)).join("");

// ---- The session: one for all tabs, until nothing came for sessionTimeout.

let session; // of what is in the buffer
let isNew; // this tab began it, and has not told the collector of it yet
let context; // what is said once a session

const state = () => safe(() => ({ ...JSON.parse(store[STATE]) }))() || {};
const remember = (known) => put(STATE, JSON.stringify(known));

// Puts an event into its session; false where it has none. What happens without a person
// (`isQuiet`) begins none: a laptop that wakes up is no visit.
const touch = (time, isQuiet) => {
  const known = state();
  const { userId, sessionTimeout } = options;
  // Another user at the same machine begins another session. A clock that was set back must not
  // keep one open until it catches up.
  if (
    !known.s ||
    Math.abs(time - known.t) > sessionTimeout ||
    (userId && known.u && known.u !== userId)
  ) {
    if (isQuiet) return;
    flush(true);
    session = known.s = newId();
    isNew = true;
    context = described();
  } else adopt(known.s);
  known.v ||= newId();
  known.t = time;
  known.u = userId || known.u;
  remember(known);
  return true;
};

// Tabs that open at the same moment each begin a session; the one that was written last is that of
// all. What was told of another one before goes out under its own id.
const adopt = (id) => {
  if (id === session) return;
  if (isNew) context = isNew = 0;
  else flush(true);
  session = id;
};

// Device, browser and system are told by the headers of each request.
const described = () => ({
  screen: screen.width + "x" + screen.height,
  viewport: innerWidth + "x" + innerHeight,
  language: navigator.language,
  connection: navigator.connection?.effectiveType,
  // It led to the page's first view, not to a session that begins later on it.
  referrer: viewed ? undefined : bare(document.referrer),
});

// ---- Events, and the requests that bring them.

let buffer = [];
let size = 0; // of its JSON, about
let timer;
let wait = 0; // milliseconds to the next try; 0: the last answer was a good one
let retry;
let isAsked; // to bring what waits, once it is this tab's turn
let early = []; // what a page tells before `init`

// Addresses without what follows the path: there lie search words, tokens and names.
const bare = (address) => address?.split(/[?#]/)[0];
const here = () => location.origin + location.pathname;

// A copy of what a page gives, as it is now. What is no JSON (cycles, getters that throw) or too
// long is left out, and the rest is told.
const plain = (data) => {
  const copy = {};
  for (const name in data) {
    safe(() => {
      const text = JSON.stringify(data[name]);
      if (text.length < FULL / 2) {
        copy[name] = JSON.parse(text);
        size += text.length;
      }
    })();
  }
  return copy;
};

const add = (type, data, isQuiet, page = here(), time = now()) => {
  data = plain(data);
  if (store[OPTED_OUT]) return;
  if (early) return early[99] || early.push([type, data, isQuiet, page, time]);
  if (!touch(time, isQuiet)) return;
  buffer.push({ id: newId(), type, t: time, page, chatId: options.chatId, data });
  size += 200;
  if (size > FULL) flush(true);
  else timer ||= later(flush, options.buffer * 1e3);
};

// One request of the buffer. It lies in the queue until it was answered, so that a page that dies,
// or a collector that does, loses none. While nothing comes through the buffer is kept as it is,
// unless it `must` go. `isLeaving`: no answer will be seen.
const flush = (must, isLeaving) => {
  clearTimeout(timer);
  timer = 0;
  if (!buffer[0] || (wait && !must)) return;
  const known = state();
  if (isNew && known.s) adopt(known.s);
  isNew = 0;
  const { userId, experimentId, modelGroup, environment, sessionType } = options;
  const body = JSON.stringify({
    v: 1,
    session_id: session,
    visitor_id: known.v,
    user_id: userId,
    context: { ...context, experimentId, modelGroup, environment, sessionType },
    events: buffer,
  });
  buffer = [];
  context = size = 0;
  // A beacon that is lost tells nobody. It alone is trusted only where all before it arrived.
  const isSent = isLeaving && !wait && navigator.onLine && beacon(body);
  if (!isSent || queued()[0]) put(QUEUE + now() + newId(), body);
  queued().slice(0, -MOST_KEPT).forEach(drop);
  if (!wait && !isLeaving) drain();
};

// The collector corrects a wrong clock by the time of sending, so each try has its own.
const stamped = (body) => `{"sent_at":${now()},` + body.slice(1);
const address = () => options.endpoint + "?key=" + encodeURIComponent(options.key);
// As text, which browsers send to another host without asking it first.
const beacon = safe((body) => navigator.sendBeacon(address(), stamped(body)));

const tryLater = (after) => {
  wait = Math.max(Math.min(wait * 2, 3e5), options.buffer * 1e3, after * 1e3 || 0);
  clearTimeout(retry);
  retry = later(drain, wait);
};

// Brings what waits: one tab after the other. Where there are no locks (plain http), two may bring
// the same, which the lake has once all the same.
const drain = () => {
  if (isAsked) return;
  isAsked = true;
  if (navigator.locks) navigator.locks.request(STATE, bring).catch(bring);
  else bring();
};

const bring = async () => {
  isAsked = false;
  try {
    for (let name; (name = queued()[0]); drop(name)) {
      const { status, headers } = await fetch(address(), {
        method: "POST",
        body: stamped(store[name]),
        keepalive: store[name].length < FULL,
        signal: AbortSignal.timeout?.(3e4),
      });
      // Of what is refused otherwise, nothing ever will be taken.
      if (status > 499 || status === 429) throw headers.get("Retry-After");
    }
    wait = 0;
    if (!timer) flush();
  } catch (after) {
    tryLater(after); // Or offline, then it is an error and no number.
  }
};

// ---- What a visitor does.

let shownAt; // since when the page is seen
let viewed; // the page of the last page view
let deepest;
let errors;
let isIdle;

const sayVisible = (isLeaving) => {
  const time = shownAt && now() - shownAt;
  if (time > 9) add("system", { visible_time_ms: time }, true, viewed);
  shownAt = document.hidden || isLeaving ? 0 : now();
};

// Another page, or the same one when the browser brought it back. The query string makes no other
// page: many products keep a filter there, and write it at each key.
const view = (isBack) => {
  const page = here();
  if (page === viewed && !isBack) return;
  sayVisible();
  deepest = errors = 0;
  // What a campaign says stays on the first address: the lake reads it from there.
  const told = !viewed && location.search.match(/\b(utm|mtm|pk)_[^&]*/g);
  add("page_view", {}, false, told ? page + "?" + told.join("&") : page);
  viewed = page;
};

const named = (element) =>
  (
    element.dataset.dwell ||
    [element.localName + (element.id && "#" + element.id), ...element.classList].join(".")
  ).slice(0, 99);

// What somebody meant: the button, not the icon in it.
const aimedAt = (element) =>
  element.closest("[data-dwell],a,button,input,select,textarea,summary,label") || element;

const text = (told = "") => options.texts && { text: String(told).slice(0, 5e3) };
const measured = (told = "") => ({ length: String(told).length, ...text(told) });

const onClick = (event) => {
  // Also within a shadow root.
  const element = aimedAt(event.composedPath()[0]);
  // A script's click is nobody's; that of a label comes again as its field's.
  if (!event.isTrusted || element.control) return;
  const target = named(element);
  const link = element.closest("a[href]");
  const isOutbound = link?.host && link.host !== location.host;
  add(target === "citation" ? "citation_click" : isOutbound ? "outbound_click" : "click", {
    target,
    x: event.clientX,
    y: event.clientY,
    href: bare(link?.href),
    ...text(element.innerText),
  });
};

let scrolling;
const onScroll = ({ target }) => {
  const box = target === document ? document.scrollingElement : target;
  // Of boxes within the page only such as hold most of it: a chat does, a menu does not.
  if (box.clientHeight > innerHeight / 2) {
    scrolling ||= later(() => {
      scrolling = 0;
      const depth = Math.round(((box.scrollTop + box.clientHeight) / box.scrollHeight) * 100);
      deepest = Math.max(deepest, depth);
      add("scroll", { depth, max_depth: deepest });
    }, options.scrollThrottle);
  }
};

// Once it has been so for half a second.
const settled = (work, waiting) => (event) => {
  clearTimeout(waiting);
  waiting = later(() => work(event), 500);
};

let selected = "";
const onSelection = settled(() => {
  const before = selected;
  selected = String(getSelection());
  if (selected && selected !== before) add("select", measured(selected));
});

const onHover = settled(({ target }) => add("hover", { target: named(aimedAt(target)) }));

// Names of keys alone: of letters, what is typed could be put together.
const onKey = ({ key, repeat }) => {
  if (key[1] && !repeat) add("key", { key });
};

let activeAt = now();
const onActivity = () => {
  if (isIdle) add("active", { idle_ms: now() - activeAt }, true);
  isIdle = false;
  activeAt = now();
};
// Looked at once in a while, as pointers move often. Told for the moment when it was so: timers of
// a machine that sleeps come late. A hidden tab says nothing: one may be busy in another.
const watchIdle = () => {
  const idleAt = activeAt + options.activityIdleTimeout;
  const rest = idleAt - now();
  if (rest <= 0 && !isIdle && shownAt) {
    isIdle = true;
    add("idle", {}, true, viewed, idleAt);
  }
  later(watchIdle, rest > 0 ? rest : options.activityIdleTimeout);
};

// Of pictures that do not load there is nothing to tell; of a loop that fails, ten are enough.
const onError = ({ target, message, reason, filename, lineno }) => {
  if (target !== window || ++errors > 10) return;
  message = String(reason?.message || reason || message).replace(/\?\S*/g, "").slice(0, 200);
  add("error", { message, file: bare(filename), line: lineno }, true);
};

const start = () => {
  if (!early) return;
  const told = early;
  early = 0;
  view();
  told.forEach((event) => add(...event));
  on("popstate pageshow", (event) => view(event.persisted));
  on("error unhandledrejection", onError);
  if (options.trackClicks) on("click", onClick);
  if (options.trackScroll) on("scroll", onScroll);
  if (options.trackSelection) {
    on("selectionchange", onSelection);
    on("copy", () => add("copy", measured(getSelection())));
  }
  if (options.trackHover) on("pointerover", onHover);
  if (options.trackKeys) on("keydown", onKey);
  if (options.trackActivity) {
    on("pointermove pointerdown keydown scroll wheel visibilitychange", onActivity);
    watchIdle();
  }
  on("visibilitychange pagehide", ({ type }) => {
    const isLeaving = type === "pagehide";
    sayVisible(isLeaving);
    if (!shownAt) flush(true, isLeaving);
  });
  on("online", drain);
  setInterval(
    safe(() => {
      if (shownAt && document.hasFocus()) add("heartbeat", { idle: isIdle }, true);
    }),
    options.heartbeat,
  );
  drain();
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...given) {
      const answer = original.apply(this, given);
      safe(view)();
      return answer;
    };
  }
};

// ---- What a page may call.

let askedAt;

const api = {
  init(given) {
    // As attributes of the script they are texts.
    for (const name in given) {
      options[name] =
        DEFAULTS[name] >= 0 ? (safe(JSON.parse)(given[name]) ?? DEFAULTS[name]) : given[name];
    }
    // A page that is drawn ahead was not seen yet.
    if (document.prerendering) on("prerenderingchange", start);
    else start();
  },
  track: (type, data) => add(String(type).trim().slice(0, 99) || "event", data),
  identify(id) {
    flush(true);
    options.userId = id;
    add("system", { event: "identify" }, true);
  },
  prompt(told, data) {
    askedAt = now();
    add("prompt", { ...measured(told), ...data });
  },
  response(told, data) {
    add("model_response", {
      latency_ms: askedAt && now() - askedAt,
      ...(told?.trim ? measured(told) : told),
      ...data,
    });
    askedAt = undefined;
  },
  feedback: (value, data) => add("feedback", { value, ...data }),
  newChat(id) {
    options.chatId = id || newId();
    add("new_chat");
    return options.chatId;
  },
  end(reason) {
    add("session_end", { exit_reason: reason }, true);
    flush(true);
    remember({ ...state(), s: 0 });
  },
  flush: () => flush(true),
  sessionId: () => state().s,
  optOut() {
    buffer = [];
    remember({});
    queued().forEach(drop);
    put(OPTED_OUT, 1);
  },
  optIn: () => drop(OPTED_OUT),
};

safe(() => {
  if (window.dwell) return;
  for (const name in api) api[name] = safe(api[name]);
  window.dwell = api;
  const { src, dataset } = document.currentScript;
  options.endpoint = new URL("i", src).href;
  if ("key" in dataset) api.init(dataset);
})();
