/** Equals the version in package.json; a test of the repository compares them. */
export const VERSION = '0.1.0';
