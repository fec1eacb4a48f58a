import type { CimInstance } from '../../cim/model.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { ClassTable } from '../wmi/class-table.ts';
import type { Renderer } from './render/render.ts';

/**
 * Renders the part of an instance that a FragmentTransfer header names (DSP0226 7.7): one property,
 * as XPath of level 1 spells it: `Name`, `Name[2]` or `Name/text()`.
 */
export function fragmentOf(
  classes: ClassTable,
  renderer: Renderer,
  instance: CimInstance,
  expression: string,
): string {
  const match = /^\/?([A-Za-z_]\w*)(?:\[(\d{1,5})\])?(\/text\(\))?$/.exec(expression.trim());
  const { name: className, properties } = classes.require(instance.className);
  const wanted = match?.[1]?.toLowerCase();
  const found = properties.find((each) => each.name.toLowerCase() === wanted);
  if (match === null || found === undefined) {
    throw new CimFault('invalidParameter', `${className} has no fragment “${expression}”`);
  }
  const all = renderer.fragment(instance, [found.name]);
  const [, , index, text] = match;
  if (index === undefined && text === undefined) return all;
  const values = Array.from(
    all.matchAll(new RegExp(`<${found.name}>(.*?)</${found.name}>`, 'gs')),
    (each) => each[index === undefined ? 1 : 0] ?? '',
  );
  const chosen = index === undefined ? values.join('') : (values[Number(index) - 1] ?? '');
  return all.replace(/>.*<\/w:XmlFragment>$/s, `>${chosen}</w:XmlFragment>`);
}
