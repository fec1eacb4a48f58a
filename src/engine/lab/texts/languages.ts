/** Languages in which a lab can name things; a host answers in its own, whatever is asked for. */
export const LAB_LANGUAGES = ['en-US', 'de-DE', 'ja-JP'] as const;

export type LabLanguage = (typeof LAB_LANGUAGES)[number];
