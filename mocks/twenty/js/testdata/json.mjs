// Prints what JSON.parse of this node answers to broken and whole texts, one JSON list a line: the text, the
// message of the error or null, the value as JSON.stringify writes it or null. The first line is node's version.
//
//	node json.mjs COUNT SEED
//
// The same count and seed give the same texts. Half of a surrogate pair becomes U+FFFD, as in a text that is UTF-8.

const [count, seed] = process.argv.slice(2).map(Number)

const bodies = [
  '{"name":"Acme","employees":12,"active":true,"links":[{"url":"https://a.example"},null]}',
  '{"name":"😀 Ünïcode 日本","note":"a\\"b\\\\c\\/d\\n\\u00e9\\ud83d\\ude00","2":[],"1":{},"name":"again"}',
  '[1,-0,0.5,1e3,-2.5E-2,1e400,9007199254740993,true,false,null]',
  ' {\r\n\t"a" : [ { "b" : "c" } , [ ] ] ,\n "d" : { } }\r\n',
  '{"filter":{"not":{"and":[{"id":{"in":["x","y"]}}]}},"__proto__":{"a":1},"4294967295":1,"4294967294":2,"01":3}',
  '[["\\ud800","\\udc00","\\ud800\\u0041","\\udc00\\ud800"],"\u2028\u007f"]',
  '{}', '[]', '"text"', '12', 'null', 'true', '',
]

// What a mutation puts into a text.
const pieces = [
  ...'{}[]:,"\\/-+.eE0189 tfnul', '😀', 'é', '\ufeff', '\u0000', '\u001f', '\t', '\n', '\r', '\r\n', '\u00a0', '\u2028', "'",
  '01', '1e', '1.', '-', '.5', '+1', '0x1', 'NaN', 'Infinity', 'undefined', 'nul', 'tru', 'falsey', '\\u', '\\u12', '\\uD83D',
  '\\uDE00', '\\x', '\\', ',,', '{"', '"}', '/* */', '//', '\\😀', '\\é', '}}', ']]', ' x', '[object Object]', '"a":1', ',"b"', '"c":',
]

// random is mulberry32.
let state = seed >>> 0
function random(below) {
  state = (state + 0x6d2b79f5) >>> 0
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) % below
}

const any = (list) => list[random(list.length)]

function mutate(text) {
  const letters = Array.from(text)
  const at = random(letters.length + 1), more = 1 + random(3)
  switch (random(6)) {
    case 0: letters.splice(at, more); break
    case 1: letters.splice(at, 0, any(pieces)); break
    case 2: letters.splice(at, more, any(pieces)); break
    case 3: letters.splice(at); break
    case 4: letters.splice(at, 0, ...letters.slice(at, at + more)); break
    case 5: letters.splice(0, at); break
  }
  return letters.join('')
}

function* texts() {
  yield* bodies
  yield* pieces
  for (let i = bodies.length + pieces.length; i < count; i++) {
    let text = any(bodies)
    for (let n = 1 + random(2); n > 0; n--) text = mutate(text)
    yield text
  }
}

// An astral letter that a message cuts in half ends as U+FFFD in an answer.
const wellFormed = (value) =>
  typeof value === 'string' ? value.toWellFormed()
    : Array.isArray(value) ? value.map(wellFormed)
      : value && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k.toWellFormed(), wellFormed(v)]))
        : value

console.log(JSON.stringify(process.version))
for (const text of texts()) {
  let error = null, value = null
  try {
    value = JSON.stringify(wellFormed(JSON.parse(text)))
  } catch (e) {
    error = e.message.toWellFormed()
  }
  console.log(JSON.stringify([text, error, value]))
}
