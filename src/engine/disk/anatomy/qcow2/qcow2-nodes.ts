import { fieldText } from '../../inspect/field-text.ts';
import { node, type FieldNode } from '../../inspect/model.ts';
import { plain } from '../../inspect/plain.ts';
import type { Qcow2Head } from '../../qcow2/read/read-head.ts';
import { extensionName } from '../../qcow2/structures/header-extensions.ts';
import {
  HEADER_FIELDS,
  HEADER_FIELDS_V3,
  type Qcow2Field,
} from '../../qcow2/structures/header-fields.ts';
import { section } from '../../qcow2/structures/layout.ts';

/** Most bytes of an extension's data that are shown as text. */
const SHOWN = 60;

/** Returns the nodes of the first cluster: header, extensions, name of the backing file. */
export function headNodes(head: Qcow2Head): readonly FieldNode[] {
  const { header, extensions, backing, first } = head;
  const length = header?.headerLength ?? first.length;
  const fields = [...HEADER_FIELDS, ...(header?.version === 2 ? [] : HEADER_FIELDS_V3)];
  const inside = fields.filter(({ offset, size }) => offset + size <= length);
  return [
    node('Header', {
      value: header === undefined ? 'damaged' : `version ${header.version}`,
      at: [0, length],
      state: header === undefined ? 'bad' : 'ok',
      help: `Describes the image (${section('Header')})`,
      children: inside.map((field) => headerNode(field, head)),
    }),
    ...extensions.map(({ type, offset, data }) =>
      node('Header extension', {
        value: extensionName(type),
        at: [offset, 8 + data.length],
        help: `Optional data behind the header (${section('Header extensions')})`,
        children: [
          node('type', { value: `0x${type.toString(16).padStart(8, '0')}`, at: [offset, 4] }),
          node('length', { value: String(data.length), at: [offset + 4, 4] }),
          node('data', { value: textOf(data), at: [offset + 8, data.length] }),
        ],
      }),
    ),
    ...(backing === undefined || header === undefined
      ? []
      : [
          node('Backing file', {
            value: plain(backing.name),
            at: [header.backingOffset, header.backingLength],
            state: backing.path === undefined ? 'bad' : 'ok',
            help: `The image over which this one lies (${section('Header')})`,
          }),
        ]),
  ];
}

function headerNode(field: Qcow2Field, { first, defects }: Qcow2Head): FieldNode {
  const { name, offset, size, help } = field;
  const bad = defects.some((each) => each.offset >= offset && each.offset < offset + size);
  const there = offset + size <= first.length;
  return node(name, {
    value: there ? textOfField(field, first) : '',
    at: [offset, size],
    state: bad ? 'bad' : 'none',
    help: `${help} (${field.section})`,
  });
}

function textOfField(field: Qcow2Field, bytes: Uint8Array): string {
  const { kind } = field;
  if (kind !== 'flags64Be') return fieldText({ ...field, kind, rules: [] }, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value = view.getBigUint64(field.offset);
  const set = Object.entries(field.names ?? {}).flatMap(([bit, name]) =>
    ((value >> BigInt(bit)) & 1n) === 1n ? [name] : [],
  );
  const hex = `0x${value.toString(16)}`;
  return set.length === 0 ? hex : `${hex}: ${set.join(', ')}`;
}

/** Returns the start of text; the number of bytes of anything else. */
function textOf(data: Uint8Array): string {
  const printable = data.length > 0 && data.every((byte) => byte >= 0x20 && byte < 0x7f);
  if (!printable) return `${data.length} bytes`;
  return plain(String.fromCharCode(...data.subarray(0, SHOWN)));
}
