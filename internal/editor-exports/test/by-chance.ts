/** Both refuse these, and name other nodes or exceptions: that depends on the order of Python's sets. */
export const BY_CHANCE = [
  '260 template_contact_sheet-step_3.app: 361:359.duration, a cycle 225.images.image2',
  '291 api_openrouter_grok4_5: 16:6.delimiter, a link to another output 15.source',
];
