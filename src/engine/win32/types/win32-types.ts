import type { CStruct } from './c-type.ts';

/** Types of Win32 (minwinbase.h, winnt.h, guiddef.h), for x64 and ARM64. */

export const GUID: CStruct = {
  name: 'GUID',
  members: {
    Data1: 'uint32_t',
    Data2: 'uint16_t',
    Data3: 'uint16_t',
    Data4: { of: 'uint8_t', length: 8 },
  },
};

export const OVERLAPPED: CStruct = {
  name: 'OVERLAPPED',
  members: {
    /** NTSTATUS; STATUS_PENDING until the call ends. */
    Internal: 'uint64_t',
    /** Number of bytes that were moved. */
    InternalHigh: 'uint64_t',
    Offset: 'uint32_t',
    OffsetHigh: 'uint32_t',
    hEvent: 'void *',
  },
};

/** LUID is two integers of 4 bytes, so that it is aligned to 4. */
const LUID: CStruct = { name: 'LUID', members: { LowPart: 'uint32_t', HighPart: 'int32_t' } };

const LUID_AND_ATTRIBUTES: CStruct = {
  name: 'LUID_AND_ATTRIBUTES',
  members: { Luid: LUID, Attributes: 'uint32_t' },
};

/** With one privilege, as ours always are. */
export const TOKEN_PRIVILEGES: CStruct = {
  name: 'TOKEN_PRIVILEGES',
  members: { PrivilegeCount: 'uint32_t', Privileges: LUID_AND_ATTRIBUTES },
};
