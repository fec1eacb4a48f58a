/** Maximum length of a frame that its prefix of 24 bits can state. */
export const MAX_FRAME_BYTES = 0xff_ffff;
