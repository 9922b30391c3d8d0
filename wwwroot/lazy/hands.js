// Renaming in place, the keys and their sheet: loaded when one of them is used.

const find = (selector) => document.querySelector(selector);
const token = () => find('[name=__RequestVerificationToken]').value;

// Puts a field in the place of a title. Enter and leaving it save, Escape does not; what is refused stays to be mended.
function rename(title, key) {
  if (!title || title.hidden) return;
  const field = Object.assign(document.createElement('input'), { className: 'rename', value: title.firstChild.textContent, maxLength: 120, dir: 'auto', ariaLabel: 'Title' });
  const old = field.value;
  let isOver = false;
  title.hidden = true;
  title.after(field);
  title.closest('li')?.querySelector('details')?.removeAttribute('open');
  field.focus();
  field.select();

  function end(backTo) {
    isOver = true;
    field.remove();
    title.hidden = false;
    if (backTo) title.focus();
  }

  async function save(backTo) {
    if (isOver) return;
    const name = field.value.trim();
    if (name === old) return end(backTo);
    isOver = true;
    const body = new URLSearchParams({ title: name, __RequestVerificationToken: token() });
    const answer = await fetch(`/chats/${key}/settings`, { method: 'POST', body, headers: { 'HX-Request': 'true' } }).catch(() => null);
    if (answer?.ok) {
      title.firstChild.textContent = name;
      end(backTo);
      dispatchEvent(new Event('focus'));
      return;
    }
    isOver = false;
    const page = new DOMParser().parseFromString(await answer?.text() ?? '', 'text/html');
    const parts = [...page.querySelectorAll('hx-partial')].map((part) => part.textContent);
    field.ariaInvalid = 'true';
    field.setCustomValidity(page.querySelector('[data-notice]')?.textContent.trim() || parts[0] || 'The title could not be saved. Try again in a moment.');
    field.reportValidity();
  }

  field.addEventListener('input', () => field.setCustomValidity(''));
  field.addEventListener('blur', () => { if (field.validity.valid) save(false); });
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      field.setCustomValidity('');
      save(true);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      end(true);
    }
  });
}

function step(by) {
  const links = [...document.querySelectorAll('#rail-chats li a')];
  const at = links.findIndex((link) => link.ariaCurrent);
  links[at < 0 ? 0 : at + by]?.click();
}

// The form of the last question's menu, without the menu. What leaves it again comes with the menus.
function edit() {
  const question = [...document.querySelectorAll('article[data-role="user"]')].at(-1);
  const link = question?.querySelector('.message-time');
  if (!link || link.matches('.htmx-request')) return;
  const field = question.querySelector('.edit textarea');
  if (field) return field.focus();
  import('/lazy/actions.js');
  htmx.ajax('GET', `${link.getAttribute('href')}?edit`, { source: link, target: question.querySelector('.message-body'), swap: 'afterend' });
}

const deeds = {
  n: () => find('.rail-new').click(),
  s: () => { location.href = '/history'; },
  '/': () => {
    const box = find('#text');
    box?.focus();
    box?.scrollIntoView({ block: 'nearest' });
  },
  x: () => [...document.querySelectorAll('form[action$="/stop"] button')].at(-1)?.click(),
  e: edit,
  j: () => step(1),
  k: () => step(-1),
  '?': show,
};
deeds.b = deeds['/'];
deeds.h = show;

// What was pressed, clicked or clicked twice.
export function act({ type, key, target }) {
  if (type === 'click') return target.id === 'shortcuts' ? show() : rename(find(`#line-${target.dataset.rename}`), target.dataset.rename);
  if (type === 'dblclick') return rename(target, find('#rail-chats').dataset.current);
  const link = target.closest('[id^="line-"], [id^="rail-"]');
  if (key === 'F2') return link && rename(link, link.id.slice('line-'.length));
  deeds[key.toLowerCase()]?.();
}

// On a Mac these combinations write letters.
const isMac = /Mac|iP/.test(navigator.platform);

const rows = [
  ['New chat', 'n', 'N'], ['Search', 's', 'S'], ['Message box', '/', 'B'], ['Stop the answer', 'x', 'X'], ['Edit your last message', 'e', 'E'],
  ['Next chat', 'j', 'J'], ['Previous chat', 'k', 'K'], ['This sheet', '?', 'H'],
];

function show() {
  let sheet = find('#keys');
  if (!sheet) {
    sheet = document.createElement('dialog');
    sheet.id = 'keys';
    sheet.setAttribute('aria-labelledby', 'keys-title');
    const also = (cell) => isMac ? '' : cell;
    const lines = rows.map(([what, key, letter]) => `<tr><th scope="row">${what}</th><td><kbd>${key}</kbd></td>${
      also(`<td><kbd>Alt</kbd> <kbd>Shift</kbd> <kbd>${letter}</kbd></td>`)}</tr>`).join('');
    sheet.innerHTML = `<h2 id="keys-title">Keyboard shortcuts</h2>
      <table><thead><tr><td></td><th scope="col">Key</th>${also('<th scope="col">Also while you type</th>')}</tr></thead><tbody>${lines}
      <tr><th scope="row">Rename a chat</th><td><kbd>F2</kbd> on its title</td>${also('<td></td>')}</tr></tbody></table>
      <label><input type="checkbox"> Single keys work</label>
      <p class="hint">Turn them off where they get in the way of a screen reader or of voice input.</p>
      <form method="dialog"><button class="button quiet">Close</button></form>`;
    const single = sheet.querySelector('input');
    single.checked = localStorage.keys !== 'off';
    single.addEventListener('change', () => { localStorage.keys = single.checked ? 'on' : 'off'; });
    document.body.append(sheet);
    // Its style comes along with the list's.
    if (!find('link[href*="/lib/list"]')) document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '/lib/list.css', onload: () => show() }));
    else sheet.showModal();
  } else if (sheet.open) sheet.close();
  else sheet.showModal();
}
