/** Keeps an English text under a key and answers the `%key%` that stands for it in package.json. */
export type TextOf = (key: string, english: string) => string;

/** Members of a setting's schema whose values people read. */
const TEXTS = ['description', 'markdownDescription', 'patternErrorMessage'];
const LISTS = ['enumDescriptions', 'markdownEnumDescriptions'];

/** A setting's schema with every text in it replaced by its key, at any depth: `setting.hosts.url`. */
export function localised(schema: unknown, key: string, text: TextOf): unknown {
  if (Array.isArray(schema)) return schema;
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]: [string, unknown]) => {
      if (typeof value === 'string' && TEXTS.includes(name)) {
        return [name, text(name === 'description' ? key : `${key}.${name}`, value)];
      }
      if (Array.isArray(value) && LISTS.includes(name)) {
        return [name, value.map((each, i) => text(`${key}.${name}.${i}`, String(each)))];
      }
      const skipped = name === 'properties' || name === 'items';
      return [name, localised(value, skipped ? key : `${key}.${name}`, text)];
    }),
  );
}
