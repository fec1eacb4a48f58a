/** Formats an HRESULT, or another number of 32 bits, as `0x80042306`. */
export const hresultText = (number: number): string =>
  `0x${(number >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;
