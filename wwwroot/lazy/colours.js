// Colours in finished blocks of code, by the browser's own highlights: the elements stay as they are, so that what is copied,
// followed and swapped is the same with colours and without.
import { tokenizer } from '/lib/code/tokenize.js';

const longest = 20_000; // characters of a block
const grammars = {
  asm: 'asm', bash: 'bash sh shell zsh console shell-session', c: 'c cpp c++ cc h hpp objective-c', css: 'css scss less', csv: 'csv',
  diff: 'diff patch', docker: 'docker dockerfile', go: 'go golang', html: 'html htm svg vue svelte razor cshtml', http: 'http', ini: 'ini properties env conf',
  java: 'java cs csharp c# kotlin kt scala swift dart groovy php', js: 'js javascript jsx mjs cjs node', json: 'json jsonc json5 jsonl', lua: 'lua',
  make: 'make makefile', md: 'md markdown', pl: 'pl perl', py: 'py python python3 ruby rb', rs: 'rs rust', sql: 'sql postgresql mysql sqlite',
  toml: 'toml', ts: 'ts typescript tsx', xml: 'xml xaml', yaml: 'yaml yml',
};
const names = new Map(Object.entries(grammars).flatMap(([file, said]) => said.split(' ').map((name) => [name, file])));
const inks = {
  kwd: 'word', bool: 'word', str: 'text', insert: 'text', cmnt: 'note', num: 'number', func: 'name', class: 'name', section: 'name', type: 'name',
  var: 'name', deleted: 'gone', err: 'gone',
};
const highlights = Object.fromEntries([...new Set(Object.values(inks))].map((ink) => [ink, new Highlight()]));
for (const ink in highlights) CSS.highlights.set(`code-${ink}`, highlights[ink]);

const files = new Map();
function grammar(file) {
  if (!files.has(file)) files.set(file, import(`/lib/code/languages/${file}.js`).then((module) => module.default, () => undefined));
  return files.get(file);
}

const coloured = new Map(); // each block's ranges by ink

export async function colour(root) {
  for (const block of [...coloured.keys()].filter((known) => !known.isConnected)) forget(block);
  for (const block of root.querySelectorAll('.message:not([aria-busy]) .code:has(> figcaption)')) {
    const file = names.get(block.querySelector('figcaption').textContent.toLowerCase());
    const text = block.querySelector('code').firstChild;
    if (coloured.has(block) || !file || !text || text.length > longest) continue;
    coloured.set(block, []);
    await mark(block, text, file);
  }
}

async function mark(block, text, file) {
  let at = 0;
  const ranges = coloured.get(block);
  const steps = tokenizer(text.data, file, (part, type) => {
    if (part && inks[type]) ranges.push([inks[type], new StaticRange({ startContainer: text, startOffset: at, endContainer: text, endOffset: at + part.length })]);
    at += part.length;
  });
  let step = steps.next();
  while (!step.done) step = steps.next(await grammar(step.value));
  for (const [ink, range] of ranges) highlights[ink].add(range);
}

function forget(block) {
  for (const [ink, range] of coloured.get(block)) highlights[ink].delete(range);
  coloured.delete(block);
}
