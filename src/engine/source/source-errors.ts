import { defineErrors } from '../base/errors.ts';

export const sourceError = defineErrors({
  'source.range': { permanent: true },
  'source.short': { permanent: true, damage: true },
  'source.notFound': { permanent: true, userFixable: true },
  /** A folder or a device where a file was expected. */
  'source.notFile': { permanent: true, userFixable: true },
  /** A file where a folder was expected. */
  'source.notFolder': { permanent: true, userFixable: true },
  /** A name that this operating system does not allow. */
  'source.name': { permanent: true, userFixable: true },
  'source.exists': { permanent: true, userFixable: true },
  'source.denied': { permanent: true, userFixable: true },
  'source.full': { userFixable: true },
  'source.busy': { userFixable: true },
  'source.io': {},
  'source.closed': { permanent: true },
  /** Injected on purpose. */
  'source.fault': {},
});
