// A room follows its answers: htmx swaps in what the stream brings, the view stays at the end while its reader is there,
// and where no stream can be had the page is asked every few seconds.
(() => {
  const ours = new Set(['message', 'block', 'done', 'gone']);
  const nearEnd = 48; // pixels
  const pollEvery = 3000; // milliseconds
  const patience = 10_000; // milliseconds for one page
  const root = document.documentElement;
  const revision = (article) => Number(article.dataset.revision);
  const find = (id) => document.getElementById(id);
  const follow = find('follow');
  if (!follow) return;
  const log = find('log');
  // What only a page that follows can need is not in its HTML.
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const newest = make('button', { id: 'to-newest', className: 'button quiet to-newest', type: 'button', textContent: 'Newest', hidden: true });
  const offline = make('p', { className: 'offline', role: 'status' });
  const spoken = make('div', { className: 'visually-hidden', role: 'status' });
  find('composer').before(newest, offline, spoken);

  // Where the reader is. A step upwards means that they want to read there; coming back to the end means the opposite.
  const gap = () => root.scrollHeight - innerHeight - scrollY;
  const toEnd = () => scrollTo({ top: root.scrollHeight, behavior: 'instant' });
  let following = history.state?.following ?? !location.hash;
  let last = scrollY;

  // Kept with the page's place in the history, so that a reload or the back button leaves the reader where they were.
  function follows(whether) {
    if (whether) newest.hidden = true;
    if (following === whether) return;
    following = whether;
    history.replaceState({ ...history.state, following }, '');
  }

  function stay() {
    follows(true);
    toEnd();
  }

  addEventListener('scroll', () => {
    if (gap() <= 1 || (gap() < nearEnd && scrollY > last)) follows(true);
    else if (scrollY < last) follows(false);
    last = scrollY;
  }, { passive: true });
  addEventListener('load', () => { if (following || gap() < nearEnd) stay(); });
  addEventListener('resize', () => { if (following) toEnd(); });
  new ResizeObserver(() => { if (following) toEnd(); }).observe(find('main'));
  newest.addEventListener('click', () => {
    stay();
    find('text')?.focus({ preventScroll: true });
  });
  document.addEventListener('htmx:before:request', (event) => {
    if (event.target.matches('#compose, [action$="/regenerate"]')) follows(true);
  });

  // An answer is read out once, when it is complete: the log itself, whose text grows, is silent.
  log.ariaLive = 'off';
  const running = () => [...log.querySelectorAll('.message[aria-busy]')].map((article) => article.id);
  let ran = running();
  function speak() {
    const now = running();
    for (const id of ran) if (!now.includes(id) && find(id)) spoken.textContent = words(find(id));
    ran = now;
  }
  const words = (article) => [...article.querySelectorAll('.message-body > *, .message-note')]
    .map((part) => (part.querySelector(':scope > pre') ?? part).innerText).join('\n');

  // An article that is replaced by its next state leaves the focus where it was, or as near as can be.
  let held = null;
  function hold() {
    const active = document.activeElement;
    const id = active?.closest('.message')?.id;
    held = id && { id, href: active.getAttribute('href'), words: active.textContent };
  }
  function giveBack() {
    if (!held || document.activeElement !== document.body) return;
    const [links, buttons] = ['a', 'button'].map((name) => [...find(held.id)?.querySelectorAll(name) ?? []]);
    const same = held.href ? links.find((link) => link.getAttribute('href') === held.href) : buttons.find((button) => button.textContent === held.words);
    (same ?? links[0])?.focus({ preventScroll: true });
  }
  document.addEventListener('htmx:before:swap', hold);
  document.addEventListener('htmx:after:swap', () => {
    giveBack();
    speak();
  });

  function changed() {
    // Before the next frame: nobody is to see the new text push the rest of the page.
    if (following) toEnd();
    newest.hidden = following || gap() < nearEnd;
    const title = find('chat-title').textContent;
    document.title = `${title} · ${document.title.split(' · ').pop()}`;
    const field = find('title');
    if (field.value === field.defaultValue) field.value = field.defaultValue = title;
  }

  // The stream names its events; htmx swaps unnamed ones. Without its name each event's HTML goes to htmx, which puts
  // every part where it belongs.
  let connection;
  document.addEventListener('htmx:sse:before:message', (event) => {
    const message = event.detail.message;
    if (ours.has(message.event)) message.event = '';
  });
  document.addEventListener('htmx:sse:after:message', changed);
  // The answer to a form may arrive after what the stream told of the same message meanwhile: that stays. So does an
  // article that the stream tells once more, with what its reader has selected, focused or opened in it.
  document.addEventListener('htmx:before:swap', ({ detail }) => {
    const isStream = detail.ctx.sourceElement === follow;
    for (const { fragment, swapSpec, target } of detail.tasks) {
      // What was asked for here is answered here, with the way back.
      if (isStream && swapSpec.style === 'delete' && target?.querySelector('.edit, .htmx-request')) swapSpec.style = 'none';
      for (const article of fragment.querySelectorAll('.message')) {
        const known = find(article.id);
        if (known && (isStream ? isSame(known, article) : revision(known) >= revision(article))) article.remove();
      }
    }
  });
  const isSame = (known, article) => isEdited(known) || (!known.ariaBusy && revision(known) === revision(article));
  // Somebody asks in other words: what they have typed is not torn away.
  const isEdited = (article) => article.querySelector('.edit');
  document.addEventListener('htmx:sse:before:connection', (event) => { connection = event.detail.connection; });
  document.addEventListener('htmx:sse:after:connection', found);
  document.addEventListener('htmx:sse:error', lost);
  // The extension repeats a connection that broke, not one that never came about.
  // What a refusal means is told here: followed to where it leads, it would take the page and what is typed in it away.
  // Asked of the document: by then the element may be gone.
  document.addEventListener('htmx:before:response', (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (sourceElement === follow && response.status >= 400) event.preventDefault();
  });
  follow.addEventListener('htmx:finally:request', () => {
    if (follow._htmx?.sse || isOver) return;
    lost();
    setTimeout(() => isOver || htmx.ajax('GET', follow.getAttribute('hx-sse:connect'), { source: follow, swap: 'none' }), pollEvery);
  });
  addEventListener('offline', lost);
  addEventListener('online', () => {
    connection?.delayCanceller?.();
    connection?.reader?.cancel();
  });

  let isLost = false;
  let isPolling = false;
  let isOver = false;

  function found() {
    isLost = false;
    offline.textContent = '';
  }

  async function lost() {
    if (isOver) return;
    isLost = true;
    if (isPolling) return;
    isPolling = true;
    while (isLost) {
      if (!document.hidden) await poll();
      await new Promise((done) => setTimeout(done, pollEvery));
    }
    isPolling = false;
  }

  async function poll() {
    const answer = await fetch(location.pathname + location.search, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(patience) }).catch(() => null);
    const page = answer?.ok ? await answer.text().catch(() => null) : null;
    if (!isLost) return;
    if (answer?.status === 404) return leave('This chat was deleted, here or in another tab.', '/chats', 'Go to your chats');
    if (answer?.redirected) return leave('You are signed out.', `/signin?returnUrl=${encodeURIComponent(location.pathname)}`, 'Sign in again');
    offline.textContent = page === null ? 'Offline. Trying to reconnect; nothing is lost.' : '';
    if (page !== null) show(new DOMParser().parseFromString(page, 'text/html'));
  }

  // The room is not its reader's any more: nothing of it is going to come.
  function leave(why, address, way) {
    isOver = true;
    found();
    follow.remove();
    const notice = make('div', { className: 'notice', role: 'alert' });
    notice.dataset.notice = 'error';
    notice.append(make('span', { textContent: why }), make('a', { className: 'button quiet', href: address, textContent: way }));
    find('notices').replaceChildren(notice);
  }

  function show(page) {
    const fresh = [...page.querySelectorAll('#log > .message')];
    const latest = (articles) => Math.max(...[...articles].map(revision));
    if (fresh.length === 0 || latest(fresh) < latest(log.children)) return;
    page.querySelectorAll('noscript').forEach((frame) => frame.remove());
    hold();
    const number = (article) => Number(article.id.slice(2));
    const older = [...log.children].filter((article) => number(article) < number(fresh[0]));
    log.replaceChildren(...older, ...fresh.map((article) => {
      const known = find(article.id);
      return known && isSame(known, article) ? known : article;
    }));
    for (const id of ['chat-title', 'parent', 'allowance']) {
      const part = page.getElementById(id);
      if (part) find(id)?.replaceWith(part);
    }
    htmx.process(log);
    changed();
    giveBack();
    speak();
  }

  // So much was read upwards that the newest messages had to leave the page: what comes now has no place on it.
  document.addEventListener('room:past', () => {
    isOver = true;
    found();
    follows(false);
    follow.remove();
    newest.replaceWith(make('a', { id: 'to-newest', className: newest.className, href: location.pathname, textContent: newest.textContent }));
  }, { once: true });

  if (following) toEnd();
})();
