/* eslint-disable no-control-regex -- control characters are what has to be escaped */
// What fastjson escapes: the quote, the backslash, control characters of both sets, the line separators; here also
// lone surrogates, which UTF-8 can't say. The first expression only asks whether there is anything to look at.
const SPECIAL = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;
const SPECIAL_ALL =
  /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const NOT_ASCII = /["\\\u0000-\u001f\u007f-\uffff]/g;
/* eslint-enable no-control-regex */
const SHORT = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escape(character: string): string {
  return SHORT.get(character) ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** For bytes 0 to 127: the escape, or an empty text for what stands for itself. */
const ASCII = Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return SPECIAL.test(character) ? escape(character) : '';
});

/**
 * The text as a JSON string, quotes included, with the escapes fastjson writes: everything beyond ASCII stays as it is,
 * except control characters, line separators and lone surrogates.
 */
export function quoteJson(text: string): string {
  let result = '"';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7e) return SPECIAL.test(text) ? `"${text.replace(SPECIAL_ALL, escape)}"` : `"${text}"`;
    const escaped = ASCII[code] ?? '';
    if (escaped === '') continue;
    result += text.slice(from, i) + escaped;
    from = i + 1;
  }
  return from === 0 ? `"${text}"` : `${result}${text.slice(from)}"`;
}

/** The text as a JSON string of ASCII alone, as fastjson's browser-compatible form writes it. */
export function quoteAscii(text: string): string {
  return `"${text.replace(NOT_ASCII, escape)}"`;
}
