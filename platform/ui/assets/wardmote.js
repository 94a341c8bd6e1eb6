// Wardmote's script: it makes links and forms quick. Every page works without it.
//
//   data-swap="#a #b"   on a link, a form or a button: fetch the page and replace only these parts
//   data-rows           a list for j/k/x/o; its rows carry data-row, a row's link data-open, or data-full for o
//   data-go="r"         on a link: "g" then "r" goes there
//   aria-keyshortcuts   the key that presses a control
//   data-draft="/url"   on a form: what is typed is saved there by POST
//   data-check="#a #b" on a part of a form: when it is typed into, the form is sent with do=check, and these parts are replaced
//   data-live="/url"    on a part with an id: server-sent events say when to fetch it anew
//   data-bulk="form-id" on the bar of a selection; data-all: the box that selects all; data-count: its count
'use strict';
(() => {
  const doc = document, root = doc.documentElement;
  const one = (selector, within = doc) => within.querySelector(selector);
  const all = (selector, within = doc) => [...within.querySelectorAll(selector)];
  const visible = element => element.getClientRects().length > 0 && !element.disabled;
  const WRITING = 'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]';
  const writing = element => element instanceof Element && element.closest(WRITING);
  const say = words => { const line = one('#said'); if (line) line.textContent = words; };

  // ---- Swap: fetch a page, replace the parts of this one that have the same ids ----

  const here = () => location.pathname + location.search;
  let at = here();             // the page shown, without the place in it

  const running = new Map();   // what is being fetched, by parts: a newer fetch ends an older one

  /** Fetches `url` and replaces the parts named by `targets`. Resolves to false when the browser must go there itself. */
  async function swap(url, targets, { init = {}, push = 'push', focus } = {}) {
    running.get(targets)?.abort();
    const abort = new AbortController();
    running.set(targets, abort);
    const parts = targets.split(/\s+/).map(part => one(part)).filter(Boolean);
    parts.forEach(part => part.setAttribute('aria-busy', 'true'));
    try {
      const answer = await fetch(url, { ...init, signal: abort.signal, headers: { Accept: 'text/html', 'X-Swap': targets } });
      if (!/^text\/html/.test(answer.headers.get('Content-Type') ?? '')) return false;
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      connected(true);
      if (push !== 'none') remember();
      const place = keepPlace();
      const whole = targets === 'body' || !replace(targets, fresh);
      if (whole) doc.body.replaceWith(doc.adoptNode(fresh.body));
      for (const name of ['data-theme', 'data-keys', 'data-moment']) {
        const value = fresh.documentElement.getAttribute(name);
        if (value === null) root.removeAttribute(name); else root.setAttribute(name, value);
      }
      if (doc.title !== fresh.title && fresh.title) { doc.title = fresh.title; say(fresh.title); }
      // A form that was not accepted is shown again under its own address: nothing to go back to.
      const moved = push !== 'none' && (answer.redirected || !init.method) && answer.url !== location.href;
      if (moved && push === 'push') history.pushState({}, '', answer.url);
      else if (moved) history.replaceState(history.state, '', answer.url);
      at = here();
      if (whole && push === 'push') scrollTo(0, 0);
      place(focus);
      arrived();
      return true;
    } catch (error) {
      if (error.name === 'AbortError') return true;
      connected(false);
      return false;
    } finally {
      parts.forEach(part => part.removeAttribute('aria-busy'));
      if (running.get(targets) === abort) running.delete(targets);
    }
  }

  /** Replaces all of the parts, or none when the answer lacks the first of them. */
  function replace(targets, fresh) {
    const ids = targets.split(/\s+/).map(part => part.replace(/^#/, ''));
    if (!doc.getElementById(ids[0]) || !fresh.getElementById(ids[0])) return false;
    for (const id of ids) {
      const old = doc.getElementById(id), next = fresh.getElementById(id);
      if (old && next) old.replaceWith(doc.adoptNode(next));
    }
    return true;
  }

  /** Notes focus, what is selected, opened and scrolled; gives a function that restores it in the new parts. */
  function keepPlace() {
    const focused = doc.activeElement;
    const ticked = new Set(all('input[type=checkbox][name]:checked').map(box => box.name + '\n' + box.value));
    const current = one('[data-row][aria-current]')?.id;
    const opened = new Set(all('details[open][id]').map(details => details.id));
    const scrolled = all('.scroll').map(pane => [pane, pane.closest('[id]')?.id, pane.scrollTop]);
    return wanted => {
      const find = () => (focused?.id && doc.getElementById(focused.id))
        || (focused?.href && all('a[href]').find(link => link.href === focused.href))
        || (focused?.name && all(`[name="${CSS.escape(focused.name)}"]`).find(field => field.value === focused.value))
        || one('#main');
      all('input[type=checkbox][name]').forEach(box => { if (ticked.has(box.name + '\n' + box.value)) box.checked = true; });
      if (current && !one('[data-row][aria-current]')) doc.getElementById(current)?.setAttribute('aria-current', 'true');
      opened.forEach(id => { const details = doc.getElementById(id); if (details) details.open = true; });
      scrolled.forEach(([pane, id, top]) => {
        if (pane.isConnected || !id) return;
        const again = one(`#${CSS.escape(id)} .scroll`) ?? one(`#${CSS.escape(id)}.scroll`);
        if (again) again.scrollTop = top;
      });
      if (wanted) one(wanted)?.focus();
      else if (focused && focused !== doc.body && !focused.isConnected) find()?.focus({ preventScroll: true });
    };
  }

  const remember = () => history.replaceState({ ...history.state, y: scrollY }, '');

  addEventListener('popstate', async event => {
    if (here() === at) return;
    if (!await swap(location.href, 'body', { push: 'none' })) return location.reload();
    scrollTo(0, event.state?.y ?? 0);
  });

  doc.addEventListener('click', async event => {
    const link = event.target.closest?.('a[href][data-swap]');
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || link.target) return;
    event.preventDefault();
    const row = link.closest('[data-row]');
    if (row) makeCurrent(row);
    await follow(link);
    // On a narrow window the preview stands below the list.
    const part = row && one(link.dataset.swap.split(/\s+/)[0]);
    if (part?.getBoundingClientRect().top >= innerHeight - 80) part.scrollIntoView();
  });

  async function follow(link, push = link.dataset.push ?? 'push') {
    if (!await swap(link.href, link.dataset.swap, { push, focus: link.dataset.focus })) location.assign(link.href);
  }

  doc.addEventListener('submit', async event => {
    const form = event.target, button = event.submitter;
    stopDraft(form);
    const targets = button?.dataset.swap ?? form.dataset.swap;
    if (!targets || event.defaultPrevented) return;
    event.preventDefault();
    const url = new URL(button?.getAttribute('formaction') ?? form.getAttribute('action') ?? location.href, location.href);
    const data = new FormData(form, button);
    const post = form.method === 'post', files = form.enctype === 'multipart/form-data';
    if (!post) url.search = new URLSearchParams(data);
    const body = files ? data : new URLSearchParams(data);
    if (await swap(url, targets, { init: post ? { method: 'POST', body } : {}, focus: form.dataset.focus })) return;
    if (!post) return location.assign(url);
    // The network failed: the browser sends it in its own way, with the button's value, and shows why it cannot.
    if (button?.name) form.append(Object.assign(doc.createElement('input'), { type: 'hidden', name: button.name, value: button.value }));
    form.action = url;
    form.submit();
  });

  // ---- The line to the desk ----

  function connected(yes) {
    const line = one('#connection');
    if (!line || line.hidden === yes) return;
    line.hidden = yes;
    line.textContent = yes ? '' : `No connection to the desk since ${clock()} UTC. What you write stays here and is saved when it is back.`;
  }

  const clock = () => new Date().toISOString().slice(11, 19);
  addEventListener('offline', () => connected(false));
  addEventListener('online', () => { connected(true); all('form[data-draft]').forEach(form => drafts.get(form)?.dirty && save(form)); });

  // ---- Drafts: what is typed is saved on the server ----

  const drafts = new WeakMap(), IDLE = 800;

  doc.addEventListener('input', event => {
    const form = event.target.form ?? event.target.closest?.('form');
    if (!form?.dataset.draft) return;
    const draft = drafts.get(form) ?? { wait: 2000 };
    drafts.set(form, draft);
    draft.dirty = true;
    draft.ended = false;
    clearTimeout(draft.timer);
    draft.timer = setTimeout(() => save(form), IDLE);
  });

  async function save(form) {
    const draft = drafts.get(form);
    const note = one('[data-saved]', form) ?? one(`[data-saved="${form.id}"]`) ?? one('.foot [data-saved]');
    const words = text => { if (note) note.textContent = text; };
    draft.dirty = false;
    clearTimeout(draft.timer);
    try {
      const answer = await fetch(form.dataset.draft, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'manual' });
      connected(true);
      if (answer.type === 'opaqueredirect') throw new Error('0: logged out');
      if (answer.status === 409) return words('not saved: somebody else has changed this; load the page again');
      if (!answer.ok) throw new Error(answer.status);
      draft.wait = 2000;
      words(`saved ${clock()}`);
    } catch (error) {
      if (!draft.ended) {
        draft.dirty = true;
        if (!/^\d/.test(error.message)) connected(false);
        words(/^0/.test(error.message) ? 'not saved: log in again in another window, then this is saved' : 'not saved yet, trying again');
        draft.timer = setTimeout(() => save(form), draft.wait);
        draft.wait = Math.min(draft.wait * 2, 30_000);
      }
    }
  }

  function stopDraft(form) {
    const draft = drafts.get(form);
    if (!draft) return;
    clearTimeout(draft.timer);
    draft.dirty = false;
    draft.ended = true;
  }

  // The beacon may arrive after the next page was asked for: for as long as that takes, the tab keeps the words, too.
  const LEAVING = 10_000;
  addEventListener('pagehide', () => all('form[data-draft]').forEach(form => {
    if (!drafts.get(form)?.dirty) return;
    const words = new URLSearchParams(new FormData(form));
    navigator.sendBeacon(form.dataset.draft, words);
    sessionStorage.setItem(form.dataset.draft, JSON.stringify({ at: Date.now(), words: String(words) }));
  }));

  function bringBack(form) {
    const left = JSON.parse(sessionStorage.getItem(form.dataset.draft));
    sessionStorage.removeItem(form.dataset.draft);
    if (!left || Date.now() - left.at > LEAVING) return;
    for (const [name, value] of new URLSearchParams(left.words)) if (writing(form.elements[name])) form.elements[name].value = value;
  }

  // ---- Checked while it is typed ----

  let checking;
  doc.addEventListener('input', event => {
    const form = event.target.form, parts = event.target.closest?.('[data-check]')?.dataset.check;
    if (!form || !parts) return;
    clearTimeout(checking);
    checking = setTimeout(() => {
      if (!form.isConnected) return;
      const body = new URLSearchParams([...new FormData(form), ['do', 'check']]);
      swap(form.action, parts, { init: { method: 'POST', body }, push: 'none' });
    }, 600);
  });

  // ---- Live parts ----

  const streams = new Map(), stale = new Set();

  function listen() {
    for (const url of new Set(all('[data-live]').map(part => part.dataset.live))) {
      if (streams.has(url)) continue;
      // What happened while the page was on its way it may not show: the server is told of which moment it is.
      const stream = new EventSource(`${url}${url.includes('?') ? '&' : '?'}since=${root.dataset.moment ?? ''}`);
      streams.set(url, stream);
      // The event's data names the parts to fetch anew; without any, all that listen there.
      stream.onmessage = event => {
        const named = event.data.trim() ? event.data.trim().split(/\s+/) : all(`[data-live="${CSS.escape(url)}"]`).map(part => '#' + part.id);
        named.forEach(part => stale.add(part));
        refresh();
      };
      let opened = false;
      stream.onopen = () => {
        connected(true);
        if (opened) stream.onmessage({ data: '' });   // what was sent while the line was down is lost
        opened = true;
      };
    }
    for (const [url, stream] of streams) if (!one(`[data-live="${CSS.escape(url)}"]`)) { stream.close(); streams.delete(url); }
  }

  /** Whether the reader is typing or marking text in a part: then it is not replaced under their hands. */
  function busy(part) {
    const mark = getSelection();
    return (part.contains(doc.activeElement) && writing(doc.activeElement))
      || (mark && !mark.isCollapsed && part.contains(mark.anchorNode)) || one('dialog[open]', part);
  }

  let refreshing;
  function refresh(wait = 300) {
    clearTimeout(refreshing);
    refreshing = setTimeout(async () => {
      const due = [...stale].filter(part => { const here = one(part); return here && !busy(here); });
      due.forEach(part => stale.delete(part));
      stale.forEach(part => { if (!one(part)) stale.delete(part); });
      if (due.length && !await swap(location.href, due.join(' '), { push: 'none' })) due.forEach(part => stale.add(part));
      if (stale.size) refresh(2000);
    }, wait);
  }

  // ---- Rows and the selection ----

  const rows = () => all('[data-rows] [data-row]').filter(visible);
  let anchor;   // the box ticked last: with Shift, all between it and the next one change

  function makeCurrent(row) {
    all('[data-row][aria-current]').forEach(other => other.removeAttribute('aria-current'));
    row.setAttribute('aria-current', 'true');
  }

  /** Goes to the row `step` rows away and opens its preview. */
  function move(step) {
    const list = rows(), here = list.findIndex(row => row.hasAttribute('aria-current'));
    const row = list[here < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(Math.max(here + step, 0), list.length - 1)];
    if (!row) return;
    makeCurrent(row);
    const link = one('[data-open]', row) ?? one('a[href]', row);
    link?.focus({ preventScroll: true });
    row.scrollIntoView({ block: 'nearest' });
    if (link?.dataset.swap) follow(link, 'replace');
  }

  function tick(shift) {
    const row = rows().find(row => row.hasAttribute('aria-current'));
    const box = row && one('input[type=checkbox]', row);
    if (!box) return;
    box.checked = !box.checked;
    between(box, shift);
  }

  function between(box, shift) {
    const boxes = all('[data-rows] [data-row] input[type=checkbox]');
    const ends = [boxes.indexOf(anchor), boxes.indexOf(box)].sort((a, b) => a - b);
    if (shift && ends[0] >= 0) boxes.slice(ends[0], ends[1] + 1).forEach(other => { other.checked = box.checked; });
    anchor = box;
    count();
  }

  const selected = bar => all(`input[type=checkbox][form="${CSS.escape(bar.dataset.bulk)}"]:not([data-all])`);

  function count() {
    for (const bar of all('[data-bulk]')) {
      const boxes = selected(bar), on = boxes.filter(box => box.checked).length;
      bar.hidden = on === 0;
      all('[data-count]', bar).forEach(line => { line.textContent = `${on} selected`; });
      all('[data-all]').forEach(box => { box.checked = on > 0 && on === boxes.length; box.indeterminate = on > 0 && on < boxes.length; });
    }
  }

  doc.addEventListener('click', event => {
    const box = event.target;
    if (!box.matches?.('input[type=checkbox]')) return;
    if (box.matches('[data-all]')) {
      all('[data-bulk]').flatMap(selected).forEach(other => { other.checked = box.checked; });
      count();
    } else if (box.closest('[data-rows]')) between(box, event.shiftKey);
  });
  doc.addEventListener('reset', () => setTimeout(count));

  // ---- Keys ----

  let afterG = 0;   // until when a letter is the second of "g r"

  /** The control a key presses: in an open dialog, else in the bar of a selection, else the first that can be seen. */
  function controlFor(key) {
    const has = element => element.getAttribute('aria-keyshortcuts').split(' ').includes(key);
    const found = all('[aria-keyshortcuts]').filter(element => has(element) && visible(element));
    const open = one('dialog:modal');
    if (open) return found.find(element => open.contains(element));
    return found.find(element => element.closest('[data-bulk]')) ?? found[0];
  }

  function press(element) {
    if (writing(element)) { element.focus(); element.select?.(); } else element.click();
    return true;
  }

  function submitHere() {
    const form = doc.activeElement?.closest?.('form[method=post]') ?? one('.btn.primary:not(a)')?.form;
    const button = form && all('button', doc).find(b => b.form === form && b.matches('.primary') && visible(b));
    if (button) button.click(); else form?.requestSubmit();
    return Boolean(form);
  }

  doc.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    if (handle(event)) event.preventDefault();
  });

  function handle(event) {
    const control = event.ctrlKey || event.metaKey, typing = writing(event.target) && visible(event.target), key = event.key;
    if (control && key === 'Enter') return (controlFor('Control+Enter') && press(controlFor('Control+Enter'))) || submitHere();
    if (control && key.toLowerCase() === 'k' && one('#palette')) { openPalette(); return true; }
    if (control && key === 'z' && !typing) { const undo = controlFor('Control+Z'); return Boolean(undo) && press(undo); }
    if (control) return false;
    if (key === 'Escape') {
      if (typing && !event.target.closest('dialog')) { event.target.blur(); return false; }
      if (one('dialog[open], :popover-open')) return false;
      const clear = controlFor('Escape');
      return Boolean(clear) && press(clear);
    }
    if (typing || root.dataset.keys === 'off' || one('dialog:modal')) return false;
    if (afterG > event.timeStamp) {
      afterG = 0;
      const link = one(`[data-go="${CSS.escape(key)}"]`);
      if (link) { link.click(); return true; }
    }
    switch (key) {
      case 'g': afterG = event.timeStamp + 1500; return true;
      case 'j': case 'k': if (rows().length) { move(key === 'j' ? 1 : -1); return true; } return false;
      case 'x': case 'X': if (rows().length) { tick(event.shiftKey); return true; } return false;
      case '?': fillHelp(); one('#help')?.togglePopover(); return true;
      default: {
        const element = controlFor(key === '+' ? 'Plus' : key);
        if (element) return press(element);
        const row = key === 'o' && rows().find(row => row.hasAttribute('aria-current'));
        const link = row && (one('[data-full]', row) ?? one('[data-open]', row));
        if (link) location.assign(link.href);
        return Boolean(link);
      }
    }
  }

  /** Words of a control without the key printed on it. */
  function words(element) {
    const copy = element.cloneNode(true);
    all('kbd, .n', copy).forEach(cap => cap.remove());
    return (element.getAttribute('aria-label') ?? copy.textContent).replace(/\s+/g, ' ').trim();
  }

  function fillHelp() {
    const list = one('[data-keys-here]');
    if (!list) return;
    list.replaceChildren();
    const seen = new Set();
    for (const element of all('main [aria-keyshortcuts]').filter(visible)) {
      const key = element.getAttribute('aria-keyshortcuts');
      if (seen.has(key)) continue;
      seen.add(key);
      const name = doc.createElement('dt'), cap = doc.createElement('kbd'), what = doc.createElement('dd');
      cap.textContent = key.replace('Control+', '^').replace('Plus', '+').replace('Escape', 'Esc');
      name.append(cap);
      what.textContent = words(element);
      list.append(name, what);
    }
  }
  doc.addEventListener('toggle', event => { if (event.target.id === 'help') fillHelp(); }, true);

  // ---- Palette: go, find, do ----

  function openPalette() {
    const dialog = one('#palette'), input = one('#palette-find');
    const seen = new Set();
    const items = all('main .btn, .nav a, main [data-open], main .views a').filter(element => visible(element) || element.closest('.nav'))
      .map(element => ({ element, words: words(element) }))
      .filter(item => item.words && !seen.has(item.words) && seen.add(item.words));
    const list = one('#palette-list');
    let shown = [], at = 0;
    const choose = item => {
      dialog.close();
      if (item.element) item.element.click(); else location.assign('/search?q=' + encodeURIComponent(input.value.trim()));
    };
    const draw = () => {
      list.replaceChildren(...shown.map((item, index) => {
        const line = doc.createElement('li');
        Object.assign(line, { id: 'palette-' + index, role: 'option', textContent: item.words });
        line.setAttribute('aria-selected', String(index === at));
        line.addEventListener('click', () => choose(item));
        return line;
      }));
      input.setAttribute('aria-activedescendant', shown.length ? 'palette-' + at : '');
      list.children[at]?.scrollIntoView({ block: 'nearest' });
    };
    const find = () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      shown = items.filter(item => wanted.every(word => item.words.toLowerCase().includes(word))).slice(0, 12);
      if (wanted.length) shown.push({ words: `Search for “${input.value.trim()}”` });
      at = 0;
      draw();
    };
    input.value = '';
    input.oninput = find;
    input.onkeydown = event => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && shown.length) { at = (at + step + shown.length) % shown.length; draw(); event.preventDefault(); }
      if (event.key === 'Enter' && shown[at]) { event.preventDefault(); event.stopPropagation(); choose(shown[at]); }
    };
    if (!dialog.open) dialog.showModal();
    find();
  }

  // ---- After loading, and after each swap ----

  function arrived() {
    count();
    doc.dispatchEvent(new Event('arrived'));
    all('form[data-draft]').forEach(bringBack);
    listen();
    for (const toast of all('.toast[data-until]')) {
      const left = Number(toast.dataset.until) - Date.now();
      setTimeout(() => toast.remove(), Math.min(Math.max(left, 0), 2 ** 31 - 1));
    }
  }

  root.dataset.script = 'on';
  arrived();
})();
