import type { CimEmbedded, CimValue } from '../../../cim/model.ts';
import { escapeNumeric } from '../../../cim/cim-xml.ts';
import { escapeXml } from '../../../cim/xml/xml-writer.ts';
import type { ClassTable } from '../../wmi/class-table.ts';
import type { CimPropertyDeclaration } from '../../wmi/repository.ts';
import { sortedByName } from './render-shapes.ts';

/** Renders an instance as CIM-XML text; unset properties appear without a value, as on Windows. */
export function renderCimXml(classes: ClassTable, { embedded }: CimEmbedded): string {
  const { name, properties } = classes.require(embedded.className);
  const content = sortedByName(properties).map((p) =>
    cimXmlProperty(p, embedded.properties.get(p.name)),
  );
  return `<INSTANCE CLASSNAME="${name}">${content.join('')}</INSTANCE>`;
}

function cimXmlProperty(declaration: CimPropertyDeclaration, value: CimValue | undefined): string {
  const type = declaration.type === 'interval' ? 'datetime' : declaration.type;
  const head = `NAME="${escapeXml(declaration.name)}" PROPAGATED="true" TYPE="${type}"`;
  if (declaration.array === true) {
    const values = Array.isArray(value) ? (value as readonly CimValue[]).map(cimXmlValue) : [];
    const content = values.length === 0 ? '' : `<VALUE.ARRAY>${values.join('')}</VALUE.ARRAY>`;
    return `<PROPERTY.ARRAY ${head}>${content}</PROPERTY.ARRAY>`;
  }
  const content = value === undefined || value === null ? '' : cimXmlValue(value);
  return `<PROPERTY ${head}>${content}</PROPERTY>`;
}

function cimXmlValue(value: CimValue): string {
  if (typeof value === 'object') return '<VALUE></VALUE>';
  const text = typeof value === 'boolean' ? String(value).toUpperCase() : String(value);
  return `<VALUE>${escapeNumeric(text)}</VALUE>`;
}
