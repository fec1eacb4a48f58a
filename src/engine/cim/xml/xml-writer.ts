/**
 * Characters that XML 1.0 forbids (2.2): most controls, halves of surrogate pairs, two
 * non-characters.
 */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

/** Text that is written as it is: most texts, and a large answer has many. */
const PLAIN = /^[ !#-%'-;=?-~]*$/;

/**
 * Escapes text for element content or a double-quoted attribute. Forbidden characters become `?`,
 * as on Windows.
 */
export function escapeXml(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(FORBIDDEN, '?').replace(/[&<>"\r]/g, (c) => NAMED[c] ?? c);
}

/**
 * Formats `<name attributes>content</name>`. `content` must be XML; attributes are escaped here.
 */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content = '',
): string {
  const text = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
    .join('');
  return content === '' ? `<${name}${text}/>` : `<${name}${text}>${content}</${name}>`;
}

/** Formats `<name>text</name>` with the text escaped. */
export function textElement(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}
