// Joins text files into one: join-assets.mjs OUT IN... Our own lose their indentation and the comments that stand on
// lines of their own; what is minified already loses the addresses of source maps that are not served.
import { readFileSync, writeFileSync } from 'node:fs';

const [out, ...parts] = process.argv.slice(2);

function lean(part) {
  const text = readFileSync(part, 'utf8');
  if (part.includes('.min.')) return text.replace(/^\/\/# sourceMappingURL=.*$/gm, '');
  return text.replace(/^\s*\/\*[^]*?\*\/$/gm, '').replace(/^\s*\/\/ .*$/gm, '').replace(/^\s+/gm, '');
}

writeFileSync(out, parts.map((part) => lean(part).trimEnd() + '\n').join(''));
