import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import { child, childText } from '../../../../src/engine/cim/xml/xml-element.ts';
import { parseXml } from '../../../../src/engine/cim/xml/xml-reader.ts';
import { element, escapeXml, textElement } from '../../../../src/engine/cim/xml/xml-writer.ts';

test('names are told by namespace, whatever their prefix', () => {
  const root = parseXml(
    '<x:a xmlns:x="urn:1" xmlns="urn:2" x:k="v" k="w"><b/><y:b xmlns:y="urn:1"/></x:a>',
  );
  assert.deepEqual([root.uri, root.local], ['urn:1', 'a']);
  assert.deepEqual(
    [...root.attributes].filter(([name]) => name.endsWith('k')),
    [
      ['{urn:1}k', 'v'],
      ['k', 'w'],
    ],
  );
  assert.equal(child(root, 'b', 'urn:1'), root.children[1]);
  assert.equal(child(root, 'b', 'urn:2'), root.children[0]);
});

test('text is kept with its white space, CDATA and character references', () => {
  const root = parseXml('<a> x <![CDATA[<&]]>&#65;&#x42;&amp;&lt; </a>');
  assert.equal(root.text, ' x <&AB&< ');
  assert.equal(childText(parseXml('<a><b> c </b></a>'), 'b'), 'c');
});

const HOSTILE: readonly (readonly [what: string, text: string, code: string])[] = [
  ['a DOCTYPE', '<!DOCTYPE a><a/>', 'xml.doctype'],
  [
    'entities that grow',
    '<!DOCTYPE a [<!ENTITY b "xxxx"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    'xml.doctype',
  ],
  ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'xml.doctype'],
  ['an unknown entity', '<a>&bomb;</a>', 'xml.syntax'],
  ['an undeclared prefix', '<x:a/>', 'xml.syntax'],
  ['an element that is not closed', '<a><b></a>', 'xml.syntax'],
  ['the end in the middle of a tag', '<a><b', 'xml.syntax'],
  ['two roots', '<a/><b/>', 'xml.syntax'],
  ['nothing', '', 'xml.syntax'],
  ['text alone', 'hello', 'xml.syntax'],
  ['a repeated attribute', '<a k="1" k="2"/>', 'xml.syntax'],
  ['a NUL', '<a>\0</a>', 'xml.syntax'],
  ['a reference to a character that XML has not', '<a>&#0;</a>', 'xml.syntax'],
  ['elements nested too deep', '<a>'.repeat(65), 'xml.limit'],
  [
    'too many attributes',
    `<a ${Array.from({ length: 65 }, (_, i) => `k${i}=""`).join(' ')}/>`,
    'xml.limit',
  ],
];
for (const [what, text, code] of HOSTILE) {
  test(`${what} is refused with ${code}`, () => {
    assert.throws(() => parseXml(text), { code });
  });
}

test('the limits count characters, elements and depth exactly', () => {
  const limits = { characters: 20, depth: 2, elements: 3, attributes: 1 };
  assert.ok(parseXml('<a k="1"><b/><b/></a>'.slice(0, 21).replace('k="1"', 'k=""'), limits));
  assert.throws(() => parseXml('<a><b/><b/><b/></a>', limits), {
    code: 'xml.limit',
    data: { what: 'elements', found: 4, expected: 3 },
  });
  assert.throws(() => parseXml('<a><b><c/></b></a>', limits), { code: 'xml.limit' });
  assert.throws(() => parseXml(`<a>${'x'.repeat(20)}</a>`, limits), { code: 'xml.limit' });
});

test('any text survives writing and reading, but for what XML cannot hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const root = parseXml(
        element('a', { k: text.replace(/[\t\n\r]/g, ' ') }, textElement('b', text)),
      );
      const kept = Array.from(text, (c) => (isXml(c) ? c : '?')).join('');
      assert.equal(child(root, 'b')?.text, kept);
      assert.equal(root.attributes.get('k'), kept.replace(/[\t\n\r]/g, ' '));
    }),
  );
  assert.equal(escapeXml('a\u0001\ud800b'), 'a??b');
});

test('of any bytes nothing but our errors comes', () => {
  const pieces = [
    '<a',
    '>',
    '</a>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?x',
    '?>',
    '&#',
    ';',
    'xmlns:p="u"',
    'p:',
    '"',
    "'",
    '=',
    '<!DOCTYPE',
    '\u0000',
    'é',
    ' ',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 20 }), (list) => {
      try {
        parseXml(list.join(''));
      } catch (error) {
        assert.ok(error instanceof EngineError, String(error));
      }
    }),
    { numRuns: thinned(500) },
  );
});

/** Whether XML 1.0 (2.2) has the character, spelled otherwise than in the writer. */
function isXml(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 32) return '\t\n\r'.includes(character);
  return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff;
}
