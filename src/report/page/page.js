'use strict';
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  // A page that misbehaves says so where a test can see it.
  addEventListener('error', (event) => { root.dataset.error = event.message; });
  addEventListener('securitypolicyviolation', (event) => { root.dataset.violation = `${event.violatedDirective} ${event.blockedURI}`; });
  root.classList.add('js');
  all('.tools').forEach((tools) => { tools.hidden = false; });

  // The address holds the state: #incident=zone-loss&history=3&t=307&cell=a/b/1&fault=..&harmed=..
  const isState = () => location.hash.includes('=');
  const state = new URLSearchParams(isState() ? location.hash.slice(1) : '');
  let writing = 0;
  const keep = (key, value) => {
    if (value === '' || value === null || value === undefined) state.delete(key); else state.set(key, value);
    clearTimeout(writing);
    writing = setTimeout(() => {
      const text = state.toString().replaceAll('%2F', '/');
      try { history.replaceState(null, '', `#${text}`); } catch { /* some viewers let no page change its address */ }
    }, 150);
  };

  // Theme.
  const themes = ['auto', 'light', 'dark'];
  const setTheme = (theme) => {
    root.dataset.theme = theme;
    byId('theme').textContent = `Theme: ${theme}`;
    byId('theme').setAttribute('aria-label', `Theme: ${theme === 'auto' ? 'automatic' : theme}`);
    film?.strip();
  };
  byId('theme').addEventListener('click', () => {
    const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
    setTheme(next);
    keep('theme', next === 'auto' ? '' : next);
  });

  // Help.
  const help = byId('help');
  byId('help-open').addEventListener('click', () => help.showModal());
  help.querySelector('form').addEventListener('submit', (event) => { event.preventDefault(); help.close(); });

  // Where one is.
  const links = all('nav a');
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((entry) => entry.isIntersecting)) {
      links.forEach((link) => link.removeAttribute('aria-current'));
      links.find((link) => link.hash === `#${entry.target.id}`)?.setAttribute('aria-current', 'true');
    }
  }, { rootMargin: '-15% 0px -75% 0px' });
  all('section').forEach((section) => seen.observe(section));

  // Tables: sort by any column, filter, copy.
  const raw = (cell) => cell.dataset.v ?? cell.textContent;
  const compare = (a, b, numeric) => {
    if (!numeric) return a.localeCompare(b, 'en', { numeric: true });
    const [x, y] = [Number.parseFloat(a), Number.parseFloat(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
    return x - y;
  };
  const chosen = ['fault', 'cause', 'tier', 'workflow', 'design', 'change', 'recovery'];
  class Sheet {
    constructor(sheet) {
      this.table = sheet.querySelector('table');
      this.file = sheet.dataset.file;
      this.heads = all('thead th', this.table);
      this.rows = all('tbody tr', this.table);
      this.tests = new Map();
      // Of several folders the first one's incidents are in the address.
      this.isIncidents = sheet === document.querySelector('.sheet[data-file="incidents.csv"]');
      this.heads.forEach((head, column) => this.sortable(head, column));
      if ('filters' in sheet.dataset) this.filterable(sheet);
    }
    column(key) { return this.heads.findIndex((head) => head.dataset.key === key); }
    sortable(head, column) {
      const button = make('button', { type: 'button', textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const isDown = head.getAttribute('aria-sort') !== 'descending';
        this.sort(column, isDown);
        if (this.isIncidents) { keep('sort', head.dataset.key); keep('order', isDown ? '' : 'up'); }
      });
    }
    sort(column, isDown) {
      if (column < 0) return;
      const numeric = this.heads[column].classList.contains('r');
      const sign = isDown ? -1 : 1;
      this.rows.sort((a, b) => sign * compare(raw(a.cells[column]), raw(b.cells[column]), numeric));
      this.table.tBodies[0].append(...this.rows);
      this.heads.forEach((head) => head.removeAttribute('aria-sort'));
      this.heads[column].setAttribute('aria-sort', isDown ? 'descending' : 'ascending');
    }
    filterable(sheet) {
      const bar = make('div', { className: 'filters' });
      const field = (label, input) => { bar.append(make('label', {}, `${label} `, input)); return input; };
      this.fields = {};
      this.heads.forEach((head, column) => {
        const key = head.dataset.key;
        if (chosen.includes(key)) {
          const values = [...new Set(this.rows.map((row) => raw(row.cells[column])))].sort((a, b) => compare(a, b, false));
          if (values.length < 2 || values.length > 60) return;
          const select = make('select', {}, make('option', { value: '', textContent: 'any' }));
          select.append(...values.map((value) => make('option', { value, textContent: value || 'none' })));
          this.fields[key] = field(head.textContent, select);
          // Several names in one cell: a+b.
          this.tests.set(key, (row) => select.value === '' && select.selectedIndex === 0 || raw(row.cells[column]) === select.value);
        } else if (key === 'harmed') {
          const least = make('input', { type: 'number', min: 0, inputMode: 'numeric' });
          this.fields[key] = field('harmed at least', least);
          this.tests.set(key, (row) => least.value === '' || Number(raw(row.cells[column])) >= Number(least.value));
        }
      });
      const words = make('input', { type: 'search', size: 14 });
      this.fields.q = field('contains', words);
      this.tests.set('q', (row) => row.textContent.toLowerCase().includes(words.value.toLowerCase()));
      const copy = make('button', { type: 'button', textContent: 'Copy CSV' });
      copy.addEventListener('click', () => this.copy(copy));
      this.count = make('output', {});
      bar.append(copy, this.count);
      sheet.prepend(bar);
      for (const [key, input] of Object.entries(this.fields)) {
        input.addEventListener('input', () => { if (this.isIncidents) keep(key, input.value); this.filter(); });
      }
      sheet.addEventListener('keydown', (event) => {
        if (event.key === 'c' && !event.ctrlKey && !event.metaKey && !event.target.matches('input, select')) this.copy(copy);
      });
      this.filter();
    }
    filter() {
      let shown = 0;
      for (const row of this.rows) {
        row.hidden = ![...this.tests.values()].every((test) => test(row));
        shown += row.hidden ? 0 : 1;
      }
      this.count.value = `${shown} of ${this.rows.length} rows`;
    }
    restore() {
      for (const [key, input] of Object.entries(this.fields ?? {})) if (state.has(key)) input.value = state.get(key);
      if (this.fields) this.filter();
      if (state.has('sort')) this.sort(this.column(state.get('sort')), state.get('order') !== 'up');
    }
    copy(button) {
      const quote = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
      const line = (texts) => texts.map(quote).join(',');
      const rows = this.rows.filter((row) => !row.hidden).map((row) => line([...row.cells].map(raw)));
      const area = make('textarea', { value: [line(this.heads.map((head) => head.dataset.key)), ...rows].join('\n') });
      document.body.append(area);
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      button.focus();
      button.textContent = done ? 'Copied' : 'Cannot copy';
      setTimeout(() => { button.textContent = 'Copy CSV'; }, 1500);
    }
  }

  // Replay.
  const clockOf = (seconds) => {
    const whole = Math.floor(seconds);
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const two = (number) => String(number).padStart(2, '0');
    return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
  };
  const count = (number) => number.toLocaleString('en');
  const many = (number, noun) => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
  const names = { n: 'normal', s: 'slow', f: 'failing', d: 'down' };
  class Film {
    constructor(element) {
      this.element = element;
      this.data = JSON.parse(byId('film-data').textContent);
      this.units = this.data.units;
      for (const unit of this.units) {
        const states = [];
        for (const [, length, letter] of unit.states.matchAll(/(\d+)([nsfd])/g)) states.push(letter.repeat(Number(length)));
        unit.states = states.join('');
      }
      this.squares = [];
      for (const square of all('#map .q', element)) this.squares[Number(square.dataset.u)] = square;
      this.shown = this.squares.map((square) => square.className);
      this.slider = byId('frame');
      this.at = Number(element.dataset.worst);
      this.first = 0;
      this.last = this.data.frames - 1;
      this.cell = -1;
      this.looked = -1;
      this.playing = false;
      // Bad units in each frame, for the strip above the slider.
      this.bad = Array.from({ length: this.data.frames }, (_, frame) => this.units.filter((unit) => 'fd'.includes(unit.states[frame])).length);
      byId('cell').append(...this.units.map((unit, at) => make('option', { value: at, textContent: unit.name })));
      if (this.data.hits.length === 0) all('.now .router', element).forEach((row) => { row.hidden = true; });
      this.listen();
    }
    listen() {
      this.slider.addEventListener('input', () => { this.pause(); this.go(Number(this.slider.value)); });
      this.slider.addEventListener('change', () => this.announce());
      byId('play').addEventListener('click', () => this.toggle());
      byId('as-table').addEventListener('click', () => this.asTable());
      byId('incident').addEventListener('change', (event) => this.choose(event.target.value));
      byId('cell').addEventListener('change', (event) => this.select(event.target.value === '' ? -1 : Number(event.target.value)));
      const map = byId('map');
      const unitOf = (event) => (event.target.dataset.u === undefined ? -1 : Number(event.target.dataset.u));
      map.addEventListener('pointerover', (event) => { this.looked = unitOf(event); this.say(); });
      map.addEventListener('pointerleave', () => { this.looked = -1; this.say(); });
      map.addEventListener('click', (event) => { const unit = unitOf(event); this.select(unit === this.cell ? -1 : unit); });
      new ResizeObserver(() => this.strip()).observe(byId('strip'));
      matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.strip());
    }
    // Shows a frame; only squares that change are touched.
    go(frame, isKept = true) {
      this.at = Math.min(Math.max(frame, this.first), this.last);
      const at = this.at;
      for (let unit = 0; unit < this.units.length; unit += 1) {
        const { states, struck } = this.units[unit];
        let name = `q ${states[at]}`;
        for (const [from, to] of struck) if (from <= at && at < to) name += ' k';
        if (unit === this.cell) name += ' on';
        if (name !== this.shown[unit]) {
          this.shown[unit] = name;
          this.squares[unit].className = name;
        }
      }
      const time = at * this.data.frame;
      this.slider.value = at;
      this.slider.setAttribute('aria-valuetext', this.told());
      byId('clock').value = clockOf(time);
      byId('now-clock').textContent = clockOf(time);
      byId('now-harmed').textContent = count(this.step(this.data.harmed));
      byId('now-failed').textContent = `${count(this.data.failed[at])}/s of ${count(this.data.requests[at])}`;
      byId('now-bad').textContent = `${count(this.bad[at])} of ${count(this.units.length)}`;
      if (this.data.hits.length > 0) {
        byId('now-hits').textContent = `${this.data.hits[at]} %`;
        byId('now-store').textContent = `${count(this.data.store[at])}/s`;
      }
      byId('map').setAttribute('aria-label', this.told());
      this.strip();
      this.say();
      if (!byId('film-table').hidden) this.fill();
      if (isKept && !this.playing) this.remember();
    }
    remember() {
      keep('history', this.data.history);
      keep('t', Math.round(this.at * this.data.frame * 1000) / 1000);
    }
    // The value of steps at this frame.
    step(steps) {
      let value = 0;
      for (const [frame, next] of steps) { if (frame > this.at) break; value = next; }
      return value;
    }
    told() {
      const time = this.at * this.data.frame;
      const open = this.data.incidents.filter((one) => one.onset <= time + this.data.frame && time <= one.end).map((one) => one.fault);
      const harmed = many(this.step(this.data.harmed), 'customer');
      return `${clockOf(time)}, ${open.length > 0 ? open.join(' and ') : 'no fault'}, ${many(this.bad[this.at], 'unit')} failing or down, ${harmed} harmed so far`;
    }
    announce() { byId('said').textContent = this.told(); }
    spans(unit, letters) {
      const spans = [];
      let from = -1;
      for (let frame = 0; frame <= this.data.frames; frame += 1) {
        const is = frame < this.data.frames && letters.includes(unit.states[frame]);
        if (is && from < 0) from = frame;
        if (!is && from >= 0) { spans.push([from, frame]); from = -1; }
      }
      return spans;
    }
    sentence(unit) {
      const span = ([from, to]) => `${clockOf(from * this.data.frame)} to ${clockOf(to * this.data.frame)}`;
      const some = (word, spans) => {
        if (spans.length === 0) return [];
        const shown = spans.slice(0, 3).map(span).join(', ');
        return [`${word} ${shown}${spans.length > 3 ? ` and ${spans.length - 3} more times` : ''}`];
      };
      const about = [many(unit.customers, 'customer'), `${count(unit.rate)}/s`];
      if (unit.busy) about.push(`${unit.busy} busy`);
      const harmed = unit.harmed.length > 0 ? unit.harmed[unit.harmed.length - 1][1] : 0;
      const happened = [...some('struck', unit.struck), ...some('slow', this.spans(unit, 's')), ...some('failing or down', this.spans(unit, 'fd'))];
      return `${unit.name}: ${about.join(', ')}; now ${names[unit.states[this.at]]}; ${happened.length > 0 ? happened.join('; ') : 'never struck, always normal'}; ${count(harmed)} harmed in all.`;
    }
    say() {
      const unit = this.units[this.looked >= 0 ? this.looked : this.cell];
      byId('sentence').textContent = unit ? this.sentence(unit) : 'Point at a cell, or choose one.';
    }
    select(unit) {
      this.cell = unit;
      byId('cell').value = unit < 0 ? '' : unit;
      keep('cell', unit < 0 ? '' : this.units[unit].name);
      this.go(this.at);
    }
    // An incident: time is narrowed to what surrounds it.
    choose(index) {
      const incident = index === '' ? null : this.data.incidents[Number(index)];
      byId('incident').value = index;
      const frames = (seconds) => Math.floor(seconds / this.data.frame);
      const length = incident ? Math.max(incident.end - incident.onset, 60) : 0;
      this.first = incident ? Math.max(0, frames(incident.onset - 30)) : 0;
      this.last = incident ? Math.min(this.data.frames - 1, frames(incident.end + length)) : this.data.frames - 1;
      this.slider.min = this.first;
      this.slider.max = this.last;
      keep('incident', incident ? incident.fault : '');
      this.go(incident ? frames(incident.onset) : this.at);
    }
    onset(direction) {
      const frames = this.data.incidents.map((one) => Math.floor(Math.max(one.onset, 0) / this.data.frame));
      const next = direction > 0 ? frames.filter((frame) => frame > this.at)[0] : frames.filter((frame) => frame < this.at).pop();
      if (next !== undefined) { if (next < this.first || next > this.last) this.choose(''); this.go(next); this.announce(); }
    }
    toggle() { if (this.playing) { this.pause(); this.announce(); this.remember(); } else this.play(); }
    play() {
      if (this.at >= this.last) this.go(this.first);
      this.playing = true;
      byId('play').textContent = 'Pause';
      byId('play').setAttribute('aria-pressed', 'true');
      let before = performance.now();
      let time = this.at * this.data.frame;
      const tick = (now) => {
        if (!this.playing) return;
        time += (now - before) / 1000 * Number(byId('speed').value);
        before = now;
        const frame = Math.floor(time / this.data.frame);
        if (frame !== this.at) this.go(frame);
        if (this.at >= this.last) { this.pause(); this.announce(); this.remember(); } else requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    }
    pause() {
      this.playing = false;
      byId('play').textContent = 'Play';
      byId('play').setAttribute('aria-pressed', 'false');
    }
    // Above the slider: faults as bars, bad cells as a curve, now as a line.
    strip() {
      const canvas = byId('strip');
      const scale = devicePixelRatio || 1;
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      if (width === 0) return;
      if (canvas.width !== Math.round(width * scale)) { canvas.width = Math.round(width * scale); canvas.height = Math.round(height * scale); }
      const pen = canvas.getContext('2d');
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.clearRect(0, 0, width, height);
      const style = getComputedStyle(root);
      const ink = (name) => style.getPropertyValue(`--${name}`).trim();
      // The thumb of a slider stays within it.
      const inset = 8;
      const x = (frame) => inset + (frame - this.first) / Math.max(1, this.last - this.first) * (width - 2 * inset);
      pen.fillStyle = ink('blue');
      for (const one of this.data.incidents) {
        const [from, to] = [x(one.onset / this.data.frame), x(one.end / this.data.frame)];
        pen.fillRect(from, height - 4, Math.max(to - from, 2), 4);
      }
      pen.fillStyle = ink('red');
      const most = Math.max(1, ...this.bad);
      for (let frame = this.first; frame <= this.last; frame += 1) {
        const tall = this.bad[frame] / most * (height - 7);
        if (tall > 0) pen.fillRect(x(frame), height - 6 - tall, Math.max(1, x(frame + 1) - x(frame)), tall);
      }
      pen.fillStyle = ink('ink');
      pen.fillRect(x(this.at) - 1, 0, 2, height);
    }
    asTable() {
      const table = byId('film-table');
      table.hidden = !table.hidden;
      byId('as-table').setAttribute('aria-pressed', String(!table.hidden));
      keep('table', table.hidden ? '' : '1');
      if (!table.hidden) this.fill();
    }
    fill() {
      const groups = new Map();
      for (const unit of this.units) {
        const name = unit.group || unit.name;
        const row = groups.get(name) ?? { n: 0, s: 0, f: 0, d: 0, struck: 0, harmed: 0 };
        row[unit.states[this.at]] += 1;
        row.struck += unit.struck.some(([from, to]) => from <= this.at && this.at < to) ? 1 : 0;
        row.harmed += this.step(unit.harmed);
        groups.set(name, row);
      }
      const cells = (row) => [row.n, row.s, row.f, row.d, row.struck, row.harmed].map((number) => make('td', { className: 'r', textContent: count(number) }));
      const rows = [...groups].map(([name, row]) => make('tr', {}, make('th', { scope: 'row', textContent: name }), ...cells(row)));
      byId('film-table').querySelector('tbody').replaceChildren(...rows);
      byId('film-table-clock').textContent = clockOf(this.at * this.data.frame);
    }
    restore() {
      const history = state.get('history');
      if (history !== null && Number(history) !== this.data.history) {
        byId('said').textContent = `The address asks for replication ${history}; this page holds ${this.data.history}.`;
        state.delete('history');
      }
      const cell = this.units.findIndex((unit) => unit.name === state.get('cell'));
      this.cell = cell;
      if (cell >= 0) byId('cell').value = cell;
      const wanted = state.get('t') === null ? NaN : Number(state.get('t'));
      const named = this.data.incidents.map((one, at) => [one, at]).filter(([one]) => one.fault === state.get('incident'));
      const reached = named.filter(([one]) => Number.isNaN(wanted) || one.onset - 30 <= wanted);
      const incident = (reached.length > 0 ? reached[reached.length - 1] : named[0])?.[1];
      if (incident !== undefined) this.choose(String(incident)); else this.go(this.at, false);
      // 307 and its frame's start may differ by less than a frame.
      if (Number.isFinite(wanted)) this.go(Math.floor(wanted / this.data.frame + 1e-9), incident !== undefined);
      if (state.get('table') === '1' && byId('film-table').hidden) this.asTable();
    }
    isInView() {
      const box = this.element.getBoundingClientRect();
      return box.bottom > 0 && box.top < innerHeight;
    }
    key(event) {
      const { key, shiftKey, target } = event;
      const isOurs = this.element.contains(target);
      if (target.matches('select, textarea, input:not([type="range"]), pre, .wide') || !(isOurs || this.isInView())) return false;
      if (key === ' ' && target.matches('button, summary, a')) return false;
      const step = shiftKey ? 10 : 1;
      const moves = {
        ArrowLeft: () => this.jump(this.at - step),
        ArrowRight: () => this.jump(this.at + step),
        ' ': () => this.toggle(),
        '[': () => this.onset(-1),
        ']': () => this.onset(1),
        t: () => this.asTable(),
      };
      if (isOurs) Object.assign(moves, { Home: () => this.jump(this.first), End: () => this.jump(this.last) });
      if (!(key in moves)) return false;
      this.pauseUnless(key === ' ');
      moves[key]();
      return true;
    }
    pauseUnless(is) { if (!is) this.pause(); }
    jump(frame) { this.go(frame); this.announce(); }
  }

  const sheets = all('.sheet').map((sheet) => new Sheet(sheet));
  const film = byId('film') ? new Film(byId('film')) : null;
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (film?.key(event)) { event.preventDefault(); return; }
    if (event.target.matches('input:not([type="range"]), select, textarea')) return;
    if (event.key === '?') help.showModal();
    if (event.key === '/') {
      const field = sheets.find((sheet) => sheet.isIncidents)?.fields?.q;
      if (field) { event.preventDefault(); field.focus(); }
    }
  });
  const restore = () => {
    sheets.filter((sheet) => sheet.isIncidents).forEach((sheet) => sheet.restore());
    film?.restore();
    if (themes.includes(state.get('theme'))) setTheme(state.get('theme'));
  };
  restore();
  addEventListener('hashchange', () => {
    if (!isState()) return;
    [...state.keys()].forEach((key) => state.delete(key));
    new URLSearchParams(location.hash.slice(1)).forEach((value, key) => state.set(key, value));
    restore();
  });
  root.dataset.ready = 'yes';
})();
