import type { CimEmbedded, CimReference, CimValue } from '../lab/wmi/repository.ts';

/** Arrays have a method `keys`, so the shape alone does not tell. */
export function isCimReference(value: CimValue | undefined): value is CimReference {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'keys' in value;
}

export function isCimEmbedded(value: CimValue | undefined): value is CimEmbedded {
  return typeof value === 'object' && value !== null && 'embedded' in value;
}
