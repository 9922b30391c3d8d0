// Formulas in finished messages, out of the TeX that stands there: MathML, set by the browser in the reader's own font. What
// cannot be set stays as it was written. Nothing of a formula reaches the page but the elements, attributes and styles named here.
const longest = 2_000; // characters of a formula
const most = 400; // formulas of a message
const deepest = 60; // elements within each other: browsers lay out each level several times
const largest = 3_000; // elements of a formula
const space = 'http://www.w3.org/1998/Math/MathML';
const named = (names) => new Set(names.split(' '));
const elements = named('math mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle mpadded mphantom msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd menclose');
const attributes = named('display displaystyle scriptlevel mathvariant stretchy fence separator form lspace rspace minsize maxsize largeop movablelimits symmetric accent accentunder linethickness width height depth voffset rowspan columnspan');
const classes = named('tml-left tml-right tml-jot tml-small tml-cancel tml-xcancel upstrike downstrike sout tml-overline tml-underline tml-fbox');
const styles = named('color border borderTop borderBottom borderLeft borderRight padding paddingTop paddingBottom paddingLeft paddingRight textAlign width mathDepth math-depth fontWeight font-weight fontStyle font-style');
// Words of its own would let a formula grow beyond all limits.
const defines = /\\(?:[gex]?def|(?:future)?let|(?:re|provide)?(?:new)?command|global|long|DeclareMathOperator|newenvironment)(?![a-z])/;

const library = Promise.all([
  fetched('script', { src: '/lib/maths/temml.min.js' }),
  fetched('link', { rel: 'stylesheet', href: '/lazy/maths.css' }),
]).then(() => window.temml);

function fetched(tag, what) {
  return new Promise((found, lost) => {
    document.head.append(Object.assign(document.createElement(tag), what, { onload: found, onerror: lost }));
  });
}

const seen = new WeakSet();

export async function set(root) {
  const temml = await library;
  const places = [...root.querySelectorAll('.message:not([aria-busy])')].flatMap((message) => [...message.querySelectorAll('.math')].slice(0, most));
  const added = places.filter((place) => !seen.has(place) && seen.add(place) && put(place, temml));
  for (const place of added.filter(isWide)) {
    place.classList.add('wide');
    place.tabIndex = 0;
  }
}

// Browsers break no line within a formula.
function isWide(place) {
  const body = place.closest('.message-body')?.getBoundingClientRect();
  const math = place.querySelector('math').getBoundingClientRect();
  return body && (math.right > body.right + 1 || math.left < body.left - 1);
}

function put(place, temml) {
  const source = place.textContent;
  const inner = source.startsWith('$') && !source.startsWith('$$') ? source.slice(1, -1) : source.slice(2, -2);
  if (source.length > longest || defines.test(source)) return false;
  try {
    const displayMode = place.matches('div, .display');
    const tree = temml.__renderToMathMLTree(inner, { displayMode, throwOnError: true, trust: false, strict: false, maxExpand: 1000, maxSize: [40, 400] });
    const left = { count: largest };
    const math = built(tree, 0, left);
    if (math.localName !== 'math') return false;
    math.setAttribute('alttext', inner.trim());
    place.replaceChildren(math, written(source), displayMode ? '' : commaAfter(place));
    place.classList.add('set');
    return true;
  } catch {
    return false;
  }
}

// What is copied as text.
function written(source) {
  const tex = document.createElement('span');
  tex.className = 'tex';
  tex.textContent = source;
  return tex;
}

// It stays in the formula's line; browsers would break the line before it.
function commaAfter(place) {
  const next = place.nextSibling;
  const comma = next?.nodeType === Node.TEXT_NODE ? /^[.,;:!?)\]’”…]*/.exec(next.data)[0] : '';
  if (comma) next.deleteData(0, comma.length);
  return comma;
}

function built(node, depth, left) {
  if (node.text !== undefined) return document.createTextNode(node.text);
  if (depth > deepest || left.count-- === 0) throw new RangeError('A formula too large to set.');
  if (node.type === undefined && !node.href && !node.src) return filled(document.createDocumentFragment(), node, depth, left);
  if (!elements.has(node.type)) throw new TypeError(`No <${node.type}> in a formula.`);

  const element = document.createElementNS(space, node.type);
  for (const [name, value] of Object.entries(node.attributes)) if (attributes.has(name)) element.setAttribute(name, value);
  for (const name of node.classes) if (classes.has(name)) element.classList.add(name);
  for (const [name, value] of Object.entries(node.style)) {
    if (!styles.has(name)) continue;
    if (name.includes('-')) element.style.setProperty(name, value);
    else element.style[name] = value;
  }
  return filled(element, node, depth, left);
}

function filled(parent, node, depth, left) {
  for (const child of node.children ?? []) parent.append(built(child, depth + 1, left));
  return parent;
}
