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
  const newest = find('to-newest');

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

  function changed() {
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
  // The answer to a form may arrive after what the stream told of the same message meanwhile: that stays.
  document.addEventListener('htmx:before:swap', ({ detail }) => {
    if (detail.ctx.sourceElement === follow) return;
    for (const { fragment } of detail.tasks) {
      for (const article of fragment.querySelectorAll('.message')) {
        if (find(article.id) && revision(find(article.id)) >= revision(article)) article.remove();
      }
    }
  });
  document.addEventListener('htmx:sse:before:connection', (event) => { connection = event.detail.connection; });
  document.addEventListener('htmx:sse:after:connection', found);
  document.addEventListener('htmx:sse:error', lost);
  // The extension repeats a connection that broke, not one that never came about.
  follow.addEventListener('htmx:finally:request', () => {
    if (follow._htmx?.sse) return;
    lost();
    setTimeout(() => htmx.ajax('GET', follow.getAttribute('hx-sse:connect'), { source: follow, swap: 'none' }), pollEvery);
  });
  addEventListener('offline', lost);
  addEventListener('online', () => {
    connection?.delayCanceller?.();
    connection?.reader?.cancel();
  });

  let isLost = false;
  let isPolling = false;

  function found() {
    isLost = false;
    root.removeAttribute('data-offline');
  }

  async function lost() {
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
    const page = await fetch(location.pathname, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(patience) })
      .then((answer) => answer.ok ? answer.text() : null).catch(() => null);
    if (!isLost) return;
    root.toggleAttribute('data-offline', page === null);
    if (page !== null) show(new DOMParser().parseFromString(page, 'text/html'));
  }

  function show(page) {
    const fresh = [...page.querySelectorAll('#log > .message')];
    const log = find('log');
    const latest = (articles) => Math.max(...[...articles].map(revision));
    if (fresh.length === 0 || latest(fresh) < latest(log.children)) return;
    page.querySelectorAll('noscript').forEach((frame) => frame.remove());
    const number = (article) => Number(article.id.slice(2));
    const older = [...log.children].filter((article) => number(article) < number(fresh[0]));
    log.replaceChildren(...older, ...fresh.map((article) => {
      const known = find(article.id);
      return known && revision(known) === revision(article) && !known.ariaBusy ? known : article;
    }));
    for (const id of ['chat-title', 'parent', 'allowance']) {
      const part = page.getElementById(id);
      if (part) find(id)?.replaceWith(part);
    }
    htmx.process(log);
    changed();
  }

  if (following) toEnd();
})();
