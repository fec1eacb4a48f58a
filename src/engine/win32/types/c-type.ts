/**
 * Types of C as data, of fixed width: `long` and `wchar_t` have other sizes on Linux, and the layouts
 * are compared with the compiler's there as well. `void *` has 8 bytes on every system that Refpoint
 * supports.
 */
export type Scalar = 'uint8_t' | 'uint16_t' | 'uint32_t' | 'uint64_t' | 'int32_t' | 'void *';

export type CType = Scalar | CStruct | CArray;

export interface CArray {
  readonly of: Scalar;
  readonly length: number;
}

/** A structure with Windows' name and members in Windows' order. */
export interface CStruct {
  readonly name: string;
  readonly members: Readonly<Record<string, CType>>;
  /** Members of an anonymous union that follows the others. */
  readonly union?: Readonly<Record<string, CType>>;
}
