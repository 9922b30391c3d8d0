// The files that are going to be sent: in the field, and in a list with a way to take each off again.
const find = () => document.querySelector('#compose [name=files]');
const side = 80; // pixels of a thumbnail, twice those of the page

let field = find();
let held = []; // the files in the field
let sent = []; // those of them that are on their way

export function take(files) {
  const most = field.dataset.most - document.querySelectorAll('#chosen :not(:checked)[name=detached]').length;
  const [kept, words] = [[...held], []];
  for (const file of files) {
    if (kept.length >= most) words.push(`A message takes ${field.dataset.most} files: “${file.name}” was left out.`);
    else if (kept.reduce((sum, { size }) => sum + size, file.size) > field.dataset.bytes) words.push(`Files of one message have ${field.dataset.bytes / 1e6} MB together at most: “${file.name}” was left out.`);
    else kept.push(file);
  }
  hold(kept);
  say(words.join(' '));
}

function hold(files) {
  held = files;
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  field.files = transfer.files;
  // Megabytes may take longer than words.
  if (files.length) field.form.setAttribute('hx-config', '{"timeout":"600s"}');
  for (const item of document.querySelectorAll('#chosen .new')) item.remove();
  document.getElementById('chosen').append(...files.map(itemOf));
}

function itemOf(file) {
  const item = document.createElement('li');
  item.className = 'file new';
  item.innerHTML = '<span class="file-name" dir="auto"></span> <span class="file-size"></span> <button class="file-remove" type="button">×</button>';
  const [name, size, remove] = item.children;
  name.textContent = file.name;
  size.textContent = file.size < 1e3 ? `${file.size} B` : file.size < 999500 ? `${Math.round(file.size / 1e3)} KB` : `${(file.size / 1e6).toFixed(1)} MB`;
  remove.ariaLabel = `Remove ${file.name}`;
  remove.onclick = () => {
    hold(held.filter((other) => other !== file));
    field.focus();
  };
  if (file.type.startsWith('image/')) thumb(file).then((canvas) => item.prepend(canvas), () => {});
  return item;
}

async function thumb(file) {
  const image = await createImageBitmap(file);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const scale = Math.max(side / image.width, side / image.height);
  canvas.getContext('2d').drawImage(image, (side - image.width * scale) / 2, (side - image.height * scale) / 2, image.width * scale, image.height * scale);
  image.close();
  return canvas;
}

function say(words) {
  if (!words) return;
  const notice = document.createElement('p');
  notice.className = 'notice';
  notice.dataset.notice = 'error';
  notice.role = 'alert';
  notice.textContent = words;
  document.getElementById('notices').replaceChildren(notice);
}

document.addEventListener('htmx:before:request', ({ target }) => {
  if (target.id === 'compose') sent = held;
});

// A fresh box: what was sent is in the message, or stands in the box as kept; what came meanwhile stays.
document.addEventListener('htmx:before:settle', () => {
  if (find() === field) return;
  field = find();
  hold(held.filter((file) => !sent.includes(file)));
});
