// What is done with a message in its room without a page of its own: copying, quoting, and leaving the form of another wording.
const thanks = 2000; // milliseconds

function leave(event) {
  const form = event.target.closest('.edit');
  event.preventDefault();
  form.closest('.message').querySelector('summary').focus();
  form.remove();
}

// The words as they are read, without those of our own buttons.
function wordsOf(body) {
  body.classList.add('copying');
  const words = body.innerText;
  body.classList.remove('copying');
  return words;
}

// Without a clipboard the link leads to the message's page, where its text stands in a field.
async function copy(event, link) {
  if (!navigator.clipboard) return;
  event.preventDefault();
  link.dataset.words ??= link.textContent;
  await navigator.clipboard.writeText(link.dataset.text ?? wordsOf(link.closest('.message').querySelector('.message-body')));
  link.textContent = 'Copied';
  setTimeout(() => { link.textContent = link.dataset.words; }, thanks);
}

function quote(event, text) {
  const box = document.getElementById('text');
  if (!box) return;
  event.preventDefault();
  box.value = `${box.value && `${box.value.trimEnd()}\n\n`}${text.trimEnd().replace(/^/gm, '> ')}\n\n`;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  box.focus();
}

// A menu at the window's lower edge is brought into it, also when its entries come later.
const edge = new ResizeObserver((menus) => {
  for (const { target } of menus) if (target.closest('[open]')) target.scrollIntoView({ block: 'nearest' });
});
const watch = (menu) => edge.observe(menu.querySelector('div'));
document.querySelectorAll('.message-menu[open]').forEach(watch);
document.addEventListener('toggle', ({ target }) => target.matches('.message-menu') && watch(target), true);

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target.closest('.edit')) leave(event);
});

document.addEventListener('click', (event) => {
  const { target } = event;
  if (target.matches('.edit .cancel')) leave(event);
  const menu = target.closest('.message-menu');
  if (!menu || !target.matches('.message-menu div *')) return;
  if (target.matches('.copy-message')) return copy(event, target);
  if (target.matches('.quote')) quote(event, menu.querySelector('[data-text]').dataset.text);
  menu.open = false;
});
