/** Whether XML 1.0 can hold the character (2.2): not most controls, nor half a surrogate pair. */
function isAllowed(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

/** Text for element content or a double-quoted attribute. What XML cannot hold becomes `?`, as with Windows. */
export function escapeXml(text: string): string {
  const clean = Array.from(text, (c) => (isAllowed(c) ? c : '?')).join('');
  return clean.replace(/[&<>"\r]/g, (c) => NAMED[c] ?? c);
}

/** `<name attributes>content</name>`; `content` is XML already. Attributes are escaped here. */
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

/** `<name>text</name>` with the text escaped. */
export function textElement(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}
