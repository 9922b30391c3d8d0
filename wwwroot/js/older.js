// Older messages come by themselves before their reader gets to them. Nothing moves under their eyes, and the page does not
// grow without bound: beyond so many articles the newest leave it, with a way back to them.
(() => {
  const most = 400; // articles
  const ahead = '600px'; // above the view
  const log = document.getElementById('log');
  const all = (where) => [...where.querySelectorAll('.older')];
  let isLoading = false;

  const watch = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && load(), { rootMargin: ahead });
  const older = () => all(document).at(-1);
  if (!log || !older()) return;

  async function load() {
    const place = older();
    if (isLoading || !place) return;
    isLoading = true;
    const answer = await fetch(place.firstElementChild.href, { headers: { Accept: 'text/html' } }).catch(() => null);
    const text = answer?.ok && !answer.redirected && await answer.text().catch(() => '');
    isLoading = false;
    // Without it there is still the link.
    if (text && place.isConnected) show(new DOMParser().parseFromString(text, 'text/html'), place);
  }

  function show(page, place) {
    const first = log.querySelector('.message');
    const articles = [...page.querySelectorAll('#log > .message')].filter((article) => !document.getElementById(article.id));
    if (!first || !articles.length) return;
    // What is for browsers without scripts would load its frames here.
    articles.forEach((article) => article.querySelector('noscript')?.remove());
    const was = first.getBoundingClientRect().top;
    first.before(...articles);
    all(document).slice(0, -1).forEach((stale) => stale.remove());
    const next = all(page).at(-1)?.firstElementChild;
    if (next) place.firstElementChild.href = next.href;
    else leave(place, articles[0]);
    // Where the browser has done so already, that is nothing.
    scrollBy({ top: first.getBoundingClientRect().top - was, behavior: 'instant' });
    trim();
    htmx.process(log);
    watch.disconnect();
    if (next) watch.observe(place);
  }

  // The link may be what has the focus.
  function leave(place, article) {
    const had = place.contains(document.activeElement);
    place.remove();
    if (had) article.querySelector('a').focus({ preventScroll: true });
  }

  function trim() {
    const gone = [...log.querySelectorAll('.message')].slice(most);
    if (!gone.length || gone.some((article) => article.contains(document.activeElement))) return;
    const newest = document.querySelector('.newest') ?? document.createElement('p');
    const back = newest.querySelector('a:last-child')?.href ?? location.pathname;
    newest.className = 'newest';
    newest.innerHTML = '<a class="button quiet" rel="next">Newer messages</a><a class="button">Newest messages</a>';
    newest.firstChild.href = `?at=${gone[0].id.slice(2)}#${gone[0].id}`;
    newest.lastChild.href = back;
    gone.forEach((article) => article.remove());
    log.after(newest);
    document.dispatchEvent(new Event('room:past'));
  }

  // Sent from a page that lacks the newest messages, a question leads to the page that has them.
  document.addEventListener('room:past', () => document.addEventListener('submit', (event) => {
    if (event.target.id === 'compose') event.stopPropagation();
  }, true), { once: true });

  watch.observe(older());
})();
