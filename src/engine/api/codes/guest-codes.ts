/** Codes of errors about the contents of a guest's disk. */
export type GuestErrorCode =
  | 'guest.damaged'
  | 'guest.encrypted'
  | 'guest.limit'
  | 'guest.notFile'
  | 'guest.notFolder'
  | 'guest.notFound'
  | 'guest.space'
  | 'guest.unsupported'
  | 'guest.volume';
