// A session as drawn: lanes on a true time axis, in as much detail as there are pixels. It knows no
// clock and no buttons (replay.js does), and gets no text that somebody typed.
const dwellTrack = (() => {
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const two = (number) => String(number).padStart(2, "0");

  // A span in its two largest units, as the rest of the page writes it.
  function span(ms) {
    if (ms > 0 && ms < 9950) return `${Math.max(ms / 1000, 0.1).toFixed(1).replace(".0", "")} s`;
    const seconds = Math.round(ms / 1000);
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (days) return `${days} d ${two(hours % 24)} h`;
    if (hours) return `${hours} h ${two(minutes % 60)} m`;
    return minutes ? `${minutes} m ${two(seconds % 60)} s` : `${seconds} s`;
  }

  // What clocks show at a moment, as if they were of UTC: they may be changed while a session lasts.
  function wall(track, ms) {
    const last = track.changes.findLast(([since]) => since <= ms);
    return track.start + ms + (last ? last[1] : 0);
  }

  function clock(track, ms, seconds = true) {
    const at = new Date(wall(track, ms));
    return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${seconds ? `:${two(at.getUTCSeconds())}` : ""}`;
  }

  // Columns as they come, small, to columns as they are used: one entry an event.
  function read(text) {
    const track = JSON.parse(text);
    const count = track.ms.length;
    const at = new Float64Array(count), page = new Int32Array(count).fill(-1), scroll = new Int16Array(count).fill(-1);
    const source = new Uint8Array(count), errors = new Int32Array(count), action = new Int32Array(count);
    const detail = new Int32Array(count).fill(-1);
    const sparse = (pairs, set) => { for (let i = 0; i < pairs.length; i += 2) set(pairs[i], pairs[i + 1]); };
    sparse(track.views, (i, value) => { page[i] = value; });
    sparse(track.scroll, (i, value) => { scroll[i] = value; });
    sparse(track.detail, (i, value) => { detail[i] = value; });
    const turned = new Map();
    sparse(track.source, (i, value) => turned.set(i, value));
    const spans = [];
    let time = 0, wrong = 0, last = -1, from = 0;
    for (let i = 0; i < count; i++) {
      time += track.ms[i];
      at[i] = time;
      if (turned.has(i)) from = turned.get(i);
      source[i] = from;
      const kind = track.types[track.type[i]][1];
      if (kind === 2) wrong++;
      if (kind) last = i;
      errors[i] = wrong;
      action[i] = last;
      if (page[i] >= 0) {
        if (spans.length) spans[spans.length - 1][1] = time;
        spans.push([time, time, page[i]]);
      } else if (i) {
        page[i] = page[i - 1];
        // How far a page was scrolled is known until the next one comes.
        if (scroll[i] < 0) scroll[i] = scroll[i - 1];
      }
    }
    if (spans.length) spans[spans.length - 1][1] = time;
    // As the engaged time is counted: after an event that says idle nothing of the gap is.
    const gaps = [], skipped = new Uint8Array(count), says = track.types.map(([name]) => track.idles.includes(name));
    for (let i = 1; i < count; i++) {
      const gap = at[i] - at[i - 1], counted = says[track.type[i - 1]] ? 0 : track.idle;
      if (gap <= counted) continue;
      gaps.push([at[i - 1] + counted, at[i], gap]);
      skipped[i - 1] = 1;
    }
    return { ...track, count, at, page, scroll, source, errors, action, detail, spans, gaps, skipped, end: time };
  }

  // The last event at or before a moment.
  function indexAt(track, ms) {
    let low = 0, high = track.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (track.at[middle] <= ms) low = middle; else high = middle - 1;
    }
    return low;
  }

  function lanes(track) {
    const found = [];
    if (track.spans.length) found.push({ name: "Pages", kind: "pages" });
    track.sources.forEach((name, number) => found.push({ name: `Source ${name}`, kind: "source", number }));
    if (track.turns.length) found.push({ name: "Chat turns", kind: "turns" });
    if (track.runs.length) found.push({ name: "Workflows", kind: "runs" });
    return found;
  }

  const LABEL = 16, LANE = 22, AXIS = 24, SPACE = 8;
  const heightOf = (track) => lanes(track).length * (LABEL + LANE + SPACE) + AXIS;

  function draw(canvas, track, view, look) {
    const width = canvas.clientWidth, height = heightOf(track), ratio = devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.clearRect(0, 0, width, height);
    pen.font = "12px Inter, sans-serif";
    pen.textBaseline = "middle";
    const x = (ms) => (ms - view[0]) / (view[1] - view[0]) * width;
    const bottom = height - AXIS;
    idle(pen, track, x, width, bottom, look);
    axis(pen, track, view, x, width, bottom, look);
    let top = 0;
    for (const lane of lanes(track)) {
      pen.fillStyle = look.quiet;
      pen.fillText(lane.name, 6, top + LABEL / 2 + 1);
      const y = top + LABEL;
      if (lane.kind === "source") {
        pen.fillStyle = look.grid;
        pen.fillRect(0, y + LANE - 1, width, 1);
        ticks(pen, track, lane.number, x, width, y, view, look);
      } else bars(pen, track, lane.kind, x, width, y, look);
      top += LABEL + LANE + SPACE;
    }
  }

  function idle(pen, track, x, width, bottom, look) {
    let free = -1;
    for (const [from, to, whole] of track.gaps) {
      const left = Math.max(x(from), 0), right = Math.min(x(to), width);
      if (right < 0 || left > width) continue;
      pen.fillStyle = look.surface;
      pen.fillRect(left, 0, Math.max(right - left, 1), bottom);
      pen.fillStyle = look.quiet;
      const words = `idle ${span(whole)}`;
      const room = pen.measureText(words).width + 10;
      if (right - left > room && left > free) {
        pen.textAlign = "right";
        pen.fillText(words, right - 5, LABEL / 2 + 1);
        pen.textAlign = "left";
        free = right;
      }
    }
  }

  // The moments in view at which clocks show a multiple of the step, and what they show.
  function hours(track, view, step) {
    const found = [], parts = [[-Infinity, 0], ...track.changes];
    parts.forEach(([since, by], part) => {
      const from = Math.max(view[0], since), zero = track.start + by;
      const to = Math.min(view[1], part + 1 < parts.length ? parts[part + 1][0] - 1 : Infinity);
      for (let at = Math.ceil((zero + from) / step) * step; at - zero <= to; at += step) found.push([at - zero, at]);
    });
    return found;
  }

  function axis(pen, track, view, x, width, bottom, look) {
    const wanted = (view[1] - view[0]) / 1000 / Math.max(width / 90, 1);
    const step = (STEPS.find((each) => each >= wanted) || Math.ceil(wanted / 86400) * 86400) * 1000;
    pen.textAlign = "center";
    for (const [ms, at] of hours(track, view, step)) {
      const day = new Date(at);
      pen.fillStyle = look.grid;
      pen.fillRect(x(ms), 0, 1, bottom);
      pen.fillStyle = look.quiet;
      const midnight = at % 86400000 === 0;
      const words = midnight ? `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}` : clock(track, ms, step < 60000);
      const half = pen.measureText(words).width / 2;
      pen.fillText(words, Math.min(Math.max(x(ms), half + 1), width - half - 1), bottom + AXIS / 2 + 2);
    }
    pen.textAlign = "left";
  }

  // Of the events that share a pixel the gravest is seen: an error, an action, then all else. Where
  // many do, the height tells how many.
  function ticks(pen, track, number, x, width, y, view, look) {
    const size = Math.ceil(width) + 2, columns = new Uint8Array(size), counts = new Uint32Array(size);
    let seen = 0, most = 0;
    for (let i = indexAt(track, view[0]); i < track.count && track.at[i] <= view[1]; i++) {
      if (track.source[i] !== number || track.at[i] < view[0]) continue;
      const column = Math.round(x(track.at[i]));
      columns[column] = Math.max(columns[column], track.types[track.type[i]][1] + 1);
      most = Math.max(most, ++counts[column]);
      seen++;
    }
    const isDense = seen > width, thick = seen < width / 5 ? 2 : 1;
    const inks = [null, look.quiet, look.series, look.bad], heights = [0, 8, 15, 20];
    for (let kind = 1; kind <= 3; kind++) {
      pen.fillStyle = inks[kind];
      columns.forEach((value, column) => {
        if (value !== kind) return;
        const left = Math.min(column, width - thick);
        const high = isDense && kind < 3 ? 3 + 13 * Math.log1p(counts[column]) / Math.log1p(most) : heights[kind];
        pen.fillRect(left, y + LANE - high, kind === 3 && !isDense ? thick + 1 : thick, high);
      });
    }
  }

  function named(pen, words, left, right, y, ink) {
    const from = Math.max(left, 0) + 5;
    if (right - from < 24) return;
    pen.save();
    pen.beginPath();
    pen.rect(from, y, right - from - 3, LANE);
    pen.clip();
    pen.fillStyle = ink;
    pen.fillText(words, from, y + LANE / 2 - 1);
    pen.restore();
  }

  function bars(pen, track, kind, x, width, y, look) {
    const ways = {
      pages: () => track.spans.map(([from, to, page], at) => [from, to, track.pages[page], look.series, at % 2 ? 0.3 : 0.17]),
      turns: () => track.turns.map(([from, to, mark, wrong]) => [from, to, mark, wrong ? look.bad : look.turns, 0.75]),
      runs: () => track.runs.map(([from, to, words, done]) => [from, to, words, done ? look.runs : look.quiet, 0.4]),
    };
    const drawn = ways[kind]();
    let band = -9;
    drawn.forEach(([from, to, words, ink, strength], at) => {
      const left = x(from), right = Math.max(x(to), left + 3);
      if (right < 0 || left > width) return;
      // Pages too short to be told apart are one band.
      if (kind === "pages" && drawn.length > width / 3 && right - left < 4) {
        pen.globalAlpha = 0.17;
        pen.fillStyle = ink;
        if (left >= band) pen.fillRect(left, y, (band = left + 4) - left, LANE - 3);
        pen.globalAlpha = 1;
        return;
      }
      pen.globalAlpha = strength;
      pen.fillStyle = ink;
      pen.fillRect(left, y, Math.max(right - left - (kind === "pages" ? 1 : 0), 1), LANE - 3);
      pen.globalAlpha = 1;
      if (kind === "turns") { used(pen, words, right, y, look); return; }
      // A run may be short, and its name long: it has the room up to the next one; so has the last page.
      const isLast = at + 1 === drawn.length, free = isLast ? width : kind === "runs" ? x(drawn[at + 1][0]) : right;
      named(pen, words, right - left < 8 && free > right ? right : left, free, y, look.text);
    });
  }

  // What was done with an answer: used as a dot, feedback as an arrow up or down.
  function used(pen, mark, left, y, look) {
    if (!mark) return;
    const middle = left + 6, up = mark === 2;
    pen.fillStyle = mark === 1 ? look.series : up ? look.good : look.bad;
    pen.beginPath();
    if (mark === 1) pen.arc(middle, y + 9, 3, 0, 7);
    else {
      pen.moveTo(middle - 4, y + (up ? 13 : 6));
      pen.lineTo(middle + 4, y + (up ? 13 : 6));
      pen.lineTo(middle, y + (up ? 5 : 14));
    }
    pen.fill();
  }

  return { read, draw, hours, indexAt, span, clock, heightOf };
})();
